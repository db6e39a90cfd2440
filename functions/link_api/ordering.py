"""Sends other functions their orders, to read a directory or to take a run back; the run can be looked at at once."""

import os
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import boto3

from addresses.mailbox import RunId
from addresses.order import RevertOrder, SyncOrder
from addresses.run import Run, new_run_id
from addresses.run_items import run_item
from addresses.table import Table
from addresses.times import stamp


def new_run() -> tuple[RunId, str]:
    """The id of a run that begins now, and its time."""
    now = datetime.now(UTC)
    return new_run_id(now, uuid4().hex[:12]), stamp(now)


def send(order: SyncOrder | RevertOrder, run: Run, table: Table) -> None:
    """Hand the order over, then record its run, unless whoever got the order was quicker."""
    function = (
        os.environ["APPLY_PLAN_FUNCTION"] if isinstance(order, RevertOrder) else os.environ["DIRECTORY_SYNC_FUNCTION"]
    )
    client: Any = boto3.client("lambda")
    client.invoke(FunctionName=function, InvocationType="Event", Payload=order.model_dump_json().encode())
    table.put_new(run_item(run))
