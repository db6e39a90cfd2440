"""What is said of a message that was filed, where it lies and how many archives took it; of a failure and a load."""

from aws_lambda_powertools import Logger

from mail_ingest.arrival import Arrival
from mail_ingest.filing import Filed


def report(logger: Logger, filed: Filed) -> None:
    """One log line; never what the message says, or whom it names."""
    fields = {
        "object_key": filed.raw.key,
        "object_version": filed.raw.version,
        "digest": filed.message.digest,
        "copy": filed.copy,
        "received": len(filed.addressees.received),
        "sent": len(filed.addressees.sent),
        "invalid": filed.addressees.invalid,
        "external": filed.addressees.external,
        "unparsed": filed.message.unparsed,
    }
    if filed.addressees.all:
        logger.info("The message is filed.", extra=fields)
    else:
        logger.warning("The message is kept, but names no internal address, so nobody's archive has it.", extra=fields)


def report_failure(logger: Logger, message_id: str, key: str | None, error: BaseException) -> None:
    """One log line, with the reason; ``message_id`` is that of the message on the queue."""
    fields = {"itemIdentifier": message_id, "object_key": key}
    logger.error("A message could not be filed and goes back to the queue.", extra=fields, exc_info=error)


def report_load(logger: Logger, arrival: Arrival, left: Arrival | None) -> None:
    """One log line; what became of each message is in the table."""
    fields = {"object_key": arrival.key, "object_version": arrival.version}
    if left:
        logger.info("The time is over; the load goes on.", extra={**fields, "messages": left.place.done})
    else:
        logger.info("The object is loaded.", extra=fields)
