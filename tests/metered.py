"""The functions as AWS calls them, over moto, with a meter on everything that they ask DynamoDB for."""

import os
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import boto3
from moto import mock_aws

from addresses import archive
from addresses.address import Address
from addresses.archive import Direction, Envelope
from addresses.book import changes
from addresses.effect import effect
from addresses.items import entry_item, settings_item
from addresses.mailbox import MANUAL, Existing, RunId, Stamp
from addresses.plan_store import PlanStore
from addresses.settings import Settings
from addresses.step import Step
from addresses.table import Item, Table, Write
from addresses.times import second
from apply_plan import handler as apply_plan
from directory_sync import handler as directory_sync
from directory_sync.reader import Entry
from mail_ingest import app as mail_app
from mail_ingest import handler as mail_ingest
from spreadsheet_import import handler as spreadsheet_import
from spreadsheet_import.arrival import arrivals
from tests.capacity import item_size, stored
from tests.cloud import ENVIRONMENT, IMPORT_BUCKET, Orders, create_plans, create_state_machine, executions
from tests.doubles.told import Told
from tests.gateway import TABLE, Context, forget_clients, send
from tests.mail import CONTEXT, batch, s3_event, ses_notification
from tests.meter import Meter
from tests.table import create_table

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

BUCKET = "alias-addresses-mail-123456789012-0a1b2c3d"
SETTINGS = Settings(internal_domains=["example.com", "example.net", "mail.example.com"])
BEFORE = Stamp(MANUAL, RunId("20260301T093000Z-5db3200219e4"), "2026-03-01T09:30:00.000000Z")
ENTRY_SIZE = 512
_CONTAINERS = (
    *(directory_sync.table, spreadsheet_import.table, apply_plan.table),
    *(mail_app.table, mail_app.s3, mail_app.filing, mail_app.loading),
)


@dataclass
class Metered:
    """A table with settings, three buckets, and the functions on them. What ``table`` does is not metered."""

    meter: Meter
    table: Table
    orders: Orders
    _session: boto3.Session
    _plans: PlanStore
    _dynamodb: "DynamoDBClient"
    _s3: "S3Client"
    imported: str = ""

    def empty(self) -> None:
        """Begin again: nothing but settings in the table, and new containers."""
        self._dynamodb.delete_table(TableName=TABLE)
        create_table(self._dynamodb, TABLE)
        self.table.put(settings_item(SETTINGS))
        self.imported = ""
        self.restart()

    def restart(self) -> None:
        """The next message is filed by a new container, which has met no address."""
        mail_app.filing.cache_clear()
        mail_app.loading.cache_clear()

    def send(self, request: str, body: Any = None, *, email: str, status: int | None = None) -> Any:
        """What the caller is answered: with this status or, without one, any success."""
        answer = send(request, body, claims={"email": email, "cognito:groups": "[address-admins delegation-admins]"})
        assert answer.status in ([status] if status else range(200, 300)), answer
        return answer.body

    def hold(self, *steps: Step) -> None:
        """Put mailboxes and addresses as these steps, carried out together on an empty table, leave them."""
        self.table.put_all(map(written, changes(Existing(), effect(steps, Existing(), BEFORE).after)))

    def put_mail(self, *addresses: Address, count: int) -> None:
        """Put so many entries of 512 bytes into each address's archive, of messages that arrive after all else."""
        self.table.put_all(entry_item(_entry(address, number)) for number, address in product(range(count), addresses))

    def store(self, raw: bytes, key: str) -> None:
        """Put a raw message into the mail bucket."""
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=raw)

    def announce(self, *keys: str, envelope: Envelope | None = None) -> None:
        """Tell mail_ingest of these objects, in one batch; with the envelope, as SES does."""
        bodies = [ses_notification(key, envelope, BUCKET) if envelope else s3_event(key, bucket=BUCKET) for key in keys]
        answer = mail_ingest.handle(batch(*bodies), CONTEXT)
        assert {"batchItemFailures": []} == answer, answer

    @property
    def last_run(self) -> str:
        """The id of the import that was begun last or, if there was none, of the run that was ordered last."""
        run: str = self.imported or self.orders.sent[-1][1]["run"]
        return run

    def invoke(self, function: Any, event: Mapping[str, Any]) -> None:
        """Hand the event to a function that answers nothing."""
        assert function.handle(dict(event), Context()) is None

    def read_directory(self, *entries: Entry, changed: Collection[str] = ()) -> None:
        """Carry out the order that was sent last; the directory has these entries, and names those ids as changed."""
        reader = Told(entries, frozenset(changed))
        with patch("directory_sync.handler.opened", lambda *_: reader):
            self.invoke(directory_sync, self.orders.sent[-1][1])

    def read_sheet(self, content: str, key: str = "uploads/list.csv") -> None:
        """A file is put into the import bucket, and the function told of it."""
        version = self._s3.put_object(Bucket=IMPORT_BUCKET, Key=key, Body=content.encode())["VersionId"]
        stored = {"key": key, "size": len(content), "versionId": version}
        event = {"Records": [{"eventTime": "2026-03-01T09:45:00Z", "s3": {"object": stored}}]}
        [arrival] = arrivals(event)
        self.imported = arrival.run
        self.invoke(spreadsheet_import, event)

    def part_orders(self) -> list[dict[str, Any]]:
        """What the state machine asks apply_plan for, of the run that was ordered last."""
        [plan] = [each["plan"] for each in executions(self._session) if each["run"] == self.last_run]
        return [{"do": "part", "run": self.last_run, "part": key} for key in self._plans.keys(plan)]

    def carry_out(self) -> None:
        """Do what the state machine does, of the run that was ordered last."""
        for order in self.part_orders():
            self.invoke(apply_plan, order)
        self.invoke(apply_plan, {"do": "finish", "run": self.last_run})
        if self.imported:
            self.invoke(spreadsheet_import, {"do": "report", "run": self.imported})


@contextmanager
def metered() -> Iterator[Metered]:
    """A world to measure in. Queries follow each other there, since moto is for one thread."""
    environment = {"TABLE_NAME": TABLE, "MAIL_BUCKET": BUCKET, **ENVIRONMENT}
    with mock_aws(), patch.dict(os.environ, environment), ThreadPoolExecutor(1) as executor:
        session, onlooker = boto3.Session(), boto3.Session()
        dynamodb, s3 = onlooker.client("dynamodb"), onlooker.client("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.create_bucket(Bucket=IMPORT_BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for bucket in (BUCKET, IMPORT_BUCKET):
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        create_state_machine(onlooker)
        meter, table, orders = Meter(session, dynamodb, TABLE), create_table(dynamodb, TABLE), Orders()
        world = Metered(meter, table, orders, onlooker, create_plans(onlooker), dynamodb, s3)
        _forget_clients()
        try:
            with (
                orders.kept(session),
                patch("boto3.DEFAULT_SESSION", session),
                patch("archive_api.routes._executor", lambda: executor),
                patch("directory_sync.handler.ThreadPoolExecutor", lambda _workers: ThreadPoolExecutor(1)),
                patch("spreadsheet_import.handler.ThreadPoolExecutor", lambda _workers: ThreadPoolExecutor(1)),
                patch("mail_ingest.app.ThreadPoolExecutor", lambda _workers: ThreadPoolExecutor(1)),
            ):
                yield world
        finally:
            _forget_clients()


def written(write: Write) -> Item:
    """The item that the write leaves where none was."""
    pk, sk = write.key
    attributes = {name: value for name, value in write.attributes.items() if value is not None}
    return {"pk": pk, "sk": sk, **attributes, "version": write.version_read + 1}


def _entry(address: Address, number: int) -> archive.Entry:
    digest = sha256(f"{number} to {address}".encode()).hexdigest()
    moment = second(datetime(2100, 1, 1, tzinfo=UTC) + timedelta(minutes=number))
    bare = archive.Entry(address, moment, digest, Direction.RECEIVED, "bob@example.org", (address,), "", 5000)
    return replace(bare, subject="x" * (ENTRY_SIZE - item_size(stored(entry_item(bare)))))


def _forget_clients() -> None:
    forget_clients()
    for connected in _CONTAINERS:
        connected.cache_clear()
