"""What the functions ask AWS for, each call under the name of the function that made it, in the words of IAM."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from unittest.mock import patch

import boto3

from mail_ingest.load.owner import IMPORT_PREFIX
from tests.cloud import IMPORT_BUCKET, PLAN_BUCKET
from tests.metered import BUCKET, Metered, metered
from tests.rights import FUNCTIONS, Call

_BUCKETS = {BUCKET: "MailBucket", PLAN_BUCKET: "PlanBucket", IMPORT_BUCKET: "ImportBucket"}
# As the tests' events name them; the last is what a function is told of itself.
_INVOKED = {"directory-sync": "DirectorySyncFunction", "apply-plan": "ApplyPlanFunction"}
_S3 = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket"}


@dataclass
class Calls:
    """The calls of each function so far, by its name in the template."""

    world: Metered
    made: dict[str, set[Call]] = field(default_factory=lambda: defaultdict(set))
    _caller: str | None = None

    @contextmanager
    def of(self, function: str) -> Iterator[None]:
        """What is called meanwhile is that function's."""
        before, self._caller = self._caller, function
        try:
            yield
        finally:
            self._caller = before

    def note(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        """Note one call, if a function makes it."""
        if self._caller:
            service = model.service_model.service_name
            self.made[self._caller] |= set(_calls(service, model.name, params, self._caller))


@contextmanager
def calls() -> Iterator[Calls]:
    """A world in which every call is noted that a function makes, presigned ones among them."""
    with metered() as world, ExitStack() as patched:
        found = Calls(world)
        assert boto3.DEFAULT_SESSION
        boto3.DEFAULT_SESSION.events.register("provide-client-params", found.note)
        for package in sorted({each["Properties"]["Handler"].partition(".")[0] for each in FUNCTIONS.values()}):
            patched.enter_context(_listening(found, package))
        yield found


@contextmanager
def _listening(found: Calls, package: str) -> Iterator[None]:
    handler = import_module(f"{package}.handler")
    handle = handler.handle

    def listening(event: Any, context: Any) -> Any:
        with found.of(_function(package, event)):
            return handle(event, context)

    with patch.object(handler, "handle", listening):
        yield


def _function(package: str, event: Any) -> str:
    """Which function of the template the package is, as it is called."""
    handled = f"{package}.handler.handle"
    of_package = [name for name, each in FUNCTIONS.items() if each["Properties"]["Handler"] == handled]
    if of_package == ["MailIngestFunction", "MailLoadFunction"]:
        return of_package[IMPORT_PREFIX in json.dumps(event)]
    [function] = of_package
    return function


def _calls(service: str, operation: str, params: dict[str, Any], caller: str) -> Iterator[Call]:
    """What IAM is asked when this operation is called."""
    match service:
        case "dynamodb":
            yield from _of_dynamodb(operation, params)
        case "s3":
            bucket, key = _BUCKETS[params["Bucket"]], params.get("Key")
            version = "Version" if "VersionId" in params else ""
            yield Call(f"s3:{_S3.get(operation, operation)}{version}", f"{bucket}/{key}" if key else bucket)
        case "lambda":
            yield Call("lambda:InvokeFunction", _INVOKED.get(params["FunctionName"], caller))
        case "stepfunctions":
            yield Call("states:StartExecution", "PlanStateMachine")
        case "secretsmanager":
            yield Call(f"secretsmanager:{operation}", "DirectorySecrets")
        case "sqs":
            yield Call(f"sqs:{operation}", "LoadQueue")
        case _:
            raise NotImplementedError(f"what {service} asks of IAM for {operation} is not known here; add it")


def _of_dynamodb(operation: str, params: dict[str, Any]) -> Iterator[Call]:
    """A transaction is asked about item by item, a batch once for all of its keys, an index without its table."""
    match operation:
        case "TransactWriteItems":
            for each in params["TransactItems"]:
                [(verb, write)] = each.items()
                yield Call(f"dynamodb:{verb}Item", "Table", (_pk(write),))
        case "BatchGetItem":
            [asked] = params["RequestItems"].values()
            yield Call(f"dynamodb:{operation}", "Table", tuple(key["pk"]["S"] for key in asked["Keys"]))
        case "BatchWriteItem":
            [writes] = params["RequestItems"].values()
            yield Call(f"dynamodb:{operation}", "Table", tuple(_pk(each["PutRequest"]) for each in writes))
        case "Query" if "IndexName" in params:
            yield Call(f"dynamodb:{operation}", f"Table/index/{params['IndexName']}")
        case "Query":
            yield Call(f"dynamodb:{operation}", "Table", (params["ExpressionAttributeValues"][":pk"]["S"],))
        case _:
            yield Call(f"dynamodb:{operation}", "Table", (_pk(params),))


def _pk(write: dict[str, Any]) -> str:
    found: str = (write.get("Key") or write["Item"])["pk"]["S"]
    return found
