"""An item of each kind, as the code writes it, for ``docs/data-model.md``."""

from addresses.address import parse
from addresses.archive import Direction, Entry, Envelope, Message, RawObject
from addresses.items import address_write, entry_item, mailbox_write, message_item, new_address, settings_item
from addresses.mailbox import (
    MANUAL,
    AddressState,
    Alias,
    Mailbox,
    MailboxId,
    Primacy,
    Profile,
    RunId,
    Source,
    Stamp,
    Status,
    TenureStart,
    directory_mailbox_id,
    directory_source,
)
from addresses.outcome import Outcome, Verdict
from addresses.plan import in_order
from addresses.run import Run, RunStatus, run_item, steps_item
from addresses.settings import Settings
from addresses.step import Link, Ref
from addresses.table import Item
from tests.metered import written

ALICE, ALLY, BOB = (parse(f"{name}@example.com") for name in ("alice", "ally", "bob"))
CORP = directory_source("corp")
ENTRY_OF_CORP = "5f0f2b8a-9c1d-4e57-8f0e-2a3b4c5d6e7f"
ID, FORMER = directory_mailbox_id("corp", ENTRY_OF_CORP), MailboxId("955f0435-5913-43ce-b971-c1332fc1936b")
DIGEST = "8d74beec1be996322ad76813bafb92d40839895d6dd7ee808b17ca201eac98be"


def _stamp(source: Source, run: str, at: str) -> Stamp:
    return Stamp(source, RunId(run), at)


OPENED = _stamp(CORP, "20250110T080000Z-6d5f04eb6ab8", "2025-01-10T08:00:00.000000Z")
FREED = _stamp(MANUAL, "20251231T170000Z-02c7a99fd1e3", "2025-12-31T17:00:00.000000Z")
LINKED = _stamp(MANUAL, "20260301T093000Z-5db3200219e4", "2026-03-01T09:30:00.000000Z")


def start(mailbox: MailboxId | None, stamp: Stamp) -> TenureStart:
    """From then on the address belonged to this mailbox, or to none."""
    return TenureStart(mailbox, stamp.at, stamp.source, stamp.run)


ADDRESS = AddressState(ALLY, (start(FORMER, OPENED), start(None, FREED), start(ID, LINKED)), 2)
REIGN = Primacy(ALICE, OPENED.at, OPENED.source, OPENED.run)
ALIAS = Alias(LINKED.source, LINKED.at)
MAILBOX = Mailbox(ID, Status.OPEN, ALICE, Profile("Alice", "corp", ENTRY_OF_CORP), CORP, {ALLY: ALIAS}, (REIGN,), 1)
PLAN = in_order(MANUAL, [Link(Ref(ID, ALICE), ALLY)])
DONE = [Outcome(step, Verdict.APPLIED) for step in PLAN.steps]
RUN = Run(LINKED.run, "manual", MANUAL, "admin@example.com", LINKED.at, PLAN.digest)
MESSAGE = Message(
    DIGEST,
    "2026-03-02T10:15:00Z",
    RawObject("alias-addresses-mail-123456789012-0a1b2c3d", "inbound/ses/o3vrnil0e2ic28tr", "3HL4kqtJlcpXroDTDmJ"),
    4711,
    BOB,
    (ALLY,),
    "Minutes",
    "<1@example.com>",
    "Mon, 02 Mar 2026 10:14:58 +0000",
    Envelope(BOB, (ALLY,)),
)
ENTRY = Entry(ALLY, MESSAGE.received_at, DIGEST, Direction.RECEIVED, BOB, MESSAGE.to, MESSAGE.subject, MESSAGE.size)
SETTINGS = Settings(internal_domains=["example.com", "example.net"], subaddress_delimiter={"example.com": "+"})

EXAMPLES: dict[str, Item] = {
    "Address": written(address_write(ADDRESS)),
    "Address that belongs to nobody": new_address(BOB),
    "Mailbox": written(mailbox_write(MAILBOX)),
    "Run": run_item(RUN, DONE, RunStatus.APPLIED, LINKED.at),
    "Steps of a run": steps_item(RUN, 0, DONE),
    "Message": message_item(MESSAGE),
    "Archive entry": entry_item(ENTRY),
    "Settings": settings_item(SETTINGS),
}
