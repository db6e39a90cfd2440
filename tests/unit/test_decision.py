"""What becomes of a run once it is planned, and of its directory: who has it, what waits, where the cursor is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from addresses.check import Held
from addresses.errors import RunUnderWay
from addresses.mailbox import MailboxId, Profile, RunId, Source
from addresses.run import Reading, Run, RunKind, RunStatus
from addresses.run_book import Decided, Found, directory_of, superseded
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink
from addresses.sync_state import SyncState
from addresses.times import stamp
from directory_sync.decision import decision, owned_after
from tests.people import A1, A2, ALICE, BOB, ref

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
READING = Reading("c2", whole=False, owned=3, read_as="v1", written=(MailboxId("m-alice"),))
# As it is kept once it has been applied.
READ = replace(READING, written=())
OLD = Reading("c1", whole=True, owned=3, read_as="v1")
RUN = Run(RunId("r1"), RunKind.SYNC, Source("directory:corp"), "schedule", "2026-03-01T09:29", reading=READING)
MINE = SyncState(
    "corp", under_way=RUN.id, until=stamp(NOW + timedelta(minutes=5)), reading=OLD, whole_at="2026-03-01T09"
)
WAITING = replace(RUN, id=RunId("r0"), status=RunStatus.HELD, digest="d0")
M_ALICE, M_BOB = ref("m-alice", ALICE), ref("m-bob", BOB)


def decided(state: SyncState, run: Run = RUN, steps: int = 1, held: Held | None = None) -> Decided:
    """What is decided of the run, in this state of its directory, with the run r0 held."""
    return decision(Found(run, state, [WAITING]), run, steps, held, NOW)


def test_a_plan_with_steps_keeps_the_directory_and_the_cursor_until_it_was_carried_out() -> None:
    """Its lease is long enough for that; the mailboxes that it writes are known from now on."""
    done = decided(MINE)
    assert replace(RUN, status=RunStatus.APPLYING) == done.run
    lease = stamp(NOW + timedelta(minutes=70))
    assert replace(MINE, until=lease, written=READING.written) == done.state


def test_a_plan_without_steps_is_applied_and_moves_the_cursor() -> None:
    """Nothing is written any more, and nobody has the directory."""
    done = decided(replace(MINE, written=READING.written), steps=0)
    assert replace(RUN, status=RunStatus.APPLIED, finished_at=stamp(NOW)) == done.run
    assert replace(MINE, under_way=None, until=None, synced_at=RUN.started_at, reading=READ, written=()) == done.state


def test_a_held_plan_leaves_the_directory_with_its_cursor_and_waits() -> None:
    """It takes the place of the one that was held before."""
    done = decided(replace(MINE, held=WAITING.id), held=Held("too much"))
    assert replace(RUN, status=RunStatus.HELD, held_because="too much") == done.run
    assert replace(MINE, under_way=None, until=None, held=RUN.id) == done.state
    because = "Run r1 planned anew what the directory says; look at that one."
    finished = stamp(NOW)
    assert [replace(WAITING, status=RunStatus.SUPERSEDED, because=because, finished_at=finished)] == done.others


def test_a_rejected_plan_is_rejected_again_only_if_it_is_just_that_and_would_be_held() -> None:
    """Another plan is held; the same one that is within the limits by now is carried out."""
    run, state = replace(RUN, digest="d1"), replace(MINE, rejected="d1", held=WAITING.id)
    done = decided(state, run, held=Held("too much"))
    assert (RunStatus.REJECTED, stamp(NOW)) == (done.run.status, done.run.finished_at)
    assert "rejected just this plan before" in str(done.run.because)
    assert replace(state, under_way=None, until=None, held=None) == done.state
    assert [WAITING.id] == [each.id for each in done.others]
    assert RunStatus.APPLYING == decided(state, run).run.status
    assert RunStatus.HELD == decided(state, replace(run, digest="d2"), held=Held("too much")).run.status


def test_a_dry_run_changes_nothing_of_its_directory() -> None:
    """It says whether it would be held."""
    dry = replace(RUN, dry_run=True)
    done = decided(MINE, dry, held=Held("too much"))
    planned = replace(dry, status=RunStatus.PLANNED, held_because="too much", finished_at=stamp(NOW))
    assert Decided(planned, MINE) == done


def test_a_run_that_lost_its_directory_fails_and_changes_nothing_of_it() -> None:
    """Whoever has it now planned later."""
    theirs = replace(MINE, under_way=RunId("r2"))
    done = decided(theirs)
    assert (RunStatus.FAILED, stamp(NOW)) == (done.run.status, done.run.finished_at)
    assert "It took too long, and run r2 took its place." == done.run.because
    assert theirs == done.state


@pytest.mark.parametrize("steps", [0, 1])
def test_a_plan_that_need_not_wait_takes_the_place_of_the_one_that_waits(steps: int) -> None:
    """The directory says something else by now, whether or not there is anything to do."""
    done = decided(replace(MINE, held=WAITING.id), steps=steps)
    assert None is done.state.held
    assert [(WAITING.id, RunStatus.SUPERSEDED)] == [(each.id, each.status) for each in done.others]


def test_a_directory_that_was_read_whole_and_found_as_it_was_counts_as_read_when_the_run_began() -> None:
    """What changed after that may be missing from the reading."""
    run = replace(RUN, reading=replace(READING, whole=True))
    assert run.started_at == decided(MINE, run, steps=0).state.whole_at


def test_only_a_run_that_is_held_is_superseded() -> None:
    """One that was approved meanwhile, or that another directory's state names, is left alone."""
    approved = replace(WAITING, status=RunStatus.APPLYING)
    other = replace(WAITING, id=RunId("r9"))
    state, old = superseded(Found(RUN, replace(MINE, held=WAITING.id), [approved, other]), RUN.id, stamp(NOW))
    assert [] == old
    assert None is state.held


def test_a_directory_is_free_from_the_moment_in_which_its_lease_ends() -> None:
    """Until then only the run that has it goes on, and its lease begins anew."""
    until = NOW + timedelta(minutes=5)
    assert MINE.is_busy_at(until - timedelta(microseconds=1))
    assert not MINE.is_busy_at(until)
    assert not SyncState("corp").is_busy_at(NOW)
    with pytest.raises(RunUnderWay, match="Run r1 of directory corp is under way"):
        MINE.taken_by(RunId("r2"), NOW, timedelta(minutes=1))
    assert stamp(NOW + timedelta(minutes=1)) == MINE.taken_by(RUN.id, NOW, timedelta(minutes=1)).until
    assert RunId("r2") == MINE.taken_by(RunId("r2"), until, timedelta(minutes=1)).under_way


def test_the_cursor_moves_only_with_a_reading_of_the_run_that_has_the_directory() -> None:
    """When the directory was last read whole, only a whole reading says."""
    left = replace(MINE, under_way=None, until=None, synced_at="later")
    assert left == MINE.after(RUN.id, None, "later")
    assert MINE == MINE.after(RunId("r2"), READING, "later")
    assert replace(left, reading=READ) == MINE.after(RUN.id, READING, "later")
    whole = replace(READING, whole=True)
    assert replace(left, reading=replace(whole, written=()), whole_at="later") == MINE.after(RUN.id, whole, "later")


def test_a_directory_is_read_whole_after_23_hours_or_when_its_words_mean_something_else() -> None:
    """Before that it is asked for changes."""
    state = replace(MINE, whole_at=stamp(NOW))
    day = timedelta(hours=23)
    assert "c1" == state.cursor(NOW + day - timedelta(seconds=1), "v1")
    assert None is state.cursor(NOW + day, "v1")
    assert None is state.cursor(NOW, "v2")
    assert None is replace(state, whole_at=None).cursor(NOW, "v1")
    assert None is replace(state, reading=None).cursor(NOW, "v1")


def test_only_a_sync_that_is_carried_out_has_a_part_in_its_directorys_state() -> None:
    """A dry run only looks, and so does a trial; a revert is of the run's source, but no reading of it."""
    assert "corp" == directory_of(RUN)
    assert None is directory_of(replace(RUN, dry_run=True))
    assert None is directory_of(replace(RUN, kind=RunKind.REVERT))
    assert None is directory_of(replace(RUN, kind=RunKind.TEST, dry_run=True))


@pytest.mark.parametrize(
    ("step", "gained"),
    [
        (Link(M_ALICE, A1), 1),
        (Unlink(M_ALICE, A1), -1),
        (Close(M_ALICE), -1),
        (Relink(A1, M_ALICE, M_BOB), 0),
        (Adopt(M_ALICE, Profile("a"), Profile("a", "corp", "1")), 1),
        (Adopt(M_ALICE, Profile("a", "corp", "1"), Profile("b", "corp", "1")), 0),
        (Open(M_ALICE, Profile()), 1),
        (Open(ref("m-new", A1), Profile(), M_ALICE), 0),
        (Open(ref("m-new", ALICE), Profile(), M_ALICE), 1),
        (Promote(M_ALICE, A1, M_ALICE, keep=True), 0),
        (Promote(M_ALICE, A1, M_ALICE, keep=False), -1),
        (Promote(M_ALICE, A2, None, keep=True), 1),
        (Promote(M_ALICE, A2, None, keep=False), 0),
        (Promote(M_ALICE, BOB, M_BOB, keep=True), 1),
    ],
    ids=lambda value: value.sentence if hasattr(value, "sentence") else "",
)
def test_how_many_addresses_a_directory_has_after_a_run_its_steps_say(step: Step, gained: int) -> None:
    """Never less than none."""
    assert 7 + gained == owned_after(7, [step])
    assert 7 + 2 * gained == owned_after(7, [step, step])
    assert 0 == owned_after(0, [Unlink(M_ALICE, A1)])
