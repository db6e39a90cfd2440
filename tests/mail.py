"""Mail for tests: raw messages, the events that announce them, and a function that files them in moto."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto import mock_aws

from addresses.archive import Envelope, Message
from addresses.items import message_from, settings_item
from addresses.settings import Settings
from addresses.table import Item, Table
from mail_ingest.arrival import Arrival, arrivals
from mail_ingest.filing import Filed, Filing
from tests.table import create_table, everything

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

BUCKET = "mail"
TABLE = "addresses"
SETTINGS = Settings(
    internal_domains=["example.com", "example.net"],
    subaddress_delimiter={"example.com": "+"},
    journal_addresses=["journal@example.com"],
    journal_sources=["reports@exchange.example", "relay.example", "198.51.100.0/24"],
)
FIELDS = {
    "From": "Bob <bob@example.org>",
    "To": "Alice <alice@example.com>",
    "Subject": "Minutes",
    "Date": "Sun, 01 Mar 2026 10:29:58 +0100",
    "Message-ID": "<minutes-1@example.org>",
}


def raw_message(body: str = "Hello.\r\n", /, **changed: str | None) -> bytes:
    """A message from Bob to Alice; fields are changed by name (``message_id=...``), left out where that is None."""
    fields = FIELDS | {{"message_id": "Message-ID"}.get(name, name.title()): text for name, text in changed.items()}
    lines = [f"{name.replace('_', '-')}: {text}\r\n" for name, text in fields.items() if text is not None]
    return "".join([*lines, "\r\n", body]).encode()


def s3_event(key: str, version: str | None = None, bucket: str = BUCKET) -> str:
    """The body of a message on the queue with which S3 announces an object; ``key`` as S3 writes it there."""
    stored = {"key": key, "size": 1} | ({"versionId": version} if version else {})
    record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": bucket}, "object": stored}}
    return json.dumps({"Records": [record]})


def ses_notification(
    key: str, envelope: Envelope, bucket: str = BUCKET, *, client: str = "192.0.2.10", **verdicts: str
) -> str:
    """The body of a message on the queue with which SES announces what it received from this client.

    ``verdicts`` are by their names (``spf="PASS"``).
    """
    action = {"type": "S3", "bucketName": bucket, "objectKey": key}
    told = {f"{check}Verdict": {"status": verdict} for check, verdict in verdicts.items()}
    receipt = {"recipients": list(envelope.recipients), "action": action, **told}
    received = f"from mail.example.org (mail.example.org [{client}]) by inbound-smtp.eu-west-1.amazonaws.com with SMTP"
    mail = {"source": envelope.sender, "headers": [{"name": "Received", "value": received}]}
    return json.dumps({"notificationType": "Received", "mail": mail, "receipt": receipt})


def batch(*bodies: str) -> dict[str, Any]:
    """The event of messages on the queue; their ids are their positions."""
    records = [
        {"messageId": str(position), "body": body, "eventSource": "aws:sqs"} for position, body in enumerate(bodies)
    ]
    return {"Records": records}


@dataclass(frozen=True)
class _Context:
    function_name: str = "mail_ingest"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:mail_ingest"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"
    left: int = 900_000

    def get_remaining_time_in_millis(self) -> int:
        """For how long it may still run."""
        return self.left


CONTEXT = cast("LambdaContext", _Context())
NO_TIME = cast("LambdaContext", _Context(left=0))


class Crash(BaseException):
    """The function's process ends here; nothing it is made of may catch that."""


@dataclass
class PostRoom:
    """A mail bucket and a table in moto, and what files mail from the one into the other.

    ``calls`` are the operations of AWS that were called, with the number of items that each wrote. ``crash_after`` so
    many more of them the process ends, the call itself having been carried out.
    """

    s3: "S3Client"
    dynamodb: "DynamoDBClient"
    table: Table
    filing: Filing
    calls: list[tuple[str, int]] = field(default_factory=list)
    crash_after: int | None = None
    _stored_at: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Listen to what the clients do."""
        for client in (self.s3, self.dynamodb):
            client.meta.events.register("provide-client-params", self._note)
            client.meta.events.register("after-call", self._end)

    def put(self, key: str, raw: bytes, at: datetime = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)) -> None:
        """Store an object at this time."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=raw)
        self._stored_at[key] = at

    def file(self, key: str, envelope: Envelope | None = None) -> Filed:
        """File the object, as if its event had come."""
        (filed,) = self.file_arrival(Arrival(BUCKET, key, envelope=envelope))
        return filed

    def take(self, told: str) -> list[Filed]:
        """File what the body of a message on the queue announces."""
        return [filed for arrival in arrivals(told, BUCKET) for filed in self.file_arrival(arrival)]

    def file_arrival(self, arrival: Arrival, settings: Settings = SETTINGS) -> list[Filed]:
        """Keep what has arrived, and enter it."""
        kept = self.filing.keep(arrival, settings)
        self.filing.enter(kept)
        return kept

    def restart(self) -> None:
        """Forget what was remembered, as a new container does."""
        self.filing = Filing(self.s3, self.table)

    def items(self) -> list[Item]:
        """Every item of the table but the settings."""
        return [item for item in everything(self.dynamodb, TABLE) if item["sk"] != "SETTINGS"]

    def message(self) -> Message:
        """The message, which is the only one."""
        (item,) = [item for item in self.items() if item["sk"] == "MESSAGE"]
        return message_from(item)

    def entries(self) -> dict[str, list[str]]:
        """The directions of the entries in each address's archive."""
        found: dict[str, list[str]] = {}
        for item in self.items():
            if item["pk"].startswith("ARCHIVE#"):
                found.setdefault(item["pk"].removeprefix("ARCHIVE#"), []).append(item["direction"])
        return found

    def known(self) -> list[str]:
        """The addresses that are known."""
        return [item["address"] for item in self.items() if item["sk"] == "ADDRESS"]

    def _note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        written = sum(map(len, params.get("RequestItems", {}).values())) if model.name == "BatchWriteItem" else 1
        self.calls.append((model.name, written if model.name in {"PutItem", "UpdateItem", "BatchWriteItem"} else 0))

    def _end(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        stored_at = self._stored_at.get(context.get("input_params", {}).get("Key"))
        if "LastModified" in parsed and stored_at:
            # moto stores everything now; these tests have a clock of their own.
            parsed["LastModified"] = stored_at
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after < 0:
                raise Crash


@contextmanager
def post_room() -> Iterator[PostRoom]:
    """An empty one, with the settings above."""
    with mock_aws():
        s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        table = create_table(dynamodb, TABLE)
        table.put_new(settings_item(SETTINGS))
        yield PostRoom(s3, dynamodb, table, Filing(s3, table))
