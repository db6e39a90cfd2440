"""Takes messages off the mail queue and files what each announces; those that fail go back to the queue, one by one."""

import os
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from addresses.items import SETTINGS_KEY, settings_from
from addresses.table import Table
from mail_ingest.arrival import arrivals
from mail_ingest.filing import Filing
from mail_ingest.report import report

logger = Logger()
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@cache
def table() -> Table:
    """The table, connected once per container."""
    return Table(boto3.client("dynamodb"), os.environ["TABLE_NAME"])


@cache
def filing() -> Filing:
    """What files messages, with what it remembers, once per container."""
    return Filing(boto3.client("s3"), table())


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """File what a batch of messages on the mail queue announces."""
    settings = settings_from(table().get(SETTINGS_KEY))

    def file(record: SQSRecord) -> None:
        for arrival in arrivals(record.body, os.environ["MAIL_BUCKET"]):
            for filed in filing().file(arrival, settings):
                report(logger, filed)

    answer = process_partial_response(event=event, record_handler=file, processor=processor, context=context)
    for failed, error in zip(answer["batchItemFailures"], processor.exceptions, strict=True):
        logger.error("A message could not be filed and goes back to the queue.", extra=failed, exc_info=error[1])
    return answer
