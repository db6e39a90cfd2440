"""How a plan is cut into transactions, and these into parts that can be carried out at the same time. Pure."""

from collections import defaultdict
from collections.abc import Sequence

from addresses.step import Step, addresses, mailboxes

# Of the 100 items of a DynamoDB transaction, one is the record of its steps and one may be that of the run.
ITEMS_FOR_STEPS = 98

type Batch = tuple[Step, ...]


def batches(steps: Sequence[Step]) -> list[Batch]:
    """The steps in groups that one transaction can hold, in order.

    Steps that touch the same mailbox or address belong together, a swap of primaries above all; steps that share
    nothing are put together only to save calls. What is too large for one transaction is cut in the plan's order.
    """
    return [batch for train in _trains(steps) for batch in train]


def parts(steps: Sequence[Step], size: int) -> list[list[Batch]]:
    """The transactions in parts of at least ``size`` steps (the last may be smaller).

    No two parts touch the same mailbox or address, so they can be carried out in any order and at the same time.
    """
    found: list[list[Batch]] = []
    waiting: list[Batch] = []
    for train in _trains(steps):
        waiting += train
        if sum(map(len, waiting)) >= size:
            found.append(waiting)
            waiting = []
    return [*found, waiting] if waiting else found


def _trains(steps: Sequence[Step]) -> list[list[Batch]]:
    """Transactions; those that touch the same item are in one train, one behind the other."""
    trains: list[list[Batch]] = []
    train: list[Batch] = []
    current: list[Step] = []
    touched: set[str] = set()
    for group in _connected(steps):
        # Groups share no item, so their sizes add up.
        whole = len(frozenset().union(*(items for _, items in group)))
        if current and len(touched) + whole > ITEMS_FOR_STEPS:
            trains.append([*train, tuple(current)])
            train, current, touched = [], [], set()
        for step, items in group:
            if len(touched | items) > ITEMS_FOR_STEPS:
                train.append(tuple(current))
                current, touched = [], set()
            current.append(step)
            touched |= items
    return [*trains, [*train, tuple(current)]] if current else trains


def _connected(steps: Sequence[Step]) -> list[list[tuple[Step, frozenset[str]]]]:
    """The steps, with the items that they touch, in groups that share none with each other; in the order given."""
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        while parent.setdefault(item, item) != item:
            parent[item] = item = parent[parent[item]]
        return item

    known = [(step, frozenset[str]((*mailboxes(step), *addresses(step)))) for step in steps]
    for _, items in known:
        first, *others = items
        for item in others:
            parent[root(item)] = root(first)
    groups: dict[str, list[tuple[Step, frozenset[str]]]] = defaultdict(list)
    for step, items in known:
        groups[root(next(iter(items)))].append((step, items))
    return list(groups.values())
