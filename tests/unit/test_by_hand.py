"""What an administrator may do by hand, and the sentence that says why not."""

from collections.abc import Callable

import pytest

from addresses.address import parse
from addresses.effect import effect
from addresses.errors import (
    AddressesError,
    AlreadyLinked,
    CrossDomain,
    ExternalDomain,
    IsPrimary,
    LinkedElsewhere,
    NoSuchMailbox,
    NotAnAlias,
)
from addresses.mailbox import Existing
from addresses.plan import Plan
from addresses.settings import Settings
from link_api import by_hand
from tests.people import A1, A2, ALICE, B1, BOB, CAROL, at, ref, two_mailboxes

SETTINGS = Settings(internal_domains=["example.com", "example.org"])
ELSEWHERE, STRANGER = parse("alice@example.org"), parse("alice@example.net")
NEW = ref("m-new", CAROL)


def sentences(plan: Plan) -> list[str]:
    """The plan's steps in words."""
    return [step.sentence for step in plan.steps]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (lambda x: by_hand.open_mailbox(x, SETTINGS, NEW, "Carol", None), ["open a mailbox for carol@example.com"]),
        (lambda x: by_hand.open_mailbox(x, SETTINGS, ref("m-new", ALICE), None, None), []),
        (lambda x: by_hand.open_mailbox(x, SETTINGS, ref("m-new", ALICE), "Alice", None), []),
        (
            lambda x: by_hand.open_mailbox(x, SETTINGS, ref("m-new", ALICE), "A. Smith", None),
            ["name the mailbox of alice@example.com 'A. Smith'"],
        ),
        (
            lambda x: by_hand.open_mailbox(x, SETTINGS, ref("m-new", A1), None, ALICE),
            ["open a mailbox for a1@example.com, until now an address of alice@example.com"],
        ),
        (lambda x: by_hand.link(x, SETTINGS, ALICE, [A1]), []),
        (lambda x: by_hand.link(x, SETTINGS, ALICE, [A2, A1, A2]), ["link a2@example.com to alice@example.com"]),
        (
            lambda x: by_hand.link(x, SETTINGS, BOB, [A1], ALICE),
            ["relink a1@example.com from alice@example.com to bob@example.com"],
        ),
        (lambda x: by_hand.unlink(x, ALICE, A1), ["unlink a1@example.com from alice@example.com"]),
        (lambda x: by_hand.unlink(x, ALICE, B1), []),
        (
            lambda x: by_hand.promote(x, ALICE, A1),
            ["promote a1@example.com to primary of alice@example.com, which is kept as an alias"],
        ),
        (lambda x: by_hand.promote(x, ALICE, ALICE), []),
        (
            lambda x: by_hand.close_mailbox(x, ALICE),
            ["unlink a1@example.com from alice@example.com", "close the mailbox of alice@example.com"],
        ),
    ],
)
def test_a_request_by_hand_is_a_plan_of_the_fewest_steps(
    wanted: Callable[[Existing], Plan], expected: list[str]
) -> None:
    """Nothing is planned for what is so already."""
    assert expected == sentences(wanted(two_mailboxes()))


@pytest.mark.parametrize(
    ("wanted", "error", "says"),
    [
        (lambda x: by_hand.open_mailbox(x, SETTINGS, ref("m", A1), None, None), AlreadyLinked, 'primary in "from"'),
        (lambda x: by_hand.open_mailbox(x, SETTINGS, ref("m", A1), None, BOB), AlreadyLinked, "alice@example.com"),
        (lambda x: by_hand.open_mailbox(x, SETTINGS, ref("m", STRANGER), None, None), ExternalDomain, "PUT /settings"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [A1]), AlreadyLinked, "is linked to alice@example.com"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [A1], CAROL), AlreadyLinked, "is linked to alice@example.com"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [B1, A1]), AlreadyLinked, "is linked to alice@example.com"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [ALICE]), IsPrimary, "Close that mailbox first"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [ALICE], ALICE), IsPrimary, "Close that mailbox first"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [BOB]), IsPrimary, "bob@example.com is the primary"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [ELSEWHERE]), CrossDomain, "use a spreadsheet or the directory"),
        (lambda x: by_hand.link(x, SETTINGS, BOB, [STRANGER]), ExternalDomain, "example.com, example.org"),
        (lambda x: by_hand.link(x, SETTINGS, CAROL, [B1]), NoSuchMailbox, "Open one first"),
        (lambda x: by_hand.link(x, SETTINGS, A1, [B1]), NoSuchMailbox, "an alias of alice@example.com; name that"),
        (lambda x: by_hand.unlink(x, BOB, A1), LinkedElsewhere, "is linked to alice@example.com, not to bob"),
        (lambda x: by_hand.unlink(x, ALICE, ALICE), IsPrimary, "close the mailbox"),
        (lambda x: by_hand.unlink(x, CAROL, A1), NoSuchMailbox, "carol@example.com"),
        (lambda x: by_hand.promote(x, BOB, A1), NotAnAlias, "is linked to alice@example.com"),
        (lambda x: by_hand.promote(x, BOB, B1), NotAnAlias, "belongs to no mailbox"),
        (lambda x: by_hand.promote(x, CAROL, B1), NoSuchMailbox, "carol@example.com"),
        (lambda x: by_hand.close_mailbox(x, A1), NoSuchMailbox, "an alias of alice@example.com"),
        (lambda x: by_hand.close_mailbox(x, CAROL), NoSuchMailbox, "carol@example.com"),
    ],
)
def test_a_request_that_breaks_a_rule_names_the_rule_and_the_way_out(
    wanted: Callable[[Existing], Plan], error: type[AddressesError], says: str
) -> None:
    """The error's class is the rule; its message says who holds what, and what to do."""
    with pytest.raises(error) as raised:
        wanted(two_mailboxes())
    assert error is raised.type
    assert says in str(raised.value)


def test_a_replayed_promotion_finds_its_alias_promoted() -> None:
    """The same request again names the old primary, which is an alias now."""
    done = by_hand.promote(two_mailboxes(), ALICE, A1)

    assert () == by_hand.promote(effect(done.steps, two_mailboxes(), at(9)).after, ALICE, A1).steps
