"""The parts of ``docs/data-model.md`` that are made from the code; ``make docs`` writes them anew."""

import json
import re
from decimal import Decimal
from typing import Any

from addresses.address import parse
from addresses.archive import Direction, Entry, Envelope, Message, RawObject
from addresses.items import (
    address_write,
    entry_item,
    mailbox_write,
    message_item,
    settings_item,
)
from addresses.mailbox import MANUAL, Alias, Mailbox, MailboxId, Primacy, Profile, RunId, Status, directory_source
from addresses.mailbox import AddressState as State
from addresses.mailbox import TenureStart as Start
from addresses.outcome import Outcome, Verdict
from addresses.run import Run, RunStatus, run_item, steps_item
from addresses.settings import Settings
from addresses.step import Link, Ref
from addresses.table import Item, Write
from local import ROOT, template
from tests.access_patterns import EVERY, measured
from tests.meter import in_words

PAGE = ROOT / "docs" / "data-model.md"

ALICE, ALIAS = parse("alice@example.com"), parse("a.jones@example.com")
ID, BEFORE = MailboxId("7a83cfed-007e-46e9-97d4-da05dc0386fc"), MailboxId("955f0435-5913-43ce-b971-c1332fc1936b")
RUN, FIRST = RunId("20260301T093000Z-5db3200219e4"), RunId("20250110T080000Z-6d5f04eb6ab8")
AT, THEN, BETWEEN = (f"{day}.000000Z" for day in ("2026-03-01T09:30:00", "2025-01-10T08:00:00", "2025-12-31T17:00:00"))
DIGEST = "8d74beec1be996322ad76813bafb92d40839895d6dd7ee808b17ca201eac98be"
ENTRY = Entry(ALIAS, "2026-03-02T10:15:00Z", DIGEST, Direction.RECEIVED, "bob@example.net", (ALIAS,), "Lunch?", 4711)


def examples() -> dict[str, Item]:
    """An item of each kind, as the code writes it."""
    by_hand = Run(RUN, "manual", MANUAL, "admin@example.com", AT, "0b1c" * 16)
    done = [Outcome(Link(Ref(ID, ALICE), ALIAS), Verdict.APPLIED)]
    mailbox = Mailbox(
        ID,
        Status.OPEN,
        ALICE,
        Profile("Alice Jones", "corp", "5f0f2b8a-9c1d-4e57-8f0e-2a3b4c5d6e7f"),
        directory_source("corp"),
        {ALIAS: Alias(MANUAL, AT)},
        (Primacy(ALICE, THEN, directory_source("corp"), FIRST),),
        2,
    )
    starts = (Start(BEFORE, THEN, MANUAL, FIRST), Start(None, BETWEEN, MANUAL, FIRST), Start(ID, AT, MANUAL, RUN))
    message = Message(
        DIGEST,
        ENTRY.received_at,
        RawObject("alias-addresses-mail-123456789012-0a1b2c3d", "inbound/ses/o3vrnil0e2ic28tr", "3HL4kqtJlcpXroDTDmJ"),
        ENTRY.size,
        ENTRY.sender,
        ENTRY.to,
        ENTRY.subject,
        "<1@example.net>",
        "Mon, 02 Mar 2026 10:14:58 +0000",
        Envelope("bob@example.net", (ALIAS,)),
    )
    return {
        "Address": _written(address_write(State(ALIAS, starts, 3))),
        "Mailbox": _written(mailbox_write(mailbox)),
        "Run": run_item(by_hand, done, RunStatus.APPLIED, AT),
        "Steps of a run": steps_item(by_hand, 0, done),
        "Message": message_item(message),
        "Archive entry": entry_item(ENTRY),
        "Settings": settings_item(Settings(internal_domains=["example.com", "example.org"])),
    }


def _written(write: Write) -> Item:
    pk, sk = write.key
    return {"pk": pk, "sk": sk, **write.attributes, "version": write.version_read + 1}


def sections() -> dict[str, str]:
    """Each generated part of the page, by the name that its marker gives it."""
    items = {name: f"```json\n{json.dumps(_shown(item), indent=2)}\n```" for name, item in examples().items()}
    return {**items, "Indexes": _indexes(), **{title: _table(title) for title in EVERY}}


def _shown(item: Item) -> Item:
    """Attributes without a value are not stored; numbers are plain."""
    return {
        name: int(value) if isinstance(value, Decimal) else value for name, value in item.items() if value is not None
    }


def _indexes() -> str:
    table: dict[str, Any] = template.load()["Resources"]["Table"]["Properties"]
    lines = ["| index | partition key | sort key | holds |", "|---|---|---|---|"]
    for index in table["GlobalSecondaryIndexes"]:
        hashed, ranged = (key["AttributeName"] for key in index["KeySchema"])
        lines.append(f"| `{index['IndexName']}` | `{hashed}` | `{ranged}` | {index['Projection']['ProjectionType']} |")
    return "\n".join([*lines, "", f"TTL: `{table['TimeToLiveSpecification']['AttributeName']}`."])


def _table(title: str) -> str:
    lines = ["| asked by | case | calls, with their units | read | written |", "|---|---|---|---|---|"]
    for each in measured(EVERY[title]):
        read = sum(call.read for call in each.calls)
        written = sum(call.written + sum(call.indexed.values()) for call in each.calls)
        calls = in_words(each.calls)
        lines.append(f"| `{each.pattern.who}` | {each.pattern.case} | {calls} | {read:g} | {written:g} |")
    return "\n".join(lines)


def filled(page: str, parts: dict[str, str]) -> str:
    """The page with each part between its markers, ``<!-- name -->`` and ``<!-- end -->``."""

    def part(found: re.Match[str]) -> str:
        return f"<!-- {found[1]} -->\n{parts[found[1]]}\n<!-- end -->"

    return re.sub(r"<!-- ([\w ]+) -->\n.*?<!-- end -->", part, page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), sections()), encoding="utf-8")
