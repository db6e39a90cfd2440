"""Dead letters: what lies in a queue to which messages went that failed every time they were tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

# Long enough for ten letters. What was taken and neither deleted nor put back is seen again after it.
_IN_HAND_SECONDS = 120
# A short wait makes SQS look everywhere: without one it may say that nothing is there though something is.
_WAIT_SECONDS = 1


@dataclass(frozen=True)
class Letter:
    """A message of a dead-letter queue, taken in hand; ``body`` is as it was sent."""

    id: str
    body: str
    receipt: str


class Letters:
    """One dead-letter queue."""

    def __init__(self, sqs: "SQSClient", queue: str) -> None:
        """``queue`` is its URL."""
        self._sqs = sqs
        self._queue = queue

    def take(self) -> Iterator[Letter]:
        """Every letter that is there, once each; whoever takes them deletes them or puts them back."""
        seen: set[str] = set()
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=self._queue,
                MaxNumberOfMessages=10,
                VisibilityTimeout=_IN_HAND_SECONDS,
                WaitTimeSeconds=_WAIT_SECONDS,
            )
            found = [each for each in answer.get("Messages", []) if each["MessageId"] not in seen]
            if not found:
                return
            seen.update(each["MessageId"] for each in found)
            yield from (Letter(each["MessageId"], each["Body"], each["ReceiptHandle"]) for each in found)

    def delete(self, letter: Letter) -> None:
        """It has led to something else."""
        self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=letter.receipt)

    def put_back(self, letters: list[Letter]) -> None:
        """They stay, and are seen again at once."""
        for each in letters:
            self._sqs.change_message_visibility(QueueUrl=self._queue, ReceiptHandle=each.receipt, VisibilityTimeout=0)
