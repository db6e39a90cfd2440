"""Steps in, conditional transactions out."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws

from addresses.address import Address, parse
from addresses.apply import ATTEMPTS, Transaction, apply, apply_transaction
from addresses.batches import ITEMS_FOR_STEPS, batches
from addresses.book import changes
from addresses.effect import effect
from addresses.errors import TableBusy
from addresses.items import address_key, mailbox_key
from addresses.mailbox import MANUAL, MailboxId, Profile, RunId
from addresses.outcome import Verdict
from addresses.run import Run, RunKind
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink
from addresses.table import Changed, Item, Table, Write
from tests.invariants import check_invariants, check_replay
from tests.people import A1, A2, ALICE, B1, BOB, CAROL, at, ref, two_mailboxes
from tests.table import Interrupted, address_book, create_table, everything

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from types_boto3_dynamodb import DynamoDBClient

M_ALICE, M_BOB = ref("m-alice", ALICE), ref("m-bob", BOB)
START: list[Step] = [Open(M_ALICE, Profile("Alice")), Open(M_BOB, Profile("Bob")), Link(M_ALICE, A1)]


@pytest.fixture
def client() -> "Iterator[DynamoDBClient]":
    """DynamoDB, as moto has it."""
    with mock_aws():
        yield boto3.client("dynamodb")


@pytest.fixture
def table(client: "DynamoDBClient") -> Table:
    """An empty table."""
    return create_table(client, "addresses")


def run(number: int) -> Run:
    """A run of this number, by hand."""
    return Run(RunId(f"run-{number}"), RunKind.MANUAL, MANUAL, ALICE, "2026-03-01T00:00:00.000000Z", digest="digest")


def clock(number: int) -> datetime:
    """The moment of the run of this number."""
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=number)


def carry_out(table: Table, steps: "Sequence[Step]", number: int = 1) -> list[Verdict]:
    """What becomes of each step."""
    outcomes = apply(table, run(number), steps, lambda: clock(number))
    return [outcome.verdict for outcome in outcomes]


def links(items: list[Item]) -> dict[Address, Address]:
    """Every address that belongs to a mailbox, with that mailbox's primary."""
    book = address_book(items)
    return {address: found.primary for address in sorted(book.addresses) if (found := book.holder(address))}


EVERY_KIND: list[Step] = [
    Open(ref("m-carol", CAROL), Profile()),
    Adopt(M_BOB, Profile("Bob"), Profile("Robert", "corp", "7")),
    Link(M_BOB, B1),
    Relink(A1, M_ALICE, M_BOB),
    Unlink(ref("m-bob", BOB), B1),
    Promote(M_BOB, A1, M_BOB, keep=True),
    Close(M_ALICE),
]


def test_every_kind_of_step_is_applied_and_recorded_and_its_replay_writes_nothing(
    client: "DynamoDBClient", table: Table
) -> None:
    """One after the other, each twice: the second time the table is the same to the letter (I5)."""
    carry_out(table, START)
    for number, step in enumerate(EVERY_KIND, start=2):
        assert [Verdict.APPLIED] == carry_out(table, [step], number), step
        once = everything(client, "addresses")
        check_invariants(address_book(once))
        assert [Verdict.ALREADY_DONE] == carry_out(table, [step], 100 + number), step
        check_replay(once, everything(client, "addresses"))
    assert {A1: A1, BOB: A1, CAROL: CAROL} == links(once)


def test_a_run_is_recorded_with_its_counts_and_each_steps_outcome(client: "DynamoDBClient", table: Table) -> None:
    """Who, when, what, and what came of it."""
    carry_out(table, START)
    carry_out(table, [Link(M_BOB, A2), Link(M_BOB, B1)], 2)
    records = {item["sk"]: item for item in everything(client, "addresses") if item["pk"] == "RUN#run-2"}
    assert {"link": 2} == {name: count for name, count in records["RUN"]["counts"].items() if count}
    told = tuple(records["RUN"][name] for name in ("status", "actor", "source", "finished_at"))
    assert ("applied", ALICE, "manual", "2026-03-01T02:00:00.000000Z") == told
    assert ["link a2@example.com to bob@example.com", "link b1@example.com to bob@example.com"] == [
        step["sentence"] for step in records["STEPS#000000#000000"]["steps"]
    ]
    assert ["applied", "applied"] == [step["outcome"] for step in records["STEPS#000000#000000"]["steps"]]


def test_of_a_plans_steps_those_that_can_be_done_are(client: "DynamoDBClient", table: Table) -> None:
    """Unlike a request's, each stands for itself: what lost its before-state is left for the next run."""
    carry_out(table, START)
    transaction = Transaction(run(2), 0, 0, [Link(M_BOB, A1), Link(M_BOB, B1)])
    outcomes = apply_transaction(table, transaction, lambda: clock(2))
    assert [Verdict.CONFLICT, Verdict.APPLIED] == [each.verdict for each in outcomes]
    assert BOB == links(everything(client, "addresses"))[B1]


def test_of_a_requests_steps_none_is_done_when_one_cannot_be(client: "DynamoDBClient", table: Table) -> None:
    """The free alias stays free."""
    carry_out(table, START)
    before = everything(client, "addresses")
    assert [Verdict.CONFLICT, Verdict.APPLIED] == carry_out(table, [Link(M_BOB, A1), Link(M_BOB, B1)], 2)
    assert before == everything(client, "addresses")


class Meddling(Table):
    """A table in which somebody else changes things between our read and our write."""

    def __init__(self, table: Table, meddle: "list[list[Step]]") -> None:
        """``meddle``: what the other does before each of our writes."""
        self.waited: list[int] = []
        super().__init__(table._client, table._name, wait=self.waited.append)  # noqa: SLF001
        self._other = table
        self._meddle = meddle

    def write_together(self, writes: "Sequence[Write]", records: "Sequence[Item]" = ()) -> None:
        """Let the other go first, as often as was said."""
        if self._meddle:
            carry_out(self._other, self._meddle.pop(0), 1000 + len(self._meddle))
        super().write_together(writes, records)


def test_a_writer_who_was_overtaken_reads_again_and_judges_again(client: "DynamoDBClient", table: Table) -> None:
    """The alias was taken between read and write: a conflict, and not a second owner."""
    carry_out(table, START)
    assert [Verdict.CONFLICT] == carry_out(Meddling(table, [[Link(M_ALICE, B1)]]), [Link(M_BOB, B1)], 2)
    assert ALICE == links(everything(client, "addresses"))[B1]


def test_a_writer_who_was_overtaken_by_something_else_succeeds_at_the_next_try(
    client: "DynamoDBClient", table: Table
) -> None:
    """Another alias of the same mailbox was linked meanwhile: both links stand."""
    carry_out(table, START)
    assert [Verdict.APPLIED] == carry_out(Meddling(table, [[Link(M_BOB, A2)]]), [Link(M_BOB, B1)], 2)
    assert {A1: ALICE, A2: BOB, ALICE: ALICE, B1: BOB, BOB: BOB} == links(everything(client, "addresses"))


def test_a_writer_who_is_always_overtaken_gives_up_and_has_changed_nothing(
    client: "DynamoDBClient", table: Table
) -> None:
    """It waits longer each time, then says so, and the caller can send it again."""
    carry_out(table, START)
    overtaken = Meddling(table, [[Link(M_BOB, A2)], [Unlink(M_BOB, A2)]] * 20)
    with pytest.raises(TableBusy, match="send it again"):
        carry_out(overtaken, [Link(M_BOB, B1)], 2)
    assert [*range(ATTEMPTS)] == overtaken.waited
    assert B1 not in links(everything(client, "addresses"))


def test_a_mailbox_with_more_aliases_than_a_transaction_holds_is_closed_in_several(
    client: "DynamoDBClient", table: Table
) -> None:
    """First the aliases go, then the mailbox; the run's record comes with the last."""
    aliases = [parse(f"alice{number}@example.com") for number in range(150)]
    start: list[Step] = [Open(M_ALICE, Profile()), *(Link(M_ALICE, alias) for alias in aliases)]
    carry_out(table, start)
    assert len(aliases) + 1 == len(links(everything(client, "addresses")))
    steps: list[Step] = [*(Unlink(M_ALICE, alias) for alias in aliases), Close(M_ALICE)]
    assert [Verdict.APPLIED] * len(steps) == carry_out(table, steps, 2)
    items = everything(client, "addresses")
    assert {} == links(items)
    check_invariants(address_book(items))
    assert 1 == len([item for item in items if (item["pk"], item["sk"]) == ("RUN#run-2", "RUN")])


def test_batches_keep_together_what_touches_the_same_items_and_fit_in_a_transaction() -> None:
    """A swap of primaries is one batch, wherever its halves stand in the plan."""
    strangers: list[Step] = [
        Open(ref(f"m-{number}", parse(f"n{number}@example.com")), Profile()) for number in range(60)
    ]
    swap: list[Step] = [Promote(M_ALICE, BOB, M_BOB, keep=False), Promote(M_BOB, ALICE, M_ALICE, keep=False)]
    grouped = batches([swap[0], *strangers, swap[1]])
    assert 62 == sum(map(len, grouped))
    assert any(set(swap) <= set(batch) for batch in grouped)
    assert all(2 * len(batch) <= ITEMS_FOR_STEPS for batch in grouped)


def test_a_write_keeps_attributes_that_another_deployment_added(client: "DynamoDBClient", table: Table) -> None:
    """Old code beside new code, while a deployment is under way."""
    carry_out(table, START)
    client.update_item(
        TableName="addresses",
        Key={"pk": {"S": f"ADDRESS#{A1}"}, "sk": {"S": "ADDRESS"}},
        UpdateExpression="SET added = :added",
        ExpressionAttributeValues={":added": {"S": "by newer code"}},
    )
    carry_out(table, [Unlink(M_ALICE, A1)], 2)
    item: Any = table.get((f"ADDRESS#{A1}", "ADDRESS"))
    assert ("by newer code", None) == (item["added"], item.get("mailbox"))


def test_a_transaction_is_called_off_when_one_item_is_not_as_it_was_read(table: Table) -> None:
    """Neither of the two writes is made."""
    first, second = ("A", "1"), ("B", "1")
    table.write_together([Write(first, {"value": 1}, 0), Write(second, {"value": 1}, 0)])
    with pytest.raises(Changed, match="ConditionalCheckFailed"):
        table.write_together([Write(first, {"value": 2}, 1), Write(second, {"value": 2}, 7)])
    assert [(1, 1), (1, 1)] == [(item["value"], item["version"]) for item in table.get_many([first, second]).values()]


def test_mailbox_ids_are_those_of_the_steps(client: "DynamoDBClient", table: Table) -> None:
    """The planner chooses the id, so that a replay cannot open a second mailbox."""
    carry_out(table, START)
    assert {MailboxId("m-alice"), MailboxId("m-bob")} == set(address_book(everything(client, "addresses")).mailboxes)


def test_only_what_steps_change_is_written() -> None:
    """Whoever works on the neighbours meanwhile is in nobody's way."""
    before = two_mailboxes()
    linked = effect([Link(M_BOB, B1)], before, at(9)).after
    assert {mailbox_key(M_BOB.id), address_key(B1)} == {each.key for each in changes(before, linked)}
    assert [] == changes(before, before)


def test_a_transaction_that_comes_again_tells_what_became_of_it_and_does_nothing(
    client: "DynamoDBClient", table: Table
) -> None:
    """Somebody took back meanwhile what it had done: that stays so. What it had not done, it does not do later."""
    carry_out(table, START)
    done = Transaction(run(2), 0, 0, [Link(M_ALICE, B1)])
    nothing = Transaction(run(2), 0, 1, [Link(M_BOB, A1)])
    first = [apply_transaction(table, each, lambda: clock(2)) for each in (done, nothing)]
    assert [[Verdict.APPLIED], [Verdict.CONFLICT]] == [[each.verdict for each in outcomes] for outcomes in first]
    carry_out(table, [Unlink(M_ALICE, B1), Unlink(M_ALICE, A1)], 3)
    before = everything(client, "addresses")
    assert first == [apply_transaction(table, each, lambda: clock(4)) for each in (done, nothing)]
    assert before == everything(client, "addresses")


def test_of_two_deliveries_that_change_nothing_the_one_that_is_recorded_counts(
    client: "DynamoDBClient", table: Table
) -> None:
    """What one of them found in the way is gone when the other looks, which records first that all was done already."""
    carry_out(table, START)
    reader = Interrupted(client, "addresses")
    delivered = Transaction(run(2), 0, 0, [Link(M_BOB, A1)])

    def overtake() -> None:
        carry_out(table, [Relink(A1, M_ALICE, M_BOB)], 3)
        apply_transaction(table, delivered, lambda: clock(4))

    reader.others = [overtake]
    [outcome] = apply_transaction(reader, delivered, lambda: clock(2))
    assert Verdict.ALREADY_DONE is outcome.verdict
