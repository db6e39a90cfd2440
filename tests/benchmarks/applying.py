"""Carrying out a plan: the units that it takes, and how fast the client can be."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import batched
from typing import Any
from unittest.mock import patch

from addresses.address import Address
from addresses.apply import Transaction, apply_transaction
from addresses.batches import batches
from addresses.items import mailbox_write
from addresses.mailbox import RunId, directory_source
from addresses.outcome import Verdict
from addresses.run import Run, RunKind
from addresses.step import Link, Ref, Step
from addresses.table import connected
from tests.benchmarks import organisation
from tests.benchmarks.canned import Canned, body
from tests.benchmarks.row import Row, at_least, cpu
from tests.capacity import item_size, stored, write_units
from tests.metered import written

PEOPLE = 5_000
NOW = datetime(2026, 3, 2, tzinfo=UTC)
RUN = Run(
    RunId("20260302T000000-2f7c1d8a"),
    RunKind.SYNC,
    directory_source(organisation.DIRECTORY),
    "schedule",
    "2026-03-02T00:00:00.000000Z",
    digest="0" * 64,
)


class Book:
    """The table: everybody's mailbox, and addresses that nobody has met. It remembers the transactions."""

    def __init__(self) -> None:
        """Everybody is there."""
        found = [organisation.mailbox(each) for each in organisation.entries(PEOPLE)]
        self.mailboxes = {f"MAILBOX#{each.id}": stored(written(mailbox_write(each))) for each in found}
        self.steps: list[Step] = [
            Link(Ref(each.id, each.primary), Address(f"n{number:07}@example.com")) for number, each in enumerate(found)
        ]
        self.transactions: list[list[Any]] = []

    def answer(self, operation: str, request: bytes) -> bytes:
        """What is asked for, and yes."""
        if operation == "BatchGetItem":
            keys = json.loads(request)["RequestItems"]["table"]["Keys"]
            items = [self.mailboxes[key["pk"]["S"]] for key in keys if key["pk"]["S"] in self.mailboxes]
            return body({"Responses": {"table": items}})
        self.transactions.append(json.loads(request)["TransactItems"])
        return b"{}"


def rows() -> Iterator[Row]:
    """A new alias for each of 5,000 people."""
    book = Book()
    canned = Canned(book.answer)
    with patch("boto3.client", canned.client):
        table = connected("table")
    grouped = batches(book.steps)

    def carry_out() -> None:
        for number, batch in enumerate(grouped):
            outcomes = apply_transaction(table, Transaction(RUN, 0, number, batch), lambda: NOW)
            assert all(each.verdict is Verdict.APPLIED for each in outcomes)

    took = cpu(carry_out)
    calls = dict(canned.calls)
    writes = [request for items in book.transactions for request in items]
    changed = [each["Update"] for each in writes if "Update" in each]
    records = [each["Put"]["Item"] for each in writes if "Put" in each]
    assert 2 * PEOPLE == len(changed), "a link changes a mailbox and an address"
    fewest, recorded = 2 * sum(map(_units, changed)), 2 * sum(write_units(None, each) for each in records)
    work = f"apply {len(book.steps):,} links"
    share = f"{(fewest + recorded) / fewest:.2f} x"
    yield Row(
        f"{work}: units of writing",
        f"{fewest + recorded:,}, {recorded:,} of them for the record of what was done",
        f"the changed items, each once, in transactions: {fewest:,}",
        share,
        "1 x, and the record",
        calls["TransactWriteItems"] == len(records) == len(grouped),
    )
    again = [list(each) for each in batched([{"Update": each} for each in changed], 100, strict=False)]
    client = canned.client("dynamodb")

    def write_alone() -> None:
        for items in again:
            client.transact_write_items(TransactItems=items)

    peer = "botocore, writing the same items 100 at a time, nothing read or decided"
    yield at_least(f"{work}: items", len(changed) / took, peer, len(changed) / cpu(write_alone), 0.8)


def _units(update: Any) -> int:
    """What an update costs outside a transaction; all attributes of these items are among its values."""
    values = update["ExpressionAttributeValues"]
    names = {name: update["ExpressionAttributeNames"][f"#{name[1:]}"] for name in values if name[1:].isdigit()}
    item = {**update["Key"], **{names[name]: values[name] for name in names}, "version": values[":version"]}
    assert item_size(item) > 0
    return write_units(None, item)
