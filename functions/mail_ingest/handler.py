"""Takes what arrived off a queue and files it, mail and loads alike; what fails goes back to the queue, one by one."""

from itertools import chain
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from addresses.items import SETTINGS_KEY, settings_from
from mail_ingest.app import filing, go_on, loading, mail_bucket, notifications, table
from mail_ingest.arrival import arrivals
from mail_ingest.load.owner import IMPORT_PREFIX
from mail_ingest.report import report, report_failure, report_load
from mail_ingest.tried import Record, tried

if TYPE_CHECKING:
    from mail_ingest.filing import Filed

# What a function needs after its last batch of messages: to record it, and to say what is left.
_RESERVE_MS = 60_000

logger = Logger()


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """File what a batch of messages on the queue announces: keep all of it, then enter it into the archives."""
    settings, at_work = settings_from(table().get(SETTINGS_KEY)), dict[str, str]()
    kept: dict[str, list[Filed]] = {}

    def keep(record: Record) -> None:
        found: list[Filed] = []
        for arrival in arrivals(record["body"], mail_bucket()):
            at_work[record["messageId"]] = arrival.key
            if arrival.key.startswith(IMPORT_PREFIX):
                left = loading().load(arrival, settings, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
                if left:
                    go_on(left)
                report_load(logger, arrival, left)
            else:
                if arrival.envelope:
                    notifications().keep(arrival.key, record["body"])
                found += filing().keep(arrival, settings)
        kept[record["messageId"]] = found

    failed = tried(keep, event["Records"])
    try:
        filing().enter(chain(*kept.values()))
    except Exception:
        # Whatever it is that one message is refused for, it must not hold up the others.
        logger.warning("Entries were refused together, so each message's are tried by themselves.", exc_info=True)
        again = [record for record in event["Records"] if record["messageId"] in kept]
        failed |= tried(lambda record: filing().enter(kept[record["messageId"]]), again)
    for filed in chain(*(kept[message_id] for message_id in kept if message_id not in failed)):
        report(logger, filed)
    for message_id, error in failed.items():
        report_failure(logger, message_id, at_work.get(message_id), error)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
