"""The one way in which links change: steps in, conditional transactions out.

What is judged is what was read a moment ago, and the transaction's condition is that nobody has written it since. If
somebody has, it is read and judged again. So a step is applied to its before-state or not at all, a step that was
applied is found done, and any two plans may run at once, stop anywhere and run again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial

from addresses.address import Address
from addresses.book import read, write
from addresses.effect import effect
from addresses.errors import TableBusy
from addresses.mailbox import MailboxId, Stamp
from addresses.outcome import Outcome, Verdict
from addresses.run import Run, RunStatus, run_item, steps_item
from addresses.step import Step, addresses, mailboxes
from addresses.table import TRANSACTION_ITEMS, Changed, Item, Table
from addresses.times import stamp

ATTEMPTS = 12
# Every transaction carries its own record, and the last one the run's.
ITEMS_FOR_STEPS = TRANSACTION_ITEMS - 2

type Clock = Callable[[], datetime]


def apply(table: Table, run: Run, steps: Sequence[Step], clock: Clock) -> list[Outcome]:
    """Carry out the steps and record the run; the outcomes come in the order of the batches.

    If the run is ``all_or_none``, a conflict leaves all steps of its transaction undone.

    Raises:
        TableBusy: other writers came between every time; the batches before this one are done, and doing all again
            is safe.
    """
    done: list[Outcome] = []
    grouped = batches(steps)
    for number, batch in enumerate(grouped):
        earlier = done if number == len(grouped) - 1 else None
        done = [*done, *_apply_batch(table, run, batch, clock, partial(_records, run, number, earlier))]
    return done


def _apply_batch(
    table: Table, run: Run, steps: Sequence[Step], clock: Clock, records: Callable[[Sequence[Outcome], str], list[Item]]
) -> tuple[Outcome, ...]:
    for attempt in range(ATTEMPTS):
        now = stamp(clock())
        before = read(table, *_touched(steps))
        result = effect(steps, before, Stamp(run.source, run.id, now))
        if run.all_or_none and any(each.verdict is Verdict.CONFLICT for each in result.outcomes):
            return result.outcomes
        try:
            write(table, before, result.after, records(result.outcomes, now))
        except Changed:
            table.wait(attempt)
        else:
            return result.outcomes
    raise TableBusy(f"{ATTEMPTS} tries met other writers each time. Nothing of this step was done; send it again.")


def _records(
    run: Run, number: int, earlier: Sequence[Outcome] | None, outcomes: Sequence[Outcome], now: str
) -> list[Item]:
    """The record of one transaction and, when it is the run's last and ``earlier`` holds the others, the run's."""
    part = steps_item(run, number, outcomes)
    return [part] if earlier is None else [part, run_item(run, [*earlier, *outcomes], RunStatus.APPLIED, now)]


def batches(steps: Sequence[Step]) -> list[tuple[Step, ...]]:
    """The steps in groups that one transaction can hold, in order.

    Steps that touch the same mailbox or address belong together, a swap of primaries above all; steps that share
    nothing are put together only to save calls. What is too large for one transaction is cut in the plan's order.
    """
    grouped: list[tuple[Step, ...]] = []
    current: list[Step] = []
    for group in _connected(steps):
        if current and _size([*current, *group]) > ITEMS_FOR_STEPS:
            grouped.append(tuple(current))
            current = []
        for step in group:
            if _size([*current, step]) > ITEMS_FOR_STEPS:
                grouped.append(tuple(current))
                current = []
            current.append(step)
    return [*grouped, tuple(current)] if current else grouped


def _connected(steps: Sequence[Step]) -> list[list[Step]]:
    """The steps in groups that share no item with each other, each group in the order given."""
    parent: dict[str, str] = {}

    def root(item: str) -> str:
        while parent.setdefault(item, item) != item:
            parent[item] = item = parent[parent[item]]
        return item

    for step in steps:
        touched: list[str] = [*mailboxes(step), *addresses(step)]
        for item in touched:
            parent[root(item)] = root(touched[0])
    groups: dict[str, list[Step]] = defaultdict(list)
    for step in steps:
        groups[root(next(iter(mailboxes(step))))].append(step)
    return list(groups.values())


def _touched(steps: Iterable[Step]) -> tuple[frozenset[MailboxId], frozenset[Address]]:
    steps = list(steps)
    return (
        frozenset(each for step in steps for each in mailboxes(step)),
        frozenset(each for step in steps for each in addresses(step)),
    )


def _size(steps: Iterable[Step]) -> int:
    return sum(map(len, _touched(steps)))
