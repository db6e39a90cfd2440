"""`make replay`: what lies in the dead-letter queues is tried again, mail and loads by their queues, orders by a call.

First it leads to something, then it is deleted: whoever is cut off between the two finds it again, and it is tried
twice, which changes nothing. What is not understood stays where it is.
"""

import argparse
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import boto3

from operations.letters import Letter, Letters
from operations.orders import NotUnderstood, order_in
from operations.stack import NoSuchStack, outputs

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

# The outputs that name a queue, and its dead letters'.
QUEUES = {
    "Mail": ("MailQueueUrl", "MailDeadLetterQueueUrl"),
    "Loads": ("LoadQueueUrl", "LoadDeadLetterQueueUrl"),
}
ORDERS = "OrderDeadLetterQueueUrl"
FUNCTIONS = ("DirectorySyncFunction", "SpreadsheetImportFunction", "ApplyPlanFunction")


def send_back(sqs: "SQSClient", queue: str, dead_letters: str) -> int:
    """How many dead letters went back to the queue that they came from."""
    letters, sent = Letters(sqs, dead_letters), 0
    for letter in letters.take():
        sqs.send_message(QueueUrl=queue, MessageBody=letter.body)
        letters.delete(letter)
        sent += 1
    return sent


def call_again(
    sqs: "SQSClient", functions: "LambdaClient", dead_letters: str, names: list[str], say: Callable[[str], None]
) -> tuple[int, int]:
    """How many orders were given anew, and how many dead letters stay since they are none; each is told of."""
    letters, ordered = Letters(sqs, dead_letters), 0
    kept: list[Letter] = []
    for letter in letters.take():
        try:
            order = order_in(letter.body, names)
        except NotUnderstood as why:
            say(f"Orders: message {letter.id} stays, for {why}.")
            kept.append(letter)
            continue
        functions.invoke(FunctionName=order.function, InvocationType="Event", Payload=json.dumps(order.event).encode())
        letters.delete(letter)
        ordered += 1
        say(f"Orders: {order.sentence}")
    letters.put_back(kept)
    return ordered, len(kept)


def replay(sqs: "SQSClient", functions: "LambdaClient", told: dict[str, str], say: Callable[[str], None]) -> int:
    """Try again whatever lies in the dead-letter queues of the stack with these outputs; how many letters stay."""
    for what, (queue, dead_letters) in QUEUES.items():
        sent = send_back(sqs, told[queue], told[dead_letters])
        say(f"{what}: {_messages(sent)} went back to the queue." if sent else f"{what}: there are no dead letters.")
    names = [told[each] for each in FUNCTIONS]
    ordered, kept = call_again(sqs, functions, told[ORDERS], names, say)
    if not ordered + kept:
        say("Orders: there are no dead letters.")
    return kept


def _messages(number: int) -> str:
    return "1 message" if number == 1 else f"{number} messages"


def main() -> None:
    """Replay, and end with 1 if something stays."""
    arguments = argparse.ArgumentParser(description="Tries again what lies in the dead-letter queues of a stack.")
    arguments.add_argument("stack")
    stack: str = arguments.parse_args().stack
    try:
        told = outputs(boto3.client("cloudformation"), stack)
    except NoSuchStack as why:
        sys.exit(str(why))
    kept = replay(boto3.client("sqs"), boto3.client("lambda"), told, lambda sentence: print(sentence, flush=True))
    if kept:
        sys.exit(f"{_messages(kept)} of orders cannot be tried again: docs/operations.md says what to do with them.")


if __name__ == "__main__":
    main()
