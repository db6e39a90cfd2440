"""The functions as Lambda calls them, over moto, with a meter on everything that they ask DynamoDB for."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import urlencode

import boto3
from moto import mock_aws

from addresses.address import Address
from addresses.apply import apply
from addresses.archive import Direction, Entry, Envelope
from addresses.items import entry_item, settings_item
from addresses.mailbox import MANUAL, RunId
from addresses.run import Run
from addresses.settings import Settings
from addresses.step import Step
from addresses.table import Table
from addresses.times import second, stamp
from archive_api import app as archive_app
from archive_api.handler import handle as answer_user
from link_api import app as link_app
from link_api.handler import handle as answer_admin
from local import template
from mail_ingest import handler as mail_ingest
from tests.capacity import Raw, index, item_size, stored
from tests.mail import CONTEXT, batch, s3_event, ses_notification
from tests.meter import Meter
from tests.table import create_table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

TABLE = "addresses"
BUCKET = "alias-addresses-mail-123456789012-0a1b2c3d"
ADMIN = "admin@example.com"
SETTINGS = Settings(internal_domains=["example.com", "example.net", "mail.example.com"])
PROPERTIES = template.load()["Resources"]["Table"]["Properties"]
INDEXES = [index(described) for described in PROPERTIES["GlobalSecondaryIndexes"]]
ENTRY_BYTES = 512


@dataclass
class Metered:
    """A table with settings, an empty mail bucket, and the three functions on them, each in a new container."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    table: Table
    meter: Meter

    def admin(self, method: str, path: str, body: Any = None, status: int | None = None, **query: object) -> Any:
        """What an administrator is answered; with this status or, without one, any success."""
        event = _event(ADMIN, method, path, body, query)
        return _answer(answer_admin(event, CONTEXT), status)

    def user(self, email: str, path: str, status: int | None = None, **query: object) -> Any:
        """What a mail user is answered when they read."""
        return _answer(answer_user(_event(email, "GET", path, None, query), CONTEXT), status)

    def carry_out(self, *steps: Step) -> None:
        """Apply steps that no request by hand makes, or many at once."""
        now = datetime.now(UTC)
        run = Run(RunId(f"{now:%Y%m%dT%H%M%SZ}-000000000000"), "manual", MANUAL, ADMIN, stamp(now), "0" * 64)
        apply(self.table, run, steps, lambda: now)

    def put_mail(self, *addresses: Address, count: int) -> None:
        """Put so many entries of 0.5 KB into each address's archive, all of different messages and yet to come."""
        for number, address in product(range(count), addresses):
            digest = sha256(f"{number} to {address}".encode()).hexdigest()
            moment = second(datetime(2100, 1, 1, tzinfo=UTC) + timedelta(minutes=number))
            bare = Entry(address, moment, digest, Direction.RECEIVED, ADMIN, (address,), "", 5000)
            subject = "x" * (ENTRY_BYTES - item_size(stored(entry_item(bare))))
            self.dynamodb.put_item(TableName=TABLE, Item=stored(entry_item(replace(bare, subject=subject))))

    def store(self, raw: bytes, key: str) -> None:
        """Put a raw message into the mail bucket."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=raw)

    def announce(self, *keys: str, envelope: Envelope | None = None) -> None:
        """Tell mail_ingest of these objects, in one batch; with the envelope, as SES does."""
        bodies = [ses_notification(key, envelope, BUCKET) if envelope else s3_event(key, bucket=BUCKET) for key in keys]
        answer = mail_ingest.handle(batch(*bodies), CONTEXT)
        assert {"batchItemFailures": []} == answer, answer

    def restart(self) -> None:
        """Forget what the containers remember."""
        for cached in (link_app.table, archive_app.table, archive_app.store, mail_ingest.table, mail_ingest.filing):
            cached.cache_clear()

    def items(self) -> list[Raw]:
        """Every item of the table."""
        pages = boto3.Session().client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        return [item for page in pages for item in page["Items"]]


@contextmanager
def metered() -> Iterator[Metered]:
    """A new one; the archive's queries are made one after the other, since moto is for one thread."""
    environment = {"TABLE_NAME": TABLE, "MAIL_BUCKET": BUCKET}
    with mock_aws(), patch.dict(os.environ, environment), ThreadPoolExecutor(1) as executor:
        onlooker = boto3.Session().client("dynamodb")
        create_table(onlooker, TABLE)
        boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION
        meter = Meter(boto3.DEFAULT_SESSION, onlooker, TABLE, INDEXES)
        dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        world = Metered(dynamodb, s3, Table(dynamodb, TABLE), meter)
        world.table.put(settings_item(SETTINGS))
        world.restart()
        try:
            with patch("archive_api.routes._executor", lambda: executor):
                yield world
        finally:
            world.restart()
            boto3.DEFAULT_SESSION = None


def _event(email: str, method: str, path: str, body: Any, query: Mapping[str, object]) -> dict[str, Any]:
    """A request as API Gateway's HTTP API hands it over."""
    claims = {"email": email, "cognito:groups": "[address-admins]"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(query),
        "queryStringParameters": {name: str(value) for name, value in query.items()},
        "headers": {"content-type": "application/json"},
        "requestContext": {
            "http": {"method": method, "path": path},
            "stage": "$default",
            "authorizer": {"jwt": {"claims": claims}},
        },
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def _answer(answer: Any, status: int | None) -> Any:
    expected: Sequence[int] = [status] if status else range(200, 300)
    assert answer["statusCode"] in expected, answer
    return json.loads(answer.get("body") or "null")
