"""Taking a run back: everybody has again what they had, from whom they had it; what moved on since is left alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from addresses.address import Address
from addresses.batches import batches
from addresses.desired import Desired
from addresses.effect import effect
from addresses.inverse import inverse
from addresses.mailbox import MANUAL, Existing, Mailbox, Profile, RunId, Source, Stamp, directory_source
from addresses.outcome import Outcome, Verdict
from addresses.reconcile import plan
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink
from tests.invariants import check_invariants
from tests.people import A1, A2, ALICE, BOB, CAROL, after, ref, two_mailboxes
from tests.properties.test_links import snapshots
from tests.properties.test_reconcile import entry, says, synced

CORP = directory_source("corp")
M_ALICE, M_BOB = ref("m-alice", ALICE), ref("m-bob", BOB)


def carried_out(existing: Existing, steps: list[Step], source: Source, hour: int) -> tuple[Existing, list[Outcome]]:
    """What exists when the steps have been carried out, transaction by transaction, in a run of this hour."""
    outcomes: list[Outcome] = []
    for batch in batches(steps):
        done = effect(batch, existing, Stamp(source, RunId(f"run-{hour}"), f"2026-03-01T{hour:02}"))
        check_invariants(done.after)
        existing = done.after
        outcomes += done.outcomes
    return existing, outcomes


def taken_back(existing: Existing, outcomes: list[Outcome], hour: int) -> tuple[Existing, list[Outcome]]:
    """What exists when the run of this hour has been taken back."""
    applied = [each for each in outcomes if each.verdict is Verdict.APPLIED]
    return carried_out(existing, inverse(applied, RunId(f"run-{hour}"), existing), CORP, hour + 1)


def seen(existing: Existing) -> dict[Address, tuple[Mailbox, dict[Address, Source]]]:
    """Who has what from whom, without when and how often it was written."""
    return {
        mailbox.primary: (
            replace(mailbox, aliases={}, primaries=(), version=0, source=CORP),
            {alias: how.source for alias, how in mailbox.aliases.items()},
        )
        for mailbox in existing.mailboxes.values()
        if mailbox.is_open
    }


@settings(max_examples=300)
@given(snapshots, snapshots, st.sampled_from([MANUAL, CORP]))
def test_a_run_that_is_taken_back_at_once_leaves_everything_as_it_was(
    first: Desired, second: Desired, source: Source
) -> None:
    """Primaries, aliases, names, who linked them: whatever the run did, without a conflict."""
    before, _ = carried_out(Existing(), list(plan([], first).steps), source, 1)
    wanted = plan(before.mailboxes.values(), second)
    after_run, outcomes = carried_out(before, list(wanted.steps), wanted.source, 2)
    again, taken = taken_back(after_run, outcomes, 2)
    assert [] == [each for each in taken if each.verdict is not Verdict.APPLIED]
    assert seen(before) == seen(again)


def test_what_moved_on_since_is_a_conflict_and_is_left_as_it_is() -> None:
    """The run linked a1 to Alice; since then an administrator gave it to Bob."""
    before, _ = synced(Existing(), says(entry("1", ALICE), entry("2", BOB)))
    wanted = plan(before.mailboxes.values(), says(entry("1", ALICE, A1, A2), entry("2", BOB)))
    run, outcomes = carried_out(before, list(wanted.steps), CORP, 2)
    alice, bob = (each.id for each in (run.holder(ALICE), run.holder(BOB)) if each)
    moved = after(Unlink(ref(alice, ALICE), A1), Link(ref(bob, BOB), A1), before=run, hour=5)
    again, taken = taken_back(moved, outcomes, 2)
    assert {A1: Verdict.CONFLICT, A2: Verdict.APPLIED} == {
        each.step.alias: each.verdict for each in taken if isinstance(each.step, Unlink)
    }
    assert [BOB, None] == [found.primary if (found := again.holder(each)) else None for each in (A1, A2)]


def test_a_leaver_whose_addresses_went_to_two_others_gets_them_all_back() -> None:
    """The mailbox is opened again, with its own id, its primary and its alias."""
    before, _ = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB)))
    wanted = plan(before.mailboxes.values(), says(entry("2", BOB, ALICE), entry("3", A1), entry("4", CAROL)))
    run, outcomes = carried_out(before, list(wanted.steps), CORP, 2)
    again, _ = taken_back(run, outcomes, 2)
    assert seen(before) == seen(again)


def test_a_former_primary_that_was_kept_as_an_alias_is_given_back_to_whoever_renamed_the_mailbox() -> None:
    """The directory opened the mailbox; what an administrator's renaming kept is not the directory's link."""
    first, _ = synced(Existing(), says(entry("1", ALICE, A1)))
    alice = first.holder(ALICE)
    assert alice
    before = after(Promote(ref(alice.id, ALICE), A1, ref(alice.id, ALICE), keep=True), before=first, hour=2)
    steps: list[Step] = [Unlink(ref(alice.id, A1), ALICE), Close(ref(alice.id, A1))]
    closed, outcomes = carried_out(before, steps, MANUAL, 3)
    again, _ = taken_back(closed, outcomes, 3)
    assert {ALICE: MANUAL} == {alias: how.source for alias, how in again.mailboxes[alice.id].aliases.items()}


def test_an_address_whose_former_mailbox_is_closed_by_now_belongs_to_nobody() -> None:
    """The run gave it a mailbox of its own, which taking the run back closes in any case."""
    before, _ = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB)))
    wanted = plan(before.mailboxes.values(), says(entry("1", ALICE), entry("2", BOB), entry("3", A1)))
    run, outcomes = carried_out(before, list(wanted.steps), CORP, 2)
    alice = run.holder(ALICE)
    assert alice
    left = after(Close(ref(alice.id, ALICE)), before=run, hour=5)
    again, _ = taken_back(left, outcomes, 2)
    assert [None, None] == [again.holder(each) for each in (ALICE, A1)]


def test_a_former_primary_that_became_anothers_alias_comes_back_as_primary() -> None:
    """Renamed, and the old address went to a joiner in the same run."""
    before, _ = synced(Existing(), says(entry("1", ALICE)))
    wanted = plan(before.mailboxes.values(), says(entry("1", BOB), entry("2", CAROL, ALICE)))
    run, outcomes = carried_out(before, list(wanted.steps), CORP, 2)
    again, taken = taken_back(run, outcomes, 2)
    assert {Verdict.APPLIED} == {each.verdict for each in taken}
    assert seen(before) == seen(again)


@pytest.mark.parametrize(
    "steps",
    [
        [Promote(M_ALICE, A1, M_ALICE, keep=True)],
        [Promote(M_ALICE, A1, M_ALICE, keep=False)],
        [Promote(M_BOB, A1, M_ALICE, keep=True)],
        [Promote(M_BOB, A1, M_ALICE, keep=False)],
        [Promote(M_BOB, A2, None, keep=True)],
        [Promote(M_ALICE, BOB, M_BOB, keep=False), Promote(M_BOB, ALICE, M_ALICE, keep=False)],
        [Close(M_BOB), Open(ref("m-new", BOB), Profile("New"), M_BOB)],
        [Adopt(M_ALICE, Profile("Alice"), Profile("A")), Promote(M_ALICE, A1, M_ALICE, keep=True)],
        [Adopt(M_BOB, Profile("Bob"), Profile("B")), Promote(M_ALICE, A1, M_ALICE, keep=True)],
    ],
    ids=lambda steps: "; ".join(step.sentence for step in steps),
)
def test_primaries_that_moved_are_taken_back_and_everybody_has_what_they_had_and_from_whom(steps: list[Step]) -> None:
    """The alias that was promoted is an alias again, its own mailbox's or another's, and who linked it stays."""
    before = two_mailboxes()
    run, outcomes = carried_out(before, steps, CORP, 5)
    again, taken = taken_back(run, outcomes, 5)
    assert {Verdict.APPLIED} == {each.verdict for each in [*outcomes, *taken]}
    assert seen(before) == seen(again)


def test_a_link_that_a_run_took_goes_back_to_whom_it_belonged_before_that_run() -> None:
    """Not to whoever gave it back and took it again since."""
    run, _ = carried_out(two_mailboxes(), [Relink(A1, M_ALICE, M_BOB)], CORP, 5)
    other = directory_source("other")
    back, _ = carried_out(run, [Relink(A1, M_BOB, M_ALICE)], other, 6)
    again, _ = carried_out(back, [Relink(A1, M_ALICE, M_BOB)], other, 7)
    assert [Relink(A1, M_BOB, M_ALICE, MANUAL)] == inverse(
        [Outcome(Relink(A1, M_ALICE, M_BOB), Verdict.APPLIED)], RunId("run-5"), again
    )


def test_what_takes_a_renaming_back_calls_the_mailboxes_as_they_are_called_by_then() -> None:
    """An administrator reads it before approving it."""
    kept, named = Profile("Alice", "corp", "1"), Profile("B")
    steps: list[Step] = [
        Adopt(M_ALICE, Profile("Alice"), kept),
        Adopt(M_BOB, Profile("Bob"), named),
        Promote(M_ALICE, CAROL, None, keep=True),
    ]
    run, outcomes = carried_out(two_mailboxes(), steps, CORP, 5)
    m_alice = ref("m-alice", CAROL)
    assert {
        Adopt(m_alice, kept, Profile("Alice")),
        Adopt(M_BOB, named, Profile("Bob")),
        Promote(m_alice, ALICE, m_alice, keep=False),
    } == set(inverse(outcomes, RunId("run-5"), run))


def test_what_takes_a_handed_on_primary_back_names_who_has_it() -> None:
    """By the primary that they have then."""
    steps: list[Step] = [Promote(M_ALICE, CAROL, None, keep=False), Promote(M_BOB, ALICE, M_ALICE, keep=True)]
    run, outcomes = carried_out(two_mailboxes(), steps, CORP, 5)
    m_bob = ref("m-bob", ALICE)
    assert [
        Promote(ref("m-alice", CAROL), ALICE, m_bob, keep=False),
        Promote(m_bob, BOB, m_bob, keep=False),
    ] == inverse(outcomes, RunId("run-5"), run)
