"""The one way in which links change: steps in, conditional transactions out.

What is judged is what was read a moment ago, and the transaction's condition is that nobody has written it since. If
somebody has, it is read and judged again. So a step is applied to its before-state or not at all, a step that was
applied is found done, and any two plans may run at once, stop anywhere and run again.

The record of what became of a transaction's steps is written by that transaction, under a key that only it has. So a
transaction that is carried out again finds its record, does nothing, and tells what became of its steps the first time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from addresses.address import Address
from addresses.batches import batches
from addresses.book import read_with, write
from addresses.effect import effect
from addresses.errors import TableBusy
from addresses.mailbox import MailboxId, Stamp
from addresses.outcome import Outcome, Verdict
from addresses.run import Run, RunStatus, counts
from addresses.run_items import outcomes_from, run_item, steps_item, steps_key
from addresses.step import Step, addresses, mailboxes
from addresses.table import Changed, Item, Table
from addresses.times import stamp

ATTEMPTS = 12

type Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Transaction:
    """Some steps of a run that are carried out together; ``part`` and ``number`` are the name of their record."""

    run: Run
    part: int
    number: int
    steps: Sequence[Step]


def apply(table: Table, run: Run, steps: Sequence[Step], clock: Clock) -> list[Outcome]:
    """Carry out the few steps of a request, and record its run with the last of them.

    A conflict leaves all steps of its transaction undone, and what changes nothing is not recorded.

    Raises:
        TableBusy: other writers came between every time; the batches before this one are done, and doing all again
            is safe.
    """
    done: list[Outcome] = []
    grouped = batches(steps)
    for number, batch in enumerate(grouped):
        last = number == len(grouped) - 1
        more = partial(_run_record, run, tuple(done)) if last else _nothing_more
        done += _carry_out(table, Transaction(run, 0, number, batch), clock, more, all_or_none=True)
    return done


def apply_transaction(table: Table, transaction: Transaction, clock: Clock) -> tuple[Outcome, ...]:
    """Carry out a transaction of a plan, unless it was before; what became of its steps is recorded in any case.

    Raises:
        TableBusy: other writers came between every time; nothing of this transaction is done.
    """
    outcomes = _carry_out(table, transaction, clock, _nothing_more, all_or_none=False)
    if any(each.verdict is Verdict.APPLIED for each in outcomes):
        return outcomes
    recorded = table.put_new(steps_item(transaction.run.id, transaction.part, transaction.number, outcomes))
    return outcomes_from(recorded) if recorded else outcomes


def _carry_out(
    table: Table,
    transaction: Transaction,
    clock: Clock,
    more_records: Callable[[Sequence[Outcome], str], list[Item]],
    *,
    all_or_none: bool,
) -> tuple[Outcome, ...]:
    run, key = transaction.run, steps_key(transaction.run.id, transaction.part, transaction.number)
    for attempt in range(ATTEMPTS):
        now = stamp(clock())
        before, recorded = read_with(table, key, *_touched(transaction.steps))
        if recorded:
            return outcomes_from(recorded)
        result = effect(transaction.steps, before, Stamp(run.source, run.id, now))
        if all_or_none and any(each.verdict is Verdict.CONFLICT for each in result.outcomes):
            return result.outcomes
        records = [steps_item(run.id, transaction.part, transaction.number, result.outcomes)]
        try:
            write(table, before, result.after, [*records, *more_records(result.outcomes, now)])
        except Changed:
            table.wait(attempt)
        else:
            return result.outcomes
    raise TableBusy(f"{ATTEMPTS} tries met other writers each time. Nothing of this step was done; send it again.")


def _run_record(run: Run, earlier: Sequence[Outcome], outcomes: Sequence[Outcome], at: str) -> list[Item]:
    ended = replace(run, status=RunStatus.APPLIED, counts=counts([*earlier, *outcomes]), finished_at=at)
    return [run_item(ended)]


def _nothing_more(_outcomes: Sequence[Outcome], _at: str) -> list[Item]:
    return []


def _touched(steps: Iterable[Step]) -> tuple[frozenset[MailboxId], frozenset[Address]]:
    steps = list(steps)
    return (
        frozenset(each for step in steps for each in mailboxes(step)),
        frozenset(each for step in steps for each in addresses(step)),
    )
