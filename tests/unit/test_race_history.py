"""What the races look at in histories finds what it is for."""

import pytest

from addresses.address import Address
from addresses.mailbox import MANUAL, AddressState, MailboxId, RunId, TenureStart
from addresses.outcome import Outcome, Verdict
from addresses.run_items import steps_item
from addresses.step import Link, Promote, Ref, Relink, Step, Unlink
from tests.races.history import contradictions, moves, recorded

ALIAS = Address("alias@example.com")
ALICE, BOB = (
    Ref(MailboxId("m-alice"), Address("alice@example.com")),
    Ref(MailboxId("m-bob"), Address("bob@example.com")),
)
LINKED, RELINKED = Link(ALICE, ALIAS), Relink(ALIAS, ALICE, BOB)


def history(*mailboxes: MailboxId | None) -> AddressState:
    """The alias, which run 1 took to the first of these mailboxes, run 2 to the second and so on."""
    starts = (
        TenureStart(each, f"2026-03-01T09:30:0{number}.000000Z", MANUAL, RunId(f"run-{number}"))
        for number, each in enumerate(mailboxes, start=1)
    )
    return AddressState(ALIAS, tuple(starts))


def found(state: AddressState, *steps: Step, verdict: Verdict = Verdict.APPLIED) -> list[str]:
    """What is wrong with the history, if these are the steps of run 1, run 2 and so on."""
    items = [
        steps_item(RunId(f"run-{number}"), 0, 0, [Outcome(step, verdict)]) for number, step in enumerate(steps, start=1)
    ]
    return contradictions([state], recorded(items))


def test_a_history_that_follows_from_the_steps_has_no_contradiction() -> None:
    """Linked, then relinked, then unlinked."""
    assert [] == found(history(ALICE.id, BOB.id, None), LINKED, RELINKED, Unlink(BOB, ALIAS))


@pytest.mark.parametrize(
    ("mailboxes", "steps"),
    [
        ((ALICE.id,), ()),  # nobody recorded a step
        ((BOB.id,), (LINKED,)),  # it was to go elsewhere
        ((BOB.id, BOB.id), (Link(BOB, ALIAS), RELINKED)),  # it was to come from elsewhere
        ((ALICE.id,), (LINKED, RELINKED)),  # what was recorded is lost
        ((ALICE.id, None, BOB.id), (LINKED, Unlink(BOB, ALIAS), Link(BOB, ALIAS))),  # it was not there to be unlinked
    ],
)
def test_a_history_that_does_not_is_one_sentence_each(
    mailboxes: tuple[MailboxId | None, ...], steps: tuple[Step, ...]
) -> None:
    """Whichever of the two knows more than the other."""
    assert 1 == len(found(history(*mailboxes), *steps))


def test_a_step_that_met_a_conflict_explains_nothing() -> None:
    """It changed nothing."""
    assert 1 == len(found(history(ALICE.id), LINKED, verdict=Verdict.CONFLICT))


def test_a_promotion_that_keeps_the_old_primary_moves_only_the_new_one() -> None:
    """The old one stays in its mailbox, as an alias."""
    moved = moves(Promote(ALICE, ALIAS, BOB, keep=True))
    assert {ALIAS: (BOB.id, ALICE.id), ALICE.primary: (ALICE.id, ALICE.id)} == moved
