"""The function behind the import bucket, and behind the state machine when an import was carried out."""

import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from addresses.launch import Launcher
from addresses.order import ReportOrder
from addresses.plan_store import PlanStore
from addresses.row_store import RowStore
from addresses.table import Table, connected
from spreadsheet_import.arrival import arrivals
from spreadsheet_import.gathering import AT_ONCE
from spreadsheet_import.imports import Import
from spreadsheet_import.report import Report
from spreadsheet_import.uploads import Uploads

logger = Logger()


@cache
def table() -> Table:
    """The table, connected once per container."""
    return connected(os.environ["TABLE_NAME"])


@logger.inject_lambda_context(clear_state=True)
def handle(event: dict[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda hands it over
    """Read the files that arrived, or report what became of one."""
    s3, bucket = boto3.client("s3"), os.environ["PLAN_BUCKET"]
    plans, rows, uploads = PlanStore(s3, bucket), RowStore(s3, bucket), Uploads(s3, os.environ["IMPORT_BUCKET"])
    report = Report(table(), plans, rows, uploads)
    if "do" in event:
        order = ReportOrder.model_validate(event)
        logger.info("The results are reported.", run=order.run)
        report.write(order.run)
        return
    with ThreadPoolExecutor(AT_ONCE) as executor:
        launcher = Launcher(boto3.client("stepfunctions"), os.environ["STATE_MACHINE"], bucket)
        work = Import(table(), uploads, plans, rows, launcher, executor, report, lambda: datetime.now(UTC))
        for arrival in arrivals(event):
            work.run(arrival)
