"""Addresses are read first and their mailboxes after them; whoever writes in between confuses nobody."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

import boto3
import pytest
from moto import mock_aws

from addresses.address import Address
from addresses.apply import apply
from addresses.book import read_holders, read_past
from addresses.errors import Unfinished
from addresses.mailbox import MANUAL, Existing, Profile, RunId
from addresses.outcome import Verdict
from addresses.run import Run, RunKind
from addresses.step import Close, Link, Open, Relink, Step, Unlink
from addresses.table import Table
from spreadsheet_import import gathering
from spreadsheet_import.asked import AskedRow
from tests.people import A1, ALICE, B1, BOB, ref
from tests.table import Interrupted, create_table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

M_ALICE, M_BOB = ref("m-alice", ALICE), ref("m-bob", BOB)
START: list[Step] = [Open(M_ALICE, Profile()), Open(M_BOB, Profile()), Link(M_ALICE, A1)]
READERS: list[Callable[[Table, Address], Existing]] = [lambda table, each: read_holders(table, [each]), read_past]


@pytest.fixture
def client() -> "Iterator[DynamoDBClient]":
    """DynamoDB, as moto has it."""
    with mock_aws():
        yield boto3.client("dynamodb")


def nothing() -> None:
    """Nobody writes before the next reading."""


def carry_out(table: Table, *steps: Step) -> None:
    """Each of the steps is applied, in a run of its own."""
    for step in steps:
        run = Run(RunId(uuid4().hex), RunKind.MANUAL, MANUAL, ALICE, "2026-03-01T00:00:00.000000Z", digest="digest")
        [outcome] = apply(table, run, [step], lambda: datetime(2026, 3, 1, tzinfo=UTC))
        assert outcome.verdict is Verdict.APPLIED


@pytest.fixture
def table(client: "DynamoDBClient") -> Table:
    """Alice has the alias a1; Bob has none."""
    table = create_table(client, "addresses")
    carry_out(table, *START)
    return table


@pytest.fixture
def reader(client: "DynamoDBClient") -> Interrupted:
    """The same table, read by somebody whom nobody interrupts yet."""
    return Interrupted(client, "addresses")


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    ("meanwhile", "holder"),
    [
        ([Relink(A1, M_ALICE, M_BOB)], BOB),
        ([Unlink(M_ALICE, A1)], None),
        ([Unlink(M_ALICE, A1), Close(M_ALICE)], None),
        ([Open(ref("m-a1", A1), Profile(), M_ALICE)], A1),
    ],
    ids=["relinked", "unlinked", "closed", "promoted"],
)
def test_an_address_that_moves_between_two_reads_is_where_it_moved_to(
    table: Table,
    reader: Interrupted,
    read: Callable[[Table, Address], Existing],
    meanwhile: list[Step],
    holder: Address | None,
) -> None:
    """Never with the mailbox that it has left."""
    reader.others = [partial(carry_out, table, *meanwhile)]
    found = read(reader, A1).holder(A1)
    assert holder == (found.primary if found else None)
    assert found is None or A1 in found.addresses


def test_who_was_read_with_a_mailbox_that_is_read_again_is_read_again_too(table: Table, reader: Interrupted) -> None:
    """b1 leaves Bob while a1, which has come to Bob, is looked up for the second time."""
    carry_out(table, Link(M_BOB, B1))
    come, gone = Relink(A1, M_ALICE, M_BOB), Relink(B1, M_BOB, M_ALICE)
    reader.others = [partial(carry_out, table, come), nothing, partial(carry_out, table, gone)]
    existing = read_holders(reader, [A1, B1])
    holders = {address: existing.holder(address) for address in (A1, B1)}
    assert {A1: BOB, B1: ALICE} == {address: held.primary for address, held in holders.items() if held}


def test_an_address_that_never_stays_is_not_read(table: Table, reader: Interrupted) -> None:
    """Whoever asked tries the whole again; what was half read is not worked with."""
    there = partial(carry_out, table, Relink(A1, M_ALICE, M_BOB))
    back = partial(carry_out, table, Relink(A1, M_BOB, M_ALICE))
    reader.others = [there, nothing, back, nothing] * 4
    with pytest.raises(Unfinished, match="was moved between two reads"):
        read_holders(reader, [A1])


def test_a_spreadsheets_alias_is_known_with_a_mailbox_that_has_it(
    table: Table, reader: Interrupted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the mailbox was read before for another address, and got the alias after that."""
    monkeypatch.setattr(gathering, "SOME", 1)
    reader.others = [nothing, partial(carry_out, table, Relink(A1, M_ALICE, M_BOB))]
    with ThreadPoolExecutor(1) as executor:
        known = gathering.known(reader, [AskedRow(2, BOB, aliases=(A1,))], (), executor)
    assert {BOB: [], A1: [A1]} == {address: [*found.aliases] for address, found in known.holder.items()}
