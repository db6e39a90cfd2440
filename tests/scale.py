"""What a month costs, from 1,000 mailboxes to 10,000,000: the tables of ``docs/scale.md``, which ``make docs`` writes.

Units come from what is counted: the rows of ``docs/data-model.md`` and the sizes of items. Prices do not: they are
those of us-east-1, without free tiers and discounts; look them up before you rely on a figure.
"""

import re
from dataclasses import dataclass
from functools import cache

from addresses.address import Address
from addresses.archive import Direction, Entry, Message, RawObject
from addresses.items import entry_item, mailbox_write, message_item
from local import ROOT
from tests.benchmarks import organisation
from tests.capacity import READ_UNIT, item_size, stored
from tests.data_model import PAGE as COUNTED
from tests.data_model import filled, table
from tests.metered import written

PAGE = ROOT / "docs" / "scale.md"

# Dollars.
WRITE_UNITS, READ_UNITS = 0.625e-6, 0.125e-6
TABLE_GB, RECOVERY_GB, BUCKET_GB = 0.25, 0.20, 0.023
BUCKET_PUT, BUCKET_GET = 5e-6, 0.4e-6
LAMBDA_REQUEST, LAMBDA_GB_SECOND = 0.2e-6, 13.3334e-6
QUEUE_REQUEST, API_REQUEST, LOG_GB, TRANSITION = 0.4e-6, 1e-6, 0.5, 25e-6
WATCHING = 35 * 0.10 + 3  # the alarms and the dashboard

# An organisation, as long as nothing is known of it.
RECIPIENTS, MESSAGE_KB, MONTHS_KEPT = 2, 75, 36
ADDRESSES = 3.35
CHANGED_A_DAY = 0.001
PAGES_READ = 20
# DynamoDB adds so many bytes to each item that it stores.
OVERHEAD = 100
LOGGED_BYTES = 600
# Seconds of a function for a batch of 10 messages, most of which it waits: not measured on AWS.
SECONDS_A_BATCH = 1.0
SYNCS = 30 * 24 * 4
# Of a function to read and compare one mailbox: 80 us by `make bench`, on faster cores than Lambda's.
SECONDS_A_MAILBOX = 120e-6
SIZES = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)


@cache
def counted(who: str, case: str) -> tuple[float, float]:
    """The units of reading and writing that the data model's page has for this."""
    row = rf"\| `{re.escape(who)}` \| {re.escape(case)} \| .* \| ([\d.]+) \| (\d+) \|"
    found = re.search(row, COUNTED.read_text(encoding="utf-8"))
    assert found, f"{COUNTED.name} has no row of {who}: {case}"
    return float(found[1]), float(found[2])


@dataclass(frozen=True)
class Organisation:
    """So many mailboxes, a thousand messages kept for each, of which a part came this month."""

    mailboxes: int

    @property
    def kept(self) -> int:
        """Messages in the archive."""
        return 1000 * self.mailboxes

    @property
    def arriving(self) -> float:
        """Messages in a month."""
        return self.kept / MONTHS_KEPT

    def month(self) -> dict[str, float]:
        """Dollars, by what they are for."""
        return {
            "mail coming in": self._mail(),
            "messages kept in S3": self.kept * MESSAGE_KB * BUCKET_GB / 1e6,
            "entries kept in DynamoDB": self._entries() * (TABLE_GB + RECOVERY_GB),
            "directory sync": self._sync(),
            "archives being read": self._reading(),
            "alarms and dashboard": WATCHING,
        }

    def _mail(self) -> float:
        read, one = counted("mail_ingest", "1 recipient, met before")
        _, thirty = counted("mail_ingest", "30 recipients, met before")
        units = one + (RECIPIENTS - 1) * (thirty - one) / 29
        batches = self.arriving / 10
        message = units * WRITE_UNITS + BUCKET_PUT + BUCKET_GET + QUEUE_REQUEST + LOGGED_BYTES * LOG_GB / 1e9
        batch = read * READ_UNITS + 2 * QUEUE_REQUEST + LAMBDA_REQUEST + SECONDS_A_BATCH * LAMBDA_GB_SECOND
        return self.arriving * message + batches * batch

    def _entries(self) -> float:
        """Gigabytes."""
        return self.kept * (message_bytes() + RECIPIENTS * entry_bytes()) / 1e9

    def _sync(self) -> float:
        idle_read, idle_written = counted("directory_sync", "changes, none")
        whole_read = self.mailboxes * mailbox_units()
        changed = 30 * CHANGED_A_DAY * self.mailboxes
        _, applied = counted("apply_plan", "a part: 40 mailboxes opened, 40 aliases linked")
        units = (SYNCS * idle_read + 30 * whole_read, SYNCS * idle_written + changed * applied / 80)
        seconds = SYNCS * 3 + 30 * self.mailboxes * SECONDS_A_MAILBOX
        lambdas = seconds * 3 * LAMBDA_GB_SECOND + SYNCS * 2 * LAMBDA_REQUEST
        return units[0] * READ_UNITS + units[1] * WRITE_UNITS + lambdas + SYNCS * 4 * TRANSITION

    def _reading(self) -> float:
        read, _ = counted("GET /archive", "3 addresses, page of 50")
        pages = self.mailboxes * PAGES_READ
        return pages * (read * READ_UNITS + API_REQUEST + LAMBDA_REQUEST + 0.1 * LAMBDA_GB_SECOND)


@cache
def mailbox_units() -> float:
    """What it costs to read one mailbox by the index."""
    item = stored(written(mailbox_write(organisation.mailbox(organisation.entry(0)))))
    return item_size(item) / READ_UNIT / 2


ALICE = Address("person0000000@example.com")


@cache
def entry_bytes() -> int:
    """What one entry takes in the table."""
    to = (ALICE, "person0000001@example.com")
    entry = Entry(
        ALICE, "2026-03-01T09:00:00Z", "0" * 64, Direction.RECEIVED, "bob@example.org", to, "Minutes of March", 5
    )
    return item_size(stored(entry_item(entry))) + OVERHEAD


@cache
def message_bytes() -> int:
    """What one message takes in the table."""
    message = Message(
        digest="0" * 64,
        received_at="2026-03-01T09:00:00Z",
        raw=RawObject("alias-addresses-mail", "inbound/2026/03/01/" + "0" * 32, "0" * 32),
        size=75_000,
        sender="bob@example.org",
        to=(ALICE, "person0000001@example.com"),
        subject="Minutes of March",
        message_id="<0123456789abcdef@example.org>",
        date="Sun, 01 Mar 2026 10:29:58 +0100",
    )
    return item_size(stored(message_item(message))) + OVERHEAD


def sections() -> dict[str, str]:
    """Each part of the page that is computed."""
    months = [Organisation(each).month() for each in SIZES]
    head = ("dollars a month", *(f"{each:,} mailboxes" for each in SIZES))
    rows = [(what, *(_dollars(month[what]) for month in months)) for what in months[0]]
    total = ("**all**", *(f"**{_dollars(sum(month.values()))}**" for month in months))
    each = ("a mailbox", *(f"{sum(month.values()) / size:.3f}" for month, size in zip(months, SIZES, strict=True)))
    kept = ("messages kept", *(f"{Organisation(size).kept:,}" for size in SIZES))
    return {"Month": table(head, kept, *rows, total, each)}


def _dollars(amount: float) -> str:
    return f"{amount:,.2f}" if amount < 100 else f"{amount:,.0f}"


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), sections()), encoding="utf-8")
