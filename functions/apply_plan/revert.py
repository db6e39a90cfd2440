"""Plans what takes a run back; the plan goes the way of every other."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from addresses.book import read
from addresses.inverse import inverse
from addresses.launch import Launcher
from addresses.order import RevertOrder
from addresses.outcome import Verdict
from addresses.plan import in_order
from addresses.plan_store import PlanStore
from addresses.run import Run, RunKind, RunStatus
from addresses.run_book import Decided, Found, read_run, record
from addresses.run_items import STEPS, outcomes_from, run_partition
from addresses.step import addresses, mailboxes
from addresses.table import Table
from addresses.times import stamp


def revert(
    order: RevertOrder, table: Table, plans: PlanStore, launcher: Launcher, clock: Callable[[], datetime]
) -> Run | None:
    """The run that takes another back, on its way; None if it went on before."""
    reverted = read_run(table, order.reverts)
    records = table.partition(run_partition(reverted.id), STEPS)
    outcomes = [outcome for item in records for outcome in outcomes_from(item)]
    applied = [each for each in outcomes if each.verdict is Verdict.APPLIED]
    steps = [each.step for each in applied]
    existing = read(
        table,
        {each for step in steps for each in mailboxes(step)},
        {each for step in steps for each in addresses(step)},
    )
    plan = in_order(reverted.source, inverse(applied, reverted.id, existing))
    stored, parts = plans.store(plan)
    new = Run(
        order.run,
        RunKind.REVERT,
        reverted.source,
        order.actor,
        order.started_at,
        dry_run=order.dry_run,
        reverts=reverted.id,
    )

    def decide(found: Found) -> Decided | None:
        run = found.run or new
        if run.status is not RunStatus.GATHERING:
            return None
        planned = replace(run, digest=plan.digest, counts=plan.counts, plan=stored if parts else None, parts=len(parts))
        if order.dry_run or not parts:
            status = RunStatus.PLANNED if order.dry_run else RunStatus.APPLIED
            return Decided(replace(planned, status=status, finished_at=stamp(clock())), found.state)
        return Decided(replace(planned, status=RunStatus.APPLYING), found.state)

    decided = record(table, order.run, None, decide)
    begun = decided or read_run(table, order.run)
    if begun.status is RunStatus.APPLYING:
        launcher.launch(begun)
    return decided
