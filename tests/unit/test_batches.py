"""How a plan is cut: into transactions that fit, and into parts that have nothing to do with each other."""

import pytest

from addresses.address import parse
from addresses.batches import ITEMS_FOR_STEPS, batches, parts
from addresses.mailbox import Profile
from addresses.step import Link, Open, Relink, Step, Unlink, addresses, mailboxes
from tests.people import ALICE, BOB, ref

M_ALICE, M_BOB = ref("m-alice", ALICE), ref("m-bob", BOB)


def opens(count: int) -> list[Step]:
    """So many steps of two items each, which share nothing."""
    return [Open(ref(f"m-{number}", parse(f"n{number}@example.com")), Profile()) for number in range(count)]


def links(count: int) -> list[Step]:
    """So many aliases of one mailbox: one item more than steps."""
    return [Link(M_ALICE, parse(f"a{number}@example.com")) for number in range(count)]


@pytest.mark.parametrize(
    ("steps", "sizes"),
    [
        ([], []),
        (opens(1), [1]),
        (opens(49), [49]),
        (opens(50), [49, 1]),
        (opens(100), [49, 49, 2]),
        (links(97), [97]),
        (links(98), [97, 1]),
        (links(200), [97, 97, 6]),
        # What no longer fits behind others begins a transaction of its own, and is cut only if it fits in none.
        ([*opens(1), *links(95)], [96]),
        ([*opens(1), *links(96)], [1, 96]),
        ([*opens(1), *links(98)], [1, 97, 1]),
        ([*links(98), *opens(48)], [97, 49]),
        ([*links(98), *opens(49)], [97, 49, 1]),
    ],
)
def test_a_transaction_is_filled_to_the_last_item_that_fits(steps: list[Step], sizes: list[int]) -> None:
    """In the plan's order, and nothing is lost."""
    cut = batches(steps)
    assert sizes == list(map(len, cut))
    assert steps == [step for batch in cut for step in batch]
    for batch in cut:
        assert ITEMS_FOR_STEPS >= len({each for step in batch for each in (*mailboxes(step), *addresses(step))})


def test_steps_that_hang_together_by_others_are_in_one_transaction() -> None:
    """Wherever they stand in the plan: the first and the last share nothing but what the one between them touches."""
    a, b, c = (parse(f"{name}@example.com") for name in "abc")
    chain: list[Step] = [Unlink(M_ALICE, a), Link(M_BOB, b), Relink(c, M_ALICE, M_BOB)]
    cut = batches([chain[0], *opens(60), chain[1], chain[2]])
    assert [set(chain)] == [set(batch) & set(chain) for batch in cut if set(batch) & set(chain)]


def test_no_two_parts_touch_the_same_item_and_each_but_the_last_has_the_size_that_was_asked_for() -> None:
    """What one transaction cannot hold stays in one part, and in its order."""
    steps = [*links(200), *opens(120)]
    for size, sizes in ((1, [245, 49, 26]), (245, [245, 75]), (246, [294, 26]), (1000, [320])):
        cut = parts(steps, size)
        assert sizes == [sum(map(len, part)) for part in cut]
        assert steps == [step for part in cut for batch in part for step in batch]
        touched = [
            {each for batch in part for step in batch for each in (*mailboxes(step), *addresses(step))} for part in cut
        ]
        assert sum(map(len, touched)) == len(set().union(*touched))
    assert [] == parts([], 1)
