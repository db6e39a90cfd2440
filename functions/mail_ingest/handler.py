"""Takes what arrived off a queue and files it, mail and loads alike; what fails goes back to the queue, one by one."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from addresses.items import SETTINGS_KEY, settings_from
from mail_ingest.app import filing, go_on, loading, mail_bucket, notifications, table
from mail_ingest.arrival import arrivals
from mail_ingest.load.owner import IMPORT_PREFIX
from mail_ingest.report import report, report_load

# What a function needs after its last batch of messages: to record it, and to say what is left.
_RESERVE_MS = 60_000

logger = Logger()
processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """File what a batch of messages on the queue announces."""
    settings, at_work = settings_from(table().get(SETTINGS_KEY)), dict[object, str]()

    def file(record: SQSRecord) -> None:
        for arrival in arrivals(record.body, mail_bucket()):
            at_work[record.message_id] = arrival.key
            if arrival.key.startswith(IMPORT_PREFIX):
                left = loading().load(arrival, settings, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
                if left:
                    go_on(left)
                report_load(logger, arrival, left)
            else:
                if arrival.envelope:
                    notifications().keep(arrival.key, record.body)
                for filed in filing().file(arrival, settings):
                    report(logger, filed)

    answer = process_partial_response(event=event, record_handler=file, processor=processor, context=context)
    for failed, error in zip(answer["batchItemFailures"], processor.exceptions, strict=True):
        told = {**failed, "object_key": at_work.get(failed["itemIdentifier"])}
        logger.error("A message could not be filed and goes back to the queue.", extra=told, exc_info=error[1])
    return answer
