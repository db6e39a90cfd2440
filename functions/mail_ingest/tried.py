"""Does something with each message of a batch from a queue; one that fails does not hold up the others."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)


def tried(do: Callable[[SQSRecord], None], records: list[dict[str, Any]], context: LambdaContext) -> dict[str, Any]:
    """The ids of the messages with which it could not be done, and the errors that say why."""
    answer = process_partial_response(
        event={"Records": records}, record_handler=do, processor=processor, context=context
    )
    failed = (str(each["itemIdentifier"]) for each in answer["batchItemFailures"])
    return dict(zip(failed, (error[1] for error in processor.exceptions), strict=True))
