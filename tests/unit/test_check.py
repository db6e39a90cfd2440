"""When a plan is carried out unasked, and the sentence when it is not."""

import pytest

from addresses.address import Address
from addresses.check import Held, Limits, check
from addresses.mailbox import Profile, Source
from addresses.plan import Plan, in_order
from addresses.step import Close, Link, Open, Promote, Relink, Step, Unlink
from tests.people import A1, ALICE, BOB, ref

CORP = Source("directory:corp")
M_ALICE, M_BOB = ref("m-alice", ALICE), ref("m-bob", BOB)


def unlinks(count: int) -> list[Unlink]:
    """As many unlinks."""
    return [Unlink(M_ALICE, Address(f"a{number}@example.com")) for number in range(count)]


def plan(*steps: Step) -> Plan:
    """A plan of these steps, by a directory."""
    return in_order(CORP, steps)


@pytest.mark.parametrize(
    ("taken", "owned", "limits", "held"),
    [
        # Up to the floor nobody is asked, however much of everything that is.
        (10, 10, Limits(count=1, percent=0, floor=10), False),
        (11, 10, Limits(count=100, percent=0, floor=10), True),
        (1, 1, Limits(count=0, percent=0, floor=0), True),
        (0, 0, Limits(count=0, percent=0, floor=0), False),
        # The count.
        (20, 1000, Limits(count=20, percent=50, floor=0), False),
        (21, 1000, Limits(count=20, percent=50, floor=0), True),
        # The share.
        (100, 1000, Limits(count=1000, percent=10, floor=0), False),
        (101, 1000, Limits(count=1000, percent=10, floor=0), True),
        (1, 0, Limits(count=1000, percent=99, floor=0), True),
        (1, 0, Limits(count=1000, percent=100, floor=0), False),
    ],
)
def test_a_plan_is_held_when_it_takes_more_than_the_floor_and_more_than_a_limit(
    taken: int, owned: int, limits: Limits, *, held: bool
) -> None:
    """Each limit is the most that is let through."""
    assert held == (check(plan(*unlinks(taken)), owned, limits) is not None)


def test_only_what_takes_an_address_from_somebody_counts() -> None:
    """Opening and linking give; relinking, promoting and closing take as unlinking does."""
    taking: list[Step] = [
        Unlink(M_ALICE, A1),
        Relink(A1, M_ALICE, M_BOB),
        Promote(M_ALICE, A1, M_ALICE, keep=True),
        Close(M_BOB),
    ]
    giving: list[Step] = [Open(M_BOB, Profile()), *(Link(M_ALICE, each.alias) for each in unlinks(9))]
    assert None is check(plan(*giving), 1, Limits(0, 0, 0))
    assert None is check(plan(*taking, *giving), 1, Limits(0, 0, floor=4))
    assert None is not check(plan(*taking, *giving), 1, Limits(0, 0, floor=3))


@pytest.mark.parametrize(
    ("limits", "broken"),
    [
        (Limits(count=3, percent=50, floor=0), "the limit of 3"),
        (Limits(count=9, percent=2.5, floor=0), "the limit of 2.5 %"),
        (Limits(count=3, percent=2.5, floor=0), "the limit of 3 and the limit of 2.5 %"),
    ],
)
def test_a_held_plan_says_how_much_of_what_it_takes_and_what_to_do(limits: Limits, broken: str) -> None:
    """The counts, the share, the limits that are broken, and the two ways on."""
    expected = Held(
        "directory:corp would take away 4 of its 30 addresses (3 unlink, 1 close; 13.3 %), which is over "
        f"{broken}. If this is meant, approve the run with its digest within 24 hours; else reject it."
    )
    assert expected == check(plan(*unlinks(3), Close(M_BOB)), 30, limits)
