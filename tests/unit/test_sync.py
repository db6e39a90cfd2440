"""One run of a directory after the other: what is held, rejected, superseded, and from where the next reads on."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

import pytest

from addresses.address import parse
from addresses.check import Limits
from addresses.mailbox import RunId, directory_source
from addresses.order import SyncOrder
from addresses.run import Run, RunKind, RunStatus, seen_at
from addresses.run_book import read_run, read_state
from addresses.run_items import run_item
from addresses.times import stamp
from directory_sync.errors import IncompleteReading
from directory_sync.reader import Entry
from link_api import decisions
from tests.doubles.listed import Listed
from tests.syncing import CORP, SyncRoom, sync_room

ADMIN = parse("admin@example.com")
CAUTIOUS = CORP.model_copy(update={"limits": Limits(count=1, percent=100, floor=0)})
NOW = datetime.fromisoformat("2026-03-01T09:00:00+00:00")


def person(number: int, *aliases: str) -> Entry:
    """The entry of this number."""
    return Entry(str(number), (f"p{number}@example.com",), aliases, f"P{number}")


def held(room: SyncRoom) -> Run:
    """The third run, held: two people left at once, and one is the limit; the second had found nothing to do."""
    room.directory.become([person(1, "a1@example.com"), person(2), person(3)])
    room.synced(1)
    room.synced(2)
    room.directory.become([person(3)])
    return room.synced(3)


def test_a_run_that_takes_too_much_away_waits_and_says_why() -> None:
    """Nothing is done; the sentence names what, how many of how many, the limit and the way out."""
    with sync_room(CAUTIOUS) as room:
        before = held(room)
        assert RunStatus.HELD is before.status
        assert before.held_because == (
            "directory:corp would take away 3 of its 4 addresses (1 unlink, 2 close; 75.0 %), which is over the limit "
            "of 1. If this is meant, approve the run with its digest within 24 hours; else reject it."
        )
        assert 4 == len(room.links())
        assert before.id == read_state(room.table, "corp").held


def test_a_held_run_leaves_the_cursor_so_that_nothing_is_lost() -> None:
    """The next run finds the same, and what came since; its approval brings all of it."""
    with sync_room(CAUTIOUS) as room:
        first = held(room)
        cursor = read_state(room.table, "corp").reading
        room.directory.put(person(4))
        second = room.synced(4)
        assert cursor == read_state(room.table, "corp").reading
        assert [RunStatus.SUPERSEDED, RunStatus.HELD] == [
            read_run(room.table, each.id).status for each in (first, second)
        ]
        assert second.id in str(read_run(room.table, first.id).because)
        approved = decisions.approve(room.table, second.id, second.digest, ADMIN, NOW + timedelta(minutes=5))
        assert approved
        room.machine.launch(approved)
        room.carry_out(second.id)
        assert {"p3@example.com": "p3@example.com", "p4@example.com": "p4@example.com"} == room.links()
        assert cursor != read_state(room.table, "corp").reading
        assert 0 == sum(room.synced(6).counts[name] for name in ("open", "link", "unlink", "close"))


def test_a_rejected_plan_is_rejected_again_and_not_held() -> None:
    """Until the directory says something else, or is configured anew."""
    with sync_room(CAUTIOUS) as room:
        run = held(room)
        decisions.reject(room.table, run.id, ADMIN, NOW)
        again = room.synced(4)
        assert (RunStatus.REJECTED, run.digest) == (again.status, again.digest)
        room.directory.remove("3")
        room.directory.put(person(5))
        assert RunStatus.HELD is room.synced(5).status


def test_a_dry_run_says_what_the_run_after_it_does_and_changes_nothing() -> None:
    """Sentence for sentence; of the table, only its own record is new."""
    with sync_room(CAUTIOUS) as room:
        room.directory.become([person(1, "a1@example.com", "no address"), person(2, "a1@example.com")])
        before = room.items()
        dry = room.synced(1, dry_run=True)
        assert [("RUN#" + dry.id, "RUN")] == [(each["pk"], each["sk"]) for each in room.items() if each not in before]
        real = room.synced(2)
        assert (RunStatus.PLANNED, RunStatus.APPLIED) == (dry.status, real.status)
        assert (dry.digest, dry.counts, dry.plan) == (real.digest, real.counts, real.plan)
        findings = [room.plans.findings(run.findings or "") for run in (dry, real)]
        assert 2 == len(findings[0])
        assert findings[0] == findings[1]


def test_a_sync_without_changes_writes_nothing_but_its_run() -> None:
    """And the directory's state, which says who had it and from where to read on."""
    with sync_room() as room:
        room.directory.become([person(1, "a1@example.com"), person(2)])
        room.synced(1)
        before = {(item["pk"], item["sk"]): item for item in room.items()}
        run = room.synced(2)
        after = {(item["pk"], item["sk"]): item for item in room.items()}
        changed = {key for key, item in after.items() if before.get(key) != item}
        assert {(f"RUN#{run.id}", "RUN"), ("DIRECTORY#corp", "STATE")} == changed


def test_a_run_after_a_whole_one_asks_for_changes_until_a_day_has_passed() -> None:
    """Or until the configuration is another, or the directory cannot tell."""
    with sync_room() as room:
        room.directory.become([person(1)])
        wholes = [run.reading.whole for number in (1, 2, 60 * 22) if (run := room.synced(number)).reading]
        assert [True, False, False] == wholes
        assert (late := room.synced(60 * 23 + 1).reading)
        assert late.whole
        room.directory.forgets = True
        assert (forgotten := room.synced(60 * 23 + 2).reading)
        assert forgotten.whole


class Broken(Listed):
    """It ends in the middle."""

    def full(self) -> Iterator[Entry]:
        """One entry, and an error."""
        yield person(1)
        raise IncompleteReading("the connection was lost")


def test_a_directory_that_cannot_be_read_fails_the_run_before_anything_is_planned() -> None:
    """Its links stay, and the next run finds it free."""
    with sync_room() as room:
        room.directory.become([person(1, "a1@example.com")])
        room.synced(1)
        before = room.links()

        whole, room.directory = room.directory, Broken()
        failed = room.synced(2, whole=True)
        assert (RunStatus.FAILED, "the connection was lost") == (failed.status, failed.because)
        room.directory = whole
        assert RunStatus.APPLIED is room.synced(3).status
        assert before == room.links()


class Shifting(Listed):
    """An entry moves from a page that was not read yet to one that was: it is on none of those that were read."""

    def full(self) -> Iterator[Entry]:
        """All but the second."""
        yield from (entry for entry in super().full() if entry.id != "2")


def test_who_is_missing_from_a_whole_reading_is_asked_for_before_being_taken_for_gone() -> None:
    """Nobody loses a mailbox for being renamed while the pages are read."""
    with sync_room() as room:
        room.directory = Shifting()
        room.directory.become([person(1), person(2), person(3)])
        room.directory.entries_by_id.pop("2")
        room.synced(1)
        room.directory.put(person(2))
        room.synced(2)
        assert 3 == len(room.links())
        assert 0 == room.synced(3, whole=True).counts["close"]
        room.directory.remove("2")
        assert 1 == room.synced(4, whole=True).counts["close"]


class Blind(Listed):
    """It tells who changed, and shows nobody."""

    def full(self) -> Iterator[Entry]:
        """Nobody, and no error."""
        yield from ()

    def entries(self, ids: Collection[str]) -> list[Entry]:  # noqa: ARG002 - whoever is asked for
        """Nobody."""
        return []


def test_a_directory_that_tells_of_changes_and_shows_nobody_fails_the_run() -> None:
    """Each change would look like a leaver, a few at a time, below every limit."""
    with sync_room() as room:
        room.directory.become([person(1, "a1@example.com"), person(2), person(3)])
        room.synced(1)
        before, seen = room.links(), room.directory
        room.directory.put(person(1, "a2@example.com"))
        room.directory = Blind(seen.entries_by_id, seen.changed)
        assert RunStatus.FAILED is room.synced(2).status
        assert before == room.links()
        room.directory = seen
        assert (1, 1) == tuple(room.synced(3).counts[name] for name in ("link", "unlink"))


def test_a_lone_leaver_is_believed_without_reading_the_directory_whole() -> None:
    """Others can be seen."""
    with sync_room() as room:
        room.directory.become([person(1), person(2)])
        room.synced(1)
        room.directory.remove("2")
        run = room.synced(2)
        assert (1, False) == (run.counts["close"], run.reading.whole if run.reading else None)


def test_a_directory_that_is_suddenly_empty_fails_the_run() -> None:
    """Success and no entries is what a lost right looks like."""
    with sync_room() as room:
        room.directory.become([person(1), person(2)])
        room.synced(1)
        room.directory.become([])
        failed = room.synced(2, whole=True)
        assert RunStatus.FAILED is failed.status
        assert "2 of its mailboxes" in str(failed.because)
        assert 2 == len(room.links())


def test_a_reverted_run_leaves_what_was_there_before_and_is_itself_a_run() -> None:
    """Also what an administrator had linked by hand before, and the directory took."""
    with sync_room() as room:
        room.directory.become([person(1, "a1@example.com"), person(2)])
        room.synced(1)
        before = room.links()
        room.directory.become([person(1), person(2, "a1@example.com"), person(3)])
        run = room.synced(2)
        assert before != room.links()
        reverted = room.reverted(run, 3)
        assert (RunKind.REVERT, RunStatus.APPLIED, run.id) == (reverted.kind, reverted.status, reverted.reverts)
        assert before == room.links()


def test_a_test_of_a_directory_shows_what_its_first_entries_come_to_and_plans_nothing() -> None:
    """Also what is wrong with them."""
    with sync_room() as room:
        room.directory.become([person(1, "a1@example.com"), Entry("2", ("one@example.com", "two@example.com"))])
        tried = room.sync(room.order(1).model_copy(update={"do": "test", "dry_run": True}))
        assert tried
        assert (RunKind.TEST, RunStatus.PLANNED, None) == (tried.kind, tried.status, tried.plan)
        assert ["ignored", "read"] == [each["step"] for each in room.plans.findings(tried.findings or "")]
        assert {} == room.links()
        assert 0 == read_state(room.table, "corp").version


def test_one_run_of_a_directory_at_a_time() -> None:
    """A person's run says that it was not done; one of the schedule leaves no trace, since the schedule comes again."""
    with sync_room() as room:
        room.directory.become([person(1)])
        first, second, third = room.order(1), room.order(2), room.order(3)
        room.sync(first)
        asked = Run(second.run, RunKind.SYNC, directory_source("corp"), ADMIN, second.started_at)
        room.table.put_new(run_item(asked))
        room.sync(second)
        assert room.sync(third) is None
        assert RunStatus.FAILED is read_run(room.table, second.run).status
        assert first.run in str(read_run(room.table, second.run).because)
        assert [first.run, second.run] == [run.id for run in room.runs()]


def test_a_run_that_is_decided_but_was_never_started_is_started_by_the_next_order() -> None:
    """Whoever decided was cut off between the two."""
    with sync_room() as room:
        room.directory.become([person(1)])
        order = room.order(1)
        room.sync(order)
        room.machine.executions.clear()
        room.sync(room.order(2))
        room.carry_out(order.run)
        assert RunStatus.APPLIED is read_run(room.table, order.run).status


def test_a_run_of_which_nothing_is_heard_for_an_hour_is_shown_as_failed() -> None:
    """A dry run has no successor that would say so."""
    run = Run(RunId("r"), RunKind.SYNC, directory_source("corp"), ADMIN, stamp(NOW), dry_run=True)
    assert RunStatus.GATHERING is seen_at(run, NOW + timedelta(minutes=59)).status
    assert RunStatus.FAILED is seen_at(run, NOW + timedelta(minutes=60)).status


def test_an_order_says_nothing_that_it_does_not_know() -> None:
    """Orders come from other functions; a word that is not understood is a mistake and not passed over."""
    with pytest.raises(ValueError, match="extra"):
        SyncOrder.model_validate({"directory": "corp", "run": "r", "started_at": "", "actor": "", "quickly": True})
