"""What a tick of the schedule sets going: a run of every directory, and a look at how old the last good ones are."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import boto3
from aws_lambda_powertools import Logger

from addresses.directory_items import directories
from addresses.order import SyncOrder
from addresses.sync_state_items import states
from addresses.table import Table
from directory_sync.metrics import publish_ages
from directory_sync.schedule import orders

logger = Logger()


def sending(function: str) -> Callable[[SyncOrder], None]:
    """What sends an order to the function of this ARN, and does not wait for it."""
    functions = boto3.client("lambda")

    def send(order: SyncOrder) -> None:
        functions.invoke(FunctionName=function, InvocationType="Event", Payload=order.model_dump_json().encode())

    return send


def tick(
    event: Mapping[str, Any], table: Table, send: Callable[[SyncOrder], None], now: datetime, request: str
) -> None:
    """Send the orders, then publish how old the last good sync of each of these directories is, if there was one.

    After the orders, so that nothing is published while no run can be ordered: then an alarm misses it. ``request`` is
    the id of this invocation.
    """
    ordered = list(orders(event, directories(table)))
    for order in ordered:
        logger.info("A sync is ordered.", directory=order.directory, run=order.run)
        send(order)
    found = states(table, (order.directory for order in ordered))
    known = {each.directory: age.total_seconds() for each in found if (age := each.age(now)) is not None}
    publish_ages(known, request)
