"""Apply: one part of a run's plan, transaction by transaction. Safe to do twice, or twice at once."""

from addresses.apply import Clock, Transaction, apply_transaction
from addresses.errors import NotBeingApplied
from addresses.order import PartOrder
from addresses.outcome import Outcome
from addresses.plan_store import PlanStore
from addresses.run import RunStatus, counts
from addresses.run_book import read_run
from addresses.run_items import part_item
from addresses.table import Table


def carry_out(order: PartOrder, table: Table, plans: PlanStore, clock: Clock) -> list[Outcome]:
    """What became of the part's steps, which is recorded transaction by transaction, and at the end counted.

    Of a run that has ended well there is nothing left to carry out.

    Raises:
        NotBeingApplied: nobody decided that this run is carried out, or it was given up.
        addresses.errors.TableBusy: other writers came between every time; doing the part again goes on where it ended.
    """
    run = read_run(table, order.run)
    if run.status is RunStatus.APPLIED:
        return []
    if run.status is not RunStatus.APPLYING or run.plan is None or not order.part.startswith(run.plan):
        raise NotBeingApplied(f"Run {run.id} is {run.status}; {order.part} is not to be carried out for it.")
    number, batches = plans.part(order.part)
    outcomes: list[Outcome] = []
    for position, batch in enumerate(batches):
        outcomes += apply_transaction(table, Transaction(run, number, position, batch), clock)
    table.put_new(part_item(run.id, number, counts(outcomes)))
    return outcomes
