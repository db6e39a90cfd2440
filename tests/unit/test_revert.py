"""Taking a run back: what it plans, what it says of itself, and that an order of it counts once."""

from addresses.address import parse
from addresses.apply import apply
from addresses.mailbox import MANUAL, RunId
from addresses.outcome import Verdict
from addresses.run import Run, RunKind, RunStatus
from addresses.run_book import read_run
from addresses.step import Link, Ref
from addresses.times import stamp
from directory_sync.reader import Entry
from tests.people import A1, ALICE, B1
from tests.syncing import sync_room


def person(number: int, *aliases: str) -> Entry:
    """The entry of this number."""
    return Entry(str(number), (f"p{number}@example.com",), aliases, f"P{number}")


def test_a_dry_run_of_a_revert_says_what_the_revert_does_and_changes_nothing() -> None:
    """The same plan under the same digest, of the same source."""
    with sync_room() as room:
        room.directory.become([person(1, "a1@example.com"), person(2)])
        run = room.synced(1)
        linked = room.links()
        dry = room.reverted(run, 2, dry_run=True)
        assert (RunStatus.PLANNED, True, run.id, 1) == (dry.status, dry.dry_run, dry.reverts, dry.parts)
        assert (RunKind.REVERT, run.source, stamp(room.now)) == (dry.kind, dry.source, dry.finished_at)
        assert f"plans/{dry.digest}-1/" == dry.plan
        assert linked == room.links()

        real = room.reverted(run, 3)
        assert (RunStatus.APPLIED, False, run.id, 1) == (real.status, real.dry_run, real.reverts, real.parts)
        assert (dry.digest, dry.counts, dry.plan) == (real.digest, real.counts, real.plan)
        assert (1, 2) == (dry.counts["unlink"], dry.counts["close"])
        assert {} == room.links()


def test_a_run_that_did_nothing_is_taken_back_by_doing_nothing() -> None:
    """The revert is at its end at once; there is no plan to be carried out."""
    with sync_room() as room:
        room.directory.become([person(1)])
        room.synced(1)
        linked = room.links()
        reverted = room.reverted(room.synced(2, whole=True), 3)
        assert (RunStatus.APPLIED, None, 0) == (reverted.status, reverted.plan, reverted.parts)
        assert stamp(room.now) == reverted.finished_at
        assert reverted.id not in room.machine.executions
        assert linked == room.links()


def test_only_what_a_run_applied_is_taken_back() -> None:
    """A step that found its after-state was somebody else's; one that met a conflict changed nothing."""
    with sync_room() as room:
        room.directory.become([person(1), person(2)])
        room.synced(1)
        room.directory.become([person(1, "a1@example.com"), person(2, "b1@example.com")])
        order = room.order(2)
        room.sync(order)
        found = room.book()
        one = found.holder(parse("p1@example.com"))
        assert one
        by_hand = [Link(Ref(one.id, one.primary), A1), Link(Ref(one.id, one.primary), B1)]
        outcomes = apply(
            room.table, Run(RunId("by-hand"), RunKind.MANUAL, MANUAL, ALICE, stamp(room.now)), by_hand, lambda: room.now
        )
        assert [Verdict.APPLIED] * 2 == [each.verdict for each in outcomes]
        room.carry_out(order.run)
        run = read_run(room.table, order.run)
        assert (0, 1) == (run.counts["link"], run.counts["conflict"])
        reverted = room.reverted(run, 3)
        assert (RunStatus.APPLIED, 0) == (reverted.status, reverted.parts)
        assert {one.primary, A1, B1} == {each for each, holder in room.links().items() if holder == one.primary}


def test_an_order_to_take_back_that_comes_again_counts_once() -> None:
    """The second finds the run on its way, and has it carried out if that was never started."""
    with sync_room() as room:
        room.directory.become([person(1)])
        run = room.synced(1)
        once = room.reverted(run, 2)
        assert once == room.reverted(run, 2)
