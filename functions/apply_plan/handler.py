"""The function behind the state machine that carries out plans, and behind the orders to take a run back."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import Field, TypeAdapter

from addresses.launch import Launcher
from addresses.order import FinishOrder, PartOrder, RevertOrder
from addresses.plan_store import PlanStore
from addresses.table import Table, connected
from apply_plan.finish import finish
from apply_plan.part import carry_out
from apply_plan.revert import revert

logger = Logger()
_order: TypeAdapter[PartOrder | FinishOrder | RevertOrder] = TypeAdapter(
    Annotated[PartOrder | FinishOrder | RevertOrder, Field(discriminator="do")]
)


@cache
def table() -> Table:
    """The table, connected once per container."""
    return connected(os.environ["TABLE_NAME"])


@logger.inject_lambda_context(clear_state=True)
def handle(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda hands it over
    """Carry out one order."""
    order = _order.validate_python(event)
    logger.append_keys(run=order.run)
    # So that the id of a request that never came back leads to its run.
    logger.info("An order is carried out.", do=order.do)
    bucket = os.environ["PLAN_BUCKET"]
    plans = PlanStore(boto3.client("s3"), bucket)
    match order:
        case PartOrder():
            for outcome in carry_out(order, table(), plans, _now):
                logger.info(outcome.step.sentence, outcome=outcome.verdict, reason=outcome.reason)
        case FinishOrder():
            ended = finish(order, table(), _now)
            if ended:
                logger.info("The run has ended.", status=ended.status, counts=ended.counts, because=ended.because)
        case RevertOrder():
            launcher = Launcher(boto3.client("stepfunctions"), os.environ["STATE_MACHINE"], bucket)
            planned = revert(order, table(), plans, launcher, _now)
            if planned:
                logger.info("What takes a run back is planned.", status=planned.status, counts=planned.counts)


def _now() -> datetime:
    return datetime.now(UTC)
