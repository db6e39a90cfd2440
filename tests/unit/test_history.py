"""Whose an address was at any moment."""

from addresses.history import Period, history, period_at
from addresses.mailbox import MANUAL, AddressState, MailboxId, Profile, RunId, TenureStart
from addresses.step import Link, Open, Promote, Relink, Unlink
from tests.people import A1, ALICE, BOB, after, at, ref


def test_history_tells_every_holder_and_the_primary_it_had_then() -> None:
    """Linked at 3, moved at 4, its new mailbox renamed at 5, unlinked at 6."""
    alice, bob = ref("m-alice", ALICE), ref("m-bob", BOB)
    existing = after(
        Open(alice, Profile()),
        Open(bob, Profile()),
        Link(alice, A1),
        Relink(A1, alice, bob),
        Promote(bob, A1, bob, keep=True),
        Relink(BOB, ref("m-bob", A1), alice),
        Unlink(alice, BOB),
    )
    expected = (
        Period(ALICE, at(3).at, at(4).at, MANUAL, RunId("run-3")),
        Period(BOB, at(4).at, at(5).at, MANUAL, RunId("run-4")),
        Period(A1, at(5).at, None, MANUAL, RunId("run-5")),
    )
    assert expected == history(existing.address(A1), existing.mailboxes)
    periods = history(existing.address(BOB), existing.mailboxes)
    assert [BOB, A1, ALICE] == [period.primary for period in periods]
    assert [at(5).at, at(6).at, at(7).at] == [period.until for period in periods]
    assert None is period_at(periods, None)


def test_a_moment_belongs_to_the_period_that_begins_with_it() -> None:
    """From is included, until is not: no moment has two holders."""
    periods = (
        Period(ALICE, at(3).at, at(4).at, MANUAL, RunId("run-3")),
        Period(BOB, at(4).at, None, MANUAL, RunId("run-4")),
    )
    assert None is period_at(periods, at(2).at)
    assert periods[0] == period_at(periods, at(3).at)
    assert periods[1] == period_at(periods, at(4).at)
    assert periods[1] == period_at(periods, None)


def test_who_gives_an_address_up_with_a_rename_had_it_under_the_old_primary_alone() -> None:
    """The new primary begins in the moment in which the tenure ends, and is none of its periods."""
    bob = ref("m-bob", BOB)
    existing = after(Open(bob, Profile()), Promote(bob, A1, None, keep=False))
    assert (Period(BOB, at(1).at, at(2).at, MANUAL, RunId("run-1")),) == history(
        existing.address(BOB), existing.mailboxes
    )


def test_a_mailboxs_primary_at_a_moment_is_the_last_that_began_by_then() -> None:
    """Before its first, the first: a writer's clock may be behind."""
    bob = after(Open(ref("m-bob", BOB), Profile()), Promote(ref("m-bob", BOB), A1, None, keep=True)).mailboxes[
        MailboxId("m-bob")
    ]
    assert [BOB, BOB, A1, A1] == [bob.primary_at(at(hour).at).address for hour in range(4)]


def test_whose_an_address_is_now_the_last_of_its_periods_says() -> None:
    """However many there were."""
    for lasting in range(3):
        ended = [Period(ALICE, at(n).at, at(n + 1).at, MANUAL, RunId("run")) for n in range(lasting)]
        last = Period(BOB, at(5).at, None, MANUAL, RunId("run"))
        assert last == period_at((*ended, last), None)
    assert None is period_at((), None)


def test_tenures_do_not_overlap_when_a_writers_clock_is_behind() -> None:
    """The later write counts from the moment of the earlier one."""
    starts = (
        TenureStart(MailboxId("m-alice"), at(5).at, MANUAL, RunId("first")),
        TenureStart(MailboxId("m-bob"), at(4).at, MANUAL, RunId("second")),
    )
    first, second = AddressState(A1, starts).tenures
    assert (at(5).at, at(5).at) == (first.since, first.until)
    assert (at(5).at, None) == (second.since, second.until)
