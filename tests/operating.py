"""A stack for operators, in moto: its queues, its mail bucket, and functions that keep what they are called with."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from tests.cloud import REGION, Orders

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

STACK = "alias-addresses"
MAIL_BUCKET = "mail"
SYNC, IMPORT, APPLY = (f"{STACK}-{name}-1A2B3C" for name in ("directory-sync", "spreadsheet-import", "apply-plan"))
_QUEUES = ("MailQueue", "MailDeadLetterQueue", "LoadQueue", "LoadDeadLetterQueue", "OrderDeadLetterQueue")


class Crash(BaseException):
    """The command ends here; nothing it is made of may catch that."""


@dataclass
class Desk:
    """The operator's session, and what became of the stack.

    After ``crash_after`` more calls of AWS the command ends, that last call having been carried out.
    """

    session: boto3.Session
    sqs: "SQSClient"
    s3: "S3Client"
    urls: dict[str, str]
    outputs: dict[str, str]
    orders: Orders
    said: list[str] = field(default_factory=list)
    crash_after: int | None = None

    def send(self, queue: str, *bodies: str) -> None:
        """Put messages on a queue."""
        for body in bodies:
            self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body)

    def waiting(self, queue: str) -> list[str]:
        """The bodies of what lies in a queue, also of what somebody has in hand; it stays there."""
        found: dict[str, str] = {}
        url = self.urls[queue]
        self._all_seen(url)
        while messages := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            found |= {each["ReceiptHandle"]: each["Body"] for each in messages}
        for receipt in found:
            self.sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
        return sorted(found.values())

    def later(self) -> None:
        """The time has come at which SQS shows again what the command had in hand when it ended."""
        for url in self.urls.values():
            self._all_seen(url)

    def end(self, **_: Any) -> None:
        """A call has been carried out."""
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after < 0:
                self.crash_after = None
                raise Crash

    def _all_seen(self, url: str) -> None:
        from moto.sqs.models import sqs_backends  # noqa: PLC0415 - moto has no clock that a test could move

        for messages in sqs_backends["123456789012"][REGION].queues[url.rpartition("/")[2]]._messages:  # noqa: SLF001
            messages.visible_at = 0


@cache
def _onlooker() -> boto3.Session:
    """One for all tests, since each reads the descriptions of its services anew."""
    return boto3.Session()


@cache
def _session() -> boto3.Session:
    """The operator's, for all tests."""
    return boto3.Session()


@contextmanager
def desk() -> Iterator[Desk]:
    """A stack whose queues are empty."""
    with mock_aws(), patch.dict(os.environ, {"AWS_DEFAULT_REGION": REGION}):
        onlooker, session, orders = _onlooker(), _session(), Orders()
        sqs, s3 = onlooker.client("sqs"), onlooker.client("s3")
        s3.create_bucket(Bucket=MAIL_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=MAIL_BUCKET, VersioningConfiguration={"Status": "Enabled"})
        urls = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in _QUEUES}
        named = {f"{name}Url": url for name, url in urls.items()}
        named |= {"DirectorySyncFunction": SYNC, "SpreadsheetImportFunction": IMPORT, "ApplyPlanFunction": APPLY}
        named |= {"MailBucket": MAIL_BUCKET}
        made = Desk(session, sqs, s3, urls, named, orders)
        session.events.register("after-call", made.end)
        try:
            # In moto nothing is to be waited for.
            with orders.kept(session), patch("operations.letters._WAIT_SECONDS", 0):
                yield made
        finally:
            session.events.unregister("after-call", made.end)
