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

from addresses.directory_items import directories
from addresses.launch import Launcher
from addresses.order import SyncOrder
from addresses.plan_store import PlanStore
from addresses.table import Table
from directory_sync.kinds import opened
from directory_sync.schedule import orders
from directory_sync.sync import Sync

logger = Logger()


@cache
def table() -> Table:
    """The table, connected once per container."""
    return Table(boto3.client("dynamodb"), os.environ["TABLE_NAME"])


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> None:
    """Carry out one order, or send one for each directory when the schedule says so."""
    if "do" in event:
        with ThreadPoolExecutor(8) as executor:
            sync(context, executor).run(SyncOrder.model_validate(event))
        return
    functions = boto3.client("lambda")
    for order in orders(event, directories(table())):
        logger.info("A sync is ordered.", directory=order.directory, run=order.run)
        payload = order.model_dump_json().encode()
        functions.invoke(FunctionName=context.invoked_function_arn, InvocationType="Event", Payload=payload)


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
