"""What the function works on, connected once per container."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from addresses.table import USER_AGENT, Table, connected
from mail_ingest.arrival import Arrival, left
from mail_ingest.filing import Filing
from mail_ingest.notifications import Notifications

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

    from mail_ingest.load.loading import Loading

# Messages of a container are filed while others wait for the table.
LOADED_AT_ONCE = 8


@cache
def table() -> Table:
    """The table."""
    return connected(os.environ["TABLE_NAME"], LOADED_AT_ONCE)


@cache
def s3() -> "S3Client":
    """The store of raw messages."""
    return boto3.client("s3", config=Config(max_pool_connections=2 * LOADED_AT_ONCE, user_agent=USER_AGENT))


@cache
def filing() -> Filing:
    """What files messages, with what it remembers."""
    return Filing(s3(), table())


def notifications() -> Notifications:
    """What keeps SES's notifications."""
    return Notifications(s3(), mail_bucket())


@cache
def loading() -> "Loading":
    """What loads archives that were kept elsewhere."""
    # Mail that comes one by one has no use for what reads containers, and a cold start should not wait for it.
    from mail_ingest.load.loading import Loading  # noqa: PLC0415
    from mail_ingest.load.recording import Recording  # noqa: PLC0415

    return Loading(s3(), filing(), Recording(table()), ThreadPoolExecutor(LOADED_AT_ONCE))


def mail_bucket() -> str:
    """The one bucket that is read."""
    return os.environ["MAIL_BUCKET"]


def go_on(arrival: Arrival) -> None:
    """Put what is left of a container on the queue of loads."""
    boto3.client("sqs").send_message(QueueUrl=os.environ["LOAD_QUEUE"], MessageBody=left(arrival))
