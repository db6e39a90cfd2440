"""The function behind the schedule, and behind the orders to read one directory."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from addresses.launch import Launcher
from addresses.order import SyncOrder
from addresses.plan_store import PlanStore
from addresses.table import Table, connected
from directory_sync.kinds import opened
from directory_sync.sync import Sync
from directory_sync.tick import sending, tick

logger = Logger()


@cache
def table() -> Table:
    """The table, connected once per container."""
    return connected(os.environ["TABLE_NAME"])


@logger.inject_lambda_context(clear_state=True)
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """Carry out one order, or send one for each directory when the schedule says so."""
    if "do" in event:
        logger.append_keys(run=event.get("run"), directory=event.get("directory"))
        # So that the id of a request that never came back leads to its run.
        logger.info("An order is carried out.")
        with ThreadPoolExecutor(8) as executor:
            sync(context, executor).run(SyncOrder.model_validate(event))
        return
    tick(event, table(), sending(context.invoked_function_arn), datetime.now(UTC), context.aws_request_id)


def sync(context: LambdaContext, executor: ThreadPoolExecutor) -> Sync:
    """What a run works with; four fifths of the time are for reading the directory, the rest for what follows."""
    left = context.get_remaining_time_in_millis() / 1000
    deadline = time.monotonic() + 0.8 * left
    secrets, bucket = boto3.client("secretsmanager"), os.environ["PLAN_BUCKET"]
    return Sync(
        table=table(),
        plans=PlanStore(boto3.client("s3"), bucket),
        launcher=Launcher(boto3.client("stepfunctions"), os.environ["STATE_MACHINE"], bucket),
        executor=executor,
        open_reader=lambda directory: opened(directory, secrets, deadline),
        clock=lambda: datetime.now(UTC),
        lease=timedelta(seconds=left + 60),
    )
