"""A request by hand, carried out: gather, plan, apply, report; and again from the start if others came between."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from aws_lambda_powertools import Logger

from addresses.address import Address
from addresses.apply import apply
from addresses.book import read_holders
from addresses.errors import ChangedMeanwhile
from addresses.mailbox import Existing
from addresses.outcome import Outcome, Verdict
from addresses.plan import Plan
from addresses.run import Run, RunKind, new_run_id
from addresses.table import Table
from addresses.times import stamp

ROUNDS = 4

logger = Logger()


@dataclass(frozen=True)
class Change:
    """What a request came to: what exists now, and whether anything had to be done for it."""

    existing: Existing
    steps: int


def change(table: Table, actor: Address, concerned: Iterable[Address], wanted: Callable[[Existing], Plan]) -> Change:
    """Do what is wanted of the addresses concerned, all or none of it.

    Raises:
        addresses.errors.Conflicting: a rule forbids it, as things are now.
        ChangedMeanwhile: others changed the same addresses each time between planning and applying.
    """
    concerned = set(concerned)
    conflicts: list[Outcome] = []
    for _ in range(ROUNDS):
        existing = read_holders(table, concerned)
        plan = wanted(existing)
        if not plan.steps:
            return Change(existing, 0)
        conflicts = _carry_out(table, actor, plan)
        if not conflicts:
            return Change(read_holders(table, concerned), len(plan.steps))
    raise ChangedMeanwhile(f"{conflicts[0].reason}; others are changing the same addresses. Look again, then decide.")


def _carry_out(table: Table, actor: Address, plan: Plan) -> list[Outcome]:
    started = datetime.now(UTC)
    run_id = new_run_id(started, uuid4().hex[:12])
    run = Run(run_id, RunKind.MANUAL, plan.source, actor, stamp(started), digest=plan.digest)
    outcomes = apply(table, run, plan.steps, lambda: datetime.now(UTC))
    for outcome in outcomes:
        logger.info(outcome.step.sentence, run=run.id, actor=actor, outcome=outcome.verdict, reason=outcome.reason)
    return [outcome for outcome in outcomes if outcome.verdict is Verdict.CONFLICT]
