"""What the administrators' API asks of AWS beside the table, in moto: a bucket of plans, and orders that are kept."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

import boto3

from addresses.launch import Launcher
from addresses.plan_store import PlanStore

REGION: Final = "eu-west-1"
PLAN_BUCKET, IMPORT_BUCKET = "plans", "imports"
STATE_MACHINE = f"arn:aws:states:{REGION}:123456789012:stateMachine:alias-addresses-plans"
# Every variable of the functions that has nothing to do with the table and with mail.
ENVIRONMENT: Mapping[str, str] = {
    "PLAN_BUCKET": PLAN_BUCKET,
    "STATE_MACHINE": STATE_MACHINE,
    "DIRECTORY_SYNC_FUNCTION": "directory-sync",
    "APPLY_PLAN_FUNCTION": "apply-plan",
    "IMPORT_BUCKET": IMPORT_BUCKET,
    "USER_POOL": "own",
    "POWERTOOLS_METRICS_NAMESPACE": "alias-addresses",
}


@dataclass
class Orders:
    """The orders that functions were sent by the clients of a session, as they would arrive there."""

    sent: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @contextmanager
    def kept(self, session: boto3.Session) -> Iterator[None]:
        """Keep what the session's new clients send; Lambda's answer is that it has taken the order."""
        listeners: dict[str, Any] = {
            "provide-client-params.lambda.Invoke": self._take,
            "before-call.lambda.Invoke": _taken,
        }
        for event, listener in listeners.items():
            session.events.register(event, listener)
        try:
            yield
        finally:
            for event, listener in listeners.items():
                session.events.unregister(event, listener)

    def _take(self, params: dict[str, Any], **_: Any) -> None:
        assert "Event" == params["InvocationType"], "nobody waits for the answer to an order"
        self.arrive(params["FunctionName"], json.loads(params["Payload"]))

    def arrive(self, function: str, order: dict[str, Any]) -> None:
        """Keep one order; a test may have more done with it."""
        self.sent.append((function, order))


def create_plans(session: boto3.Session) -> PlanStore:
    """The bucket of plans, empty."""
    client = session.client("s3")
    client.create_bucket(Bucket=PLAN_BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return PlanStore(client, PLAN_BUCKET)


def create_state_machine(session: boto3.Session) -> Launcher:
    """The state machine, which keeps what it is asked to execute and does none of it."""
    client = session.client("stepfunctions")
    definition = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 1, "End": True}}}
    role = "arn:aws:iam::123456789012:role/plans"
    client.create_state_machine(name="alias-addresses-plans", definition=json.dumps(definition), roleArn=role)
    return Launcher(client, STATE_MACHINE, PLAN_BUCKET)


def executions(session: boto3.Session) -> list[dict[str, Any]]:
    """What the state machine was asked to execute."""
    client = session.client("stepfunctions")
    found = client.list_executions(stateMachineArn=STATE_MACHINE)["executions"]
    return [json.loads(client.describe_execution(executionArn=each["executionArn"])["input"]) for each in found]


def _taken(**_: Any) -> tuple[SimpleNamespace, dict[str, Any]]:
    return SimpleNamespace(status_code=202), {"StatusCode": 202}
