"""What each of the seven steps does, finds done, or refuses to do."""

from dataclasses import replace

import pytest

from addresses.address import Address
from addresses.effect import effect
from addresses.mailbox import SPREADSHEET, Alias, Existing, Profile, Source, Status, TenureStart
from addresses.outcome import Verdict
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink
from tests.invariants import check_invariants
from tests.people import A1, A2, ALICE, B1, BOB, CAROL, after, at, mailbox, ref, two_mailboxes, verdicts

M_ALICE, M_BOB = ref("m-alice", ALICE), ref("m-bob", BOB)


def holders(existing: Existing) -> dict[Address, Address]:
    """Every address that belongs to a mailbox, with that mailbox's primary."""
    return {each: found.primary for each in sorted(existing.addresses) if (found := existing.holder(each))}


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Open(ref("m-carol", CAROL), Profile("Carol")), {A1: ALICE, ALICE: ALICE, BOB: BOB, CAROL: CAROL}),
        (Open(ref("m-a1", A1), Profile(), M_ALICE), {A1: A1, ALICE: ALICE, BOB: BOB}),
        (Adopt(M_BOB, Profile("Bob"), Profile("Robert")), {A1: ALICE, ALICE: ALICE, BOB: BOB}),
        (Link(M_BOB, B1), {A1: ALICE, ALICE: ALICE, B1: BOB, BOB: BOB}),
        (Relink(A1, M_ALICE, M_BOB), {A1: BOB, ALICE: ALICE, BOB: BOB}),
        (Unlink(M_ALICE, A1), {ALICE: ALICE, BOB: BOB}),
        (Promote(M_ALICE, A1, M_ALICE, keep=True), {A1: A1, ALICE: A1, BOB: BOB}),
        (Promote(M_ALICE, A1, M_ALICE, keep=False), {A1: A1, BOB: BOB}),
        (Promote(M_BOB, A1, M_ALICE, keep=True), {A1: A1, ALICE: ALICE, BOB: A1}),
        (Promote(M_BOB, B1, None, keep=False), {A1: ALICE, ALICE: ALICE, B1: B1}),
        (Close(M_BOB), {A1: ALICE, ALICE: ALICE}),
    ],
    ids=lambda value: value.sentence if hasattr(value, "sentence") else "",
)
def test_a_step_takes_its_before_state_to_its_after_state_and_a_replay_changes_nothing(
    step: Step, expected: dict[Address, Address]
) -> None:
    """Applied once; found done the second time, to the letter (I5)."""
    once = effect([step], two_mailboxes(), at(9))
    assert [Verdict.APPLIED] == verdicts(once)
    assert expected == holders(once.after)
    check_invariants(once.after)

    twice = effect([step], once.after, at(10))
    assert [(step, Verdict.ALREADY_DONE)] == [(each.step, each.verdict) for each in twice.outcomes]
    assert all(each.reason for each in twice.outcomes)
    assert once.after == twice.after


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (Open(ref("m-new", ALICE), Profile()), "alice@example.com belongs to alice@example.com now"),
        (Open(ref("m-new", A1), Profile()), "a1@example.com belongs to alice@example.com now"),
        (Open(ref("m-new", B1), Profile(), M_ALICE), "b1@example.com belongs to no mailbox now"),
        (Open(ref("m-alice", CAROL), Profile()), "the mailbox is open, with the primary alice@example.com"),
        (Open(ref("m-new", ALICE), Profile(), M_ALICE), "no longer belong to the mailbox whose primary it is"),
        (Adopt(ref("m-none", B1), Profile(), Profile("x")), "the mailbox of b1@example.com is not open"),
        (Adopt(M_BOB, Profile("other"), Profile("x")), "the mailbox of bob@example.com was adopted since"),
        (Link(M_BOB, A1), "a1@example.com belongs to alice@example.com now"),
        (Link(M_BOB, ALICE), "alice@example.com belongs to alice@example.com now"),
        (Link(M_BOB, BOB), "bob@example.com belongs to bob@example.com now"),
        (Link(ref("m-none", CAROL), B1), "the mailbox of carol@example.com is not open"),
        (Link(ref("m-bob", CAROL), B1), "the primary is bob@example.com now, not carol@example.com"),
        (Relink(B1, M_ALICE, M_BOB), "b1@example.com belongs to no mailbox now"),
        (Relink(ALICE, M_ALICE, M_BOB), "no longer belong to the mailbox whose primary it is"),
        (Unlink(M_BOB, A1), "a1@example.com belongs to alice@example.com now"),
        (Unlink(M_ALICE, ALICE), "no longer belong to the mailbox whose primary it is"),
        (Promote(M_BOB, A1, None, keep=True), "a1@example.com belongs to alice@example.com now"),
        (Promote(M_BOB, B1, M_ALICE, keep=True), "b1@example.com belongs to no mailbox now"),
        (Promote(M_BOB, ALICE, M_ALICE, keep=True), "no longer belong to the mailbox whose primary it is"),
        (Close(M_ALICE), "alice@example.com still has aliases: a1@example.com"),
        (Close(ref("m-none", CAROL)), "the mailbox of carol@example.com is not open"),
    ],
    ids=lambda value: value.sentence if hasattr(value, "sentence") else "",
)
def test_a_step_that_finds_neither_of_its_states_is_a_conflict_and_changes_nothing(step: Step, reason: str) -> None:
    """The reason names what is there instead."""
    before = two_mailboxes()
    done = effect([step], before, at(9))
    assert [Verdict.CONFLICT] == verdicts(done)
    assert reason in done.outcomes[0].reason
    assert before == done.after


def test_two_people_who_swap_primaries_do_so_in_one_step_and_not_at_all_alone() -> None:
    """A ring of promotions has no first one: together they stand, alone each is a conflict."""
    swap = [Promote(M_ALICE, BOB, M_BOB, keep=False), Promote(M_BOB, ALICE, M_ALICE, keep=False)]
    together = effect(swap, two_mailboxes(), at(9))
    assert [Verdict.APPLIED, Verdict.APPLIED] == verdicts(together)
    assert {A1: BOB, ALICE: ALICE, BOB: BOB} == holders(together.after)
    assert "m-alice" == mailbox(together.after, BOB).id
    check_invariants(together.after)
    assert [Verdict.CONFLICT] == verdicts(effect(swap[:1], two_mailboxes(), at(9)))


def test_a_leavers_aliases_and_primary_go_to_others_in_the_same_moment() -> None:
    """The address never belongs to nobody: its two tenures meet."""
    steps: list[Step] = [Unlink(M_ALICE, A1), Close(M_ALICE), Relink(ALICE, M_ALICE, M_BOB)]
    done = effect(steps, two_mailboxes(), at(9))
    assert [Verdict.APPLIED] * 3 == verdicts(done)
    assert {ALICE: BOB, BOB: BOB} == holders(done.after)
    first, second = done.after.address(ALICE).tenures
    assert first.until == second.since
    check_invariants(done.after)


def test_a_mailbox_can_be_opened_and_given_aliases_together() -> None:
    """A link may name a mailbox that another of these steps opens."""
    carol = ref("m-carol", CAROL)
    done = effect([Open(carol, Profile()), Link(carol, B1), Relink(A1, M_ALICE, carol)], two_mailboxes(), at(9))
    assert {A1: CAROL, ALICE: ALICE, B1: CAROL, BOB: BOB, CAROL: CAROL} == holders(done.after)
    check_invariants(done.after)


def test_two_steps_that_claim_one_alias_together_give_it_to_the_first() -> None:
    """What cannot be done together is tried one by one."""
    done = effect([Link(M_ALICE, B1), Link(M_BOB, B1)], two_mailboxes(), at(9))
    assert [Verdict.APPLIED, Verdict.CONFLICT] == verdicts(done)
    assert ALICE == holders(done.after)[B1]
    check_invariants(done.after)


def test_a_closed_mailbox_can_be_opened_again_with_its_id_and_its_past() -> None:
    """A directory's entry that comes back finds its mailbox, without the aliases of then."""
    closed = after(Unlink(M_ALICE, A1), Close(M_ALICE), before=two_mailboxes(), hour=5)
    found = closed.mailboxes[M_ALICE.id]
    assert Status.CLOSED == found.status
    # As the table has it: the write that opens it again must know what it is written on top of.
    closed = Existing({**closed.mailboxes, M_ALICE.id: replace(found, version=7)}, closed.addresses)
    again = after(Open(ref("m-alice", A2), Profile("Alice")), before=closed, hour=8)
    assert [ALICE, A2] == [each.address for each in again.mailboxes[M_ALICE.id].primaries]
    assert 7 == again.mailboxes[M_ALICE.id].version
    assert {A2: A2, BOB: BOB} == holders(again)
    check_invariants(again)


def test_a_conflict_leaves_its_independent_neighbours_applied() -> None:
    """One alias that somebody else has does not stop the others."""
    done = effect([Link(M_BOB, A1), Link(M_BOB, B1), Link(M_BOB, A2)], two_mailboxes(), at(9))
    assert [Verdict.CONFLICT, Verdict.APPLIED, Verdict.APPLIED] == verdicts(done)
    check_invariants(done.after)


@pytest.mark.parametrize("was_open_once", [False, True])
def test_steps_that_come_in_another_order_do_what_the_plan_would(*, was_open_once: bool) -> None:
    """A link that stands before the opening of its mailbox finds the mailbox open, also one that was closed before."""
    carol = ref("m-carol", CAROL)
    before = two_mailboxes()
    if was_open_once:
        before = after(Open(carol, Profile()), Close(carol), before=before, hour=5)
    done = effect([Link(carol, B1), Open(carol, Profile())], before, at(9))
    assert [Verdict.APPLIED, Verdict.APPLIED] == verdicts(done)
    assert {A1: ALICE, ALICE: ALICE, B1: CAROL, BOB: BOB, CAROL: CAROL} == holders(done.after)
    check_invariants(done.after)


def test_a_link_to_a_mailbox_that_could_not_be_opened_is_a_conflict_too() -> None:
    """Its mailbox is not there, although a step says that it would be."""
    new = ref("m-new", A1)
    done = effect([Open(new, Profile()), Link(new, B1)], two_mailboxes(), at(9))
    assert [Verdict.CONFLICT, Verdict.CONFLICT] == verdicts(done)
    assert two_mailboxes() == done.after


def test_a_mailbox_that_two_steps_give_a_primary_gets_the_first() -> None:
    """Carried out together, the other address would belong to a mailbox that does not have it."""
    promotions = [Promote(M_BOB, B1, None, keep=False), Promote(M_BOB, CAROL, None, keep=False)]
    done = effect(promotions, two_mailboxes(), at(9))
    assert [Verdict.APPLIED, Verdict.CONFLICT] == verdicts(done)
    assert {A1: ALICE, ALICE: ALICE, B1: B1} == holders(done.after)
    check_invariants(done.after)


def test_the_outcome_of_a_step_that_would_break_a_rule_names_that_step() -> None:
    """Whoever reads the run sees which one it was."""
    step = Unlink(M_ALICE, ALICE)
    assert [step] == [each.step for each in effect([step], two_mailboxes(), at(9)).outcomes]


def test_every_change_tells_when_and_by_whom() -> None:
    """An address's history and an alias's source say the same, and both say what the stamp says."""
    stamp = at(9, Source("directory:corp"))
    steps: list[Step] = [Unlink(M_ALICE, A1), Open(ref("m-carol", CAROL), Profile()), Link(M_BOB, B1)]
    done = effect(steps, two_mailboxes(), stamp).after
    for address, holder in ((A1, None), (CAROL, ref("m-carol", CAROL).id), (B1, M_BOB.id)):
        assert TenureStart(holder, stamp.at, stamp.source, stamp.run) == done.address(address).starts[-1]
    assert {B1: Alias(stamp.source, stamp.at)} == done.mailboxes[M_BOB.id].aliases


def test_a_primary_that_is_kept_as_an_alias_is_linked_by_whom_the_step_says() -> None:
    """So a reverted step gives a link back to whose it was."""
    done = effect([Promote(M_ALICE, A1, M_ALICE, keep=True, source=SPREADSHEET)], two_mailboxes(), at(9)).after
    assert SPREADSHEET == done.mailboxes[M_ALICE.id].aliases[ALICE].source


def test_a_holder_that_was_not_read_is_named_by_its_id() -> None:
    """A conflict is reported, whatever is known of who has the address."""
    known = two_mailboxes()
    before = Existing({M_BOB.id: known.mailboxes[M_BOB.id]}, known.addresses)
    [outcome] = effect([Link(M_BOB, A1)], before, at(9)).outcomes
    assert (Verdict.CONFLICT, "a1@example.com belongs to mailbox m-alice now") == (outcome.verdict, outcome.reason)
