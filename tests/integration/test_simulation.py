"""The simulation's stand-in is no other AWS than the embedded one: each of its calls is made there too, and compared.

The embedded AWS itself is held to what the services document in ``test_emulator.py``.
"""

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from addresses.wire import plain
from local import aws
from tests.simulation.beginning import Worlds
from tests.simulation.schedule import Schedule
from tests.table import create_table, everything

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

SEEDS = 24
# Of what both are asked for.
COMPARED = {"dynamodb", "s3"}
# What the stand-in answers of S3's answers.
TOLD = ("ContentLength", "ContentRange", "IsTruncated")


@dataclass
class Peer:
    """A table and buckets in the embedded AWS; ``versions`` are its names for the stand-in's versions of objects."""

    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    name: str = field(default_factory=lambda: f"peer-{secrets.token_hex(4)}")
    versions: dict[str, str] = field(default_factory=dict)

    def begin(self, items: Any, objects: Any) -> None:
        """Have these items, and these versions of objects."""
        create_table(self.dynamodb, self.name)
        for item in items.values():
            self.dynamodb.put_item(TableName=self.name, Item=item)
        for bucket in ("mail", "plans", "imports"):
            here: Any = {"LocationConstraint": aws.REGION}
            self.s3.create_bucket(Bucket=f"{self.name}-{bucket}", CreateBucketConfiguration=here)
            enabled: Any = {"Status": "Enabled"}
            self.s3.put_bucket_versioning(Bucket=f"{self.name}-{bucket}", VersioningConfiguration=enabled)
        for (bucket, key), versions in objects.items():
            for each in versions:
                put = self.s3.put_object(Bucket=f"{self.name}-{bucket}", Key=key, Body=each.content)
                self.versions[each.version] = put["VersionId"]

    def compare(self, service: str, operation: str, params: dict[str, Any], answer: Any) -> None:
        """Make the call, and require the same answer."""
        found = self._made(service, operation, params, answer)
        if isinstance(answer, Exception) or isinstance(found, Exception):
            assert _refusal(answer) == _refusal(found), (operation, params)
        elif service == "s3":
            self._compare_objects(operation, params, answer, found)
        else:
            assert self._told(answer, "addresses") == self._told(found, self.name, answer), (operation, params)

    def _made(self, service: str, operation: str, params: dict[str, Any], answer: Any) -> Any:
        """What the embedded AWS answers to the call; pages are as long as the stand-in's."""
        asked = dict(params)
        if service == "s3":
            asked["Bucket"] = f"{self.name}-{asked['Bucket']}"
            if "VersionId" in asked:
                asked["VersionId"] = self.versions[asked["VersionId"]]
            if "ContinuationToken" in asked:
                asked["StartAfter"] = asked.pop("ContinuationToken")
            if operation == "list_objects_v2":
                asked["MaxKeys"] = 2
        elif "TableName" in asked:
            asked["TableName"] = self.name
        elif "RequestItems" in asked:
            [requests] = asked["RequestItems"].values()
            asked["RequestItems"] = {self.name: requests}
        else:
            writes = asked["TransactItems"]
            asked["TransactItems"] = [
                {kind: {**write, "TableName": self.name} for kind, write in each.items()} for each in writes
            ]
        if operation == "query" and "Limit" not in asked and "LastEvaluatedKey" in answer:
            asked["Limit"] = len(answer["Items"])
        try:
            return getattr(getattr(self, service), operation)(**asked)
        except ClientError as refusal:
            return refusal

    def _told(self, answer: Any, table: str, other: Any = None) -> Any:
        told = {name: answer[name] for name in ("Item", "Items", "LastEvaluatedKey") if name in answer}
        if "Responses" in answer:
            told["Responses"] = sorted(answer["Responses"].get(table, []), key=str)
        # Whether there is more, DynamoDB may also say when there is not: it looks no further than its page.
        if other and "LastEvaluatedKey" not in other:
            told.pop("LastEvaluatedKey", None)
        return told

    def _compare_objects(self, operation: str, params: dict[str, Any], answer: Any, found: Any) -> None:
        if "VersionId" in answer:
            assert self.versions.setdefault(answer["VersionId"], found["VersionId"]) == found["VersionId"]
        told = {name: answer[name] for name in TOLD if name in answer}
        assert told == {name: found[name] for name in told}, (operation, params)
        listed = [[each["Key"] for each in listing.get("Contents", [])] for listing in (answer, found)]
        assert listed[0] == listed[1], (operation, params)
        if "Body" in answer:
            answer["Body"].seek(0)
            assert answer["Body"].read() == found["Body"].read()


def _refusal(answer: Any) -> Any:
    """Why a call was refused, with what goes along."""
    if not isinstance(answer, ClientError):
        return answer
    told: Any = answer.response
    reasons = [reason.get("Code") for reason in told.get("CancellationReasons", [])]
    # In a HEAD's answer there is no room for a code.
    code = {"404": "NoSuchKey", "412": "PreconditionFailed"}.get(told["Error"]["Code"], told["Error"]["Code"])
    return code, reasons, told.get("Item")


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """They take seconds to make; what the functions would log of all the faults is of no use here."""
    logging.disable(logging.CRITICAL)
    yield Worlds()
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_call_is_answered_as_the_embedded_aws_answers_it(
    worlds: Worlds, dynamodb: "DynamoDBClient", s3: "S3Client", seed: int
) -> None:
    """And in the end, the table holds the same. Nothing lags, since nothing does there."""
    world = worlds.world(seed)
    peer = Peer(dynamodb, s3)
    peer.begin(world.cloud.store.items, world.cloud.objects.versions)
    schedule = Schedule(world, seed)
    world.cloud.lag = False
    world.cloud.trace = []
    try:
        schedule.run()
        trace = world.cloud.trace
    finally:
        world.cloud.trace = None
    for service, operation, params, answer in trace:
        if service in COMPARED:
            peer.compare(service, operation, params, answer)
    assert [plain(item) for _, item in sorted(world.cloud.store.items.items())] == everything(dynamodb, peer.name)
