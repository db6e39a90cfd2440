"""Waits until all that was begun has ended: runs, the executions that carry them out, and the mail in the queue."""

import json
import time
from collections.abc import Collection, Sequence
from typing import Any

from addresses.mailbox import RunId
from addresses.run import Run, RunStatus
from addresses.run_items import run_from, run_key
from addresses.wire import plain
from tests.races.world import World
from tests.waiting import until

ENDS_WITHIN = 90.0
ON_THEIR_WAY = {RunStatus.GATHERING, RunStatus.APPLYING}


def runs(world: World) -> list[Run]:
    """Every run of the stack, in the order in which they began."""
    pages = world.dynamodb.get_paginator("scan").paginate(
        TableName=world.outputs.table_name,
        ConsistentRead=True,
        FilterExpression="sk = :run",
        ExpressionAttributeValues={":run": {"S": "RUN"}},
    )
    return sorted((run_from(plain(item)) for page in pages for item in page["Items"]), key=lambda run: run.id)


def restless(world: World, known: Collection[str], sheets: Sequence[str]) -> list[str]:
    """What does not come to rest, in sentences: ``known`` runs were there before, ``sheets`` are keys of files put."""
    deadline = time.monotonic() + ENDS_WITHIN
    while (found := _moving(world, known, sheets)) and time.monotonic() < deadline:
        # Looking takes the processor from what is looked at.
        time.sleep(0.5)
    return found


def _moving(world: World, known: Collection[str], sheets: Sequence[str]) -> list[str]:
    waiting = [f"{count} messages are in the {name} queue" for name, count in queued(world).items() if count]
    waiting += [f"the execution of {each['name']} is running" for each in executions(world, "RUNNING")]
    if waiting:
        return waiting
    new = [each for each in runs(world) if each.id not in known]
    uploads = {each.upload.key: each for each in new if each.upload}
    return [
        *(f"run {each.id} is {each.status}" for each in new if each.status in ON_THEIR_WAY),
        *(f"{key} has no run" for key in sheets if key not in uploads),
        *(f"import {each.id} is not reported" for each in uploads.values() if _unreported(each)),
    ]


def ended(world: World, run: str) -> Run:
    """The run once it is no longer on its way."""
    key = run_key(RunId(run))

    def ask() -> Run:
        found = world.dynamodb.get_item(
            TableName=world.outputs.table_name, Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}}, ConsistentRead=True
        )
        return run_from(plain(found["Item"]))

    return until(ask, lambda found: found.status not in ON_THEIR_WAY, ENDS_WITHIN)


def queued(world: World) -> dict[str, int]:
    """How much is on the way in the mail queue."""
    names: list[Any] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = world.sqs.get_queue_attributes(QueueUrl=world.outputs.mail_queue_url, AttributeNames=names)["Attributes"]
    return {"mail": sum(map(int, found.values()))}


def dead_letters(world: World) -> list[str]:
    """What was given up, which is taken away: of mail and of orders."""
    found = []
    for queue in (world.outputs.mail_dead_letter_queue_url, world.outputs.order_dead_letter_queue_url):
        for each in world.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            found.append(f"a dead letter in {queue}: {json.dumps(each['Body'])[:400]}")
            world.sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
    return found


def executions(world: World, status: Any) -> list[dict[str, Any]]:
    """The executions of plans that have this status."""
    pages = world.stepfunctions.get_paginator("list_executions").paginate(
        stateMachineArn=world.outputs.plan_state_machine_arn, statusFilter=status
    )
    return [dict(each) for page in pages for each in page["executions"]]


def _unreported(run: Run) -> bool:
    return run.status is RunStatus.APPLIED and run.upload is not None and not run.upload.copies
