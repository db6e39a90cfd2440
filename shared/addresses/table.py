"""The one DynamoDB table, as plain items: reads, the one transaction, and writes that are safe to repeat.

Nothing here knows what an item means; see ``items``. Botocore's own retries cover throttling of single calls; what is
left to do here is what it cannot know: unprocessed parts of a batch, and the reasons of a cancelled transaction.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from secrets import SystemRandom
from typing import TYPE_CHECKING, Any, cast

import boto3
from botocore.config import Config

from addresses.errors import AddressesError, Unfinished
from addresses.wire import plain, raw, raw_key, take_as_sent, update_request

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Item = dict[str, Any]
type Key = tuple[str, str]

TRANSACTION_ITEMS = 100
_READ_BATCH = 100
_WRITE_BATCH = 25
_ROUNDS = 8
# Why DynamoDB calls a transaction off that may be carried out a moment later (API reference, CancellationReason).
_PASSING = {"None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}

# Who sends a request, as CloudTrail records it. Where it is given, botocore does not put a text of its own together,
# twice for each request: a seventh of what a request costs. `python -m tests.benchmarks ingesting` shows it.
USER_AGENT = f"alias-addresses Boto3/{boto3.__version__}"

_random = SystemRandom()


class Changed(AddressesError):
    """Somebody else wrote one of the items since it was read; read again and decide again."""


@dataclass(frozen=True)
class Write:
    """One item as it should be, and the ``version`` that it had when it was read (0: it was not there).

    ``attributes`` with the value None are removed; others that the item has are left alone, so that an older deployment
    does not wipe what a newer one added.
    """

    key: Key
    attributes: Mapping[str, Any]
    version_read: int


def pause(attempt: int) -> None:
    """Wait a random while, longer with every attempt: up to 20 ms, 40 ms and so on to 1 s."""
    time.sleep(_random.uniform(0, min(1.0, 0.02 * 2**attempt)))


def connected(name: str, at_once: int = 10) -> "Table":
    """The table of this name, in the account and region that the process is in; ``at_once`` is how many calls it bears.

    Botocore is not to check each value of a request, which is a third of its work: all are made here, and DynamoDB
    refuses what is wrong. `python -m tests.benchmarks applying` shows it.
    """
    config = Config(max_pool_connections=at_once, parameter_validation=False, user_agent=USER_AGENT)
    client = boto3.client("dynamodb", config=config)
    client.meta.events.register("before-parse.dynamodb", take_as_sent)
    return Table(client, name)


class Table:
    """A DynamoDB table with the keys ``pk`` and ``sk``."""

    def __init__(self, client: "DynamoDBClient", name: str, wait: Callable[[int], None] = pause) -> None:
        """``wait`` is called with the number of the attempt that failed."""
        self._client = client
        self._name = name
        self.wait = wait

    def get(self, key: Key) -> Item | None:
        """The item as it is now (a consistent read), or None."""
        answer = self._client.get_item(TableName=self._name, Key=raw_key(key), ConsistentRead=True)
        return plain(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items that exist among these, as they are now (consistent reads, 100 to a call)."""
        found: dict[Key, Item] = {}
        for batch in batched(dict.fromkeys(keys), _READ_BATCH, strict=False):
            wanted = [raw_key(key) for key in batch]
            for attempt in range(_ROUNDS):
                request: Any = {self._name: {"Keys": wanted, "ConsistentRead": True}}
                answer: Any = self._client.batch_get_item(RequestItems=request)
                for each in answer["Responses"].get(self._name, []):
                    item = plain(each)
                    found[item["pk"], item["sk"]] = item
                wanted = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
                if not wanted:
                    break
                self.wait(attempt)
            else:
                raise Unfinished(f"DynamoDB left {len(wanted)} reads of a batch undone {_ROUNDS} times; try again.")
        return found

    def query_newest(self, pk: str, low: str, high: str, limit: int) -> Iterator[Item]:
        """The last ``limit`` items of one partition whose ``sk`` lies between the two (both included), last first.

        All are read at once, and each is made when it is asked for: of many archives side by side, most never are.
        An eventually consistent read, at half the cost: an entry that is not there yet is on the next reading.
        """
        if low > high:
            return iter(())
        answer = self._client.query(
            TableName=self._name,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            ExpressionAttributeValues=raw({":pk": pk, ":low": low, ":high": high}),
            ScanIndexForward=False,
            Limit=limit,
        )
        return map(plain, answer["Items"])

    def list_page(self, listing: str, beyond: str, limit: int, *, newest_first: bool = False) -> list[Item]:
        """At most ``limit`` keys of one list in the index ``by_list``, in the order of what they are listed as.

        Those that come after ``beyond`` or, with ``newest_first``, those that come before it, the last of them first.
        """
        answer = self._client.query(
            TableName=self._name,
            IndexName="by_list",
            KeyConditionExpression=f"listing = :listing AND listed_as {'<' if newest_first else '>'} :beyond",
            ExpressionAttributeValues=raw({":listing": listing, ":beyond": beyond}),
            ScanIndexForward=not newest_first,
            Limit=limit,
        )
        return [plain(item) for item in answer["Items"]]

    def partition(self, pk: str, prefix: str, start: str = "") -> Iterator[Item]:
        """Every item of a partition whose ``sk`` begins like this, in order from ``start`` on (consistent reads)."""
        return self._pages(
            KeyConditionExpression="pk = :pk AND sk BETWEEN :low AND :high",
            # A key must not be empty, and nothing sorts behind the last character that there is.
            ExpressionAttributeValues=raw({":pk": pk, ":low": start or prefix or " ", ":high": f"{prefix}\U0010ffff"}),
            ConsistentRead=True,
        )

    def directory_shard(self, shard: str, directory_id: str | None = None) -> Iterator[Item]:
        """The mailboxes in one shard of a directory, or the one of this entry there, by the index ``by_directory``.

        Eventually consistent, as every index is: a mailbox that was just written may be missing or be as it was.
        """
        condition, values = "directory_shard = :shard", {":shard": shard}
        if directory_id is not None:
            condition, values = f"{condition} AND directory_id = :id", {**values, ":id": directory_id}
        return self._pages(
            IndexName="by_directory", KeyConditionExpression=condition, ExpressionAttributeValues=raw(values)
        )

    def write_together(self, writes: Sequence[Write], records: Sequence[Item] = ()) -> None:
        """All of the writes or none, each only if its item is as it was read; with them, new records of the act.

        Raises:
            Changed: an item is not as it was read, is being written by somebody else right now, or the table has too
                much to do. Botocore asks no second time for a transaction that was called off, whatever for.
        """
        requests: list[Any] = [
            {"Update": update_request(self._name, write.key, write.attributes, write.version_read)} for write in writes
        ]
        for record in records:
            # A record's key is new with each act, so its absence says that this act was not carried out before.
            condition = "attribute_not_exists(pk)"
            requests.append({"Put": {"TableName": self._name, "Item": raw(record), "ConditionExpression": condition}})
        try:
            self._client.transact_write_items(TransactItems=requests)
        except self._client.exceptions.TransactionCanceledException as cancelled:
            codes = {reason.get("Code", "None") for reason in cancelled.response.get("CancellationReasons", [])}
            if codes <= _PASSING:
                raise Changed(f"{len(requests)} writes were called off: {', '.join(sorted(codes))}.") from cancelled
            raise

    def put(self, item: Item) -> None:
        """Put an item of which the last version counts."""
        self._client.put_item(TableName=self._name, Item=raw(item))

    def remove(self, key: Key) -> None:
        """Take an item away, if it is there."""
        self._client.delete_item(TableName=self._name, Key=raw_key(key))

    def put_new(self, item: Item) -> Item | None:
        """Put an item that must not exist yet; if it does, leave it and return it."""
        try:
            self._client.put_item(
                TableName=self._name,
                Item=raw(item),
                # The item's partition and sort key together are its identity: absent means that nobody wrote it.
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as exists:
            return plain(cast("Any", exists.response)["Item"])
        return None

    def replace(self, key: Key, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Set those attributes of an item that differ, if they are as before; None there is one that it lacks.

        Raises:
            Changed: it has others by now, or is gone.
        """
        names = [name for name in after if after[name] != before[name]]
        # Each of them is what it was when it was read: the same value, or absent.
        as_read = [f"attribute_not_exists(#{n})" if before[n] is None else f"#{n} = :was_{n}" for n in names]
        try:
            self._client.update_item(
                TableName=self._name,
                Key=raw_key(key),
                UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in names),
                ConditionExpression=" AND ".join(["attribute_exists(pk)", *as_read]),
                ExpressionAttributeNames={f"#{name}": name for name in names},
                ExpressionAttributeValues=raw(
                    {f":{n}": after[n] for n in names} | {f":was_{n}": before[n] for n in names}
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException as refusal:
            raise Changed("An item was written by somebody else since it was read.") from refusal

    def put_all(self, items: Iterable[Item]) -> None:
        """Put items whose content depends on nothing but their key, so that putting them twice is putting them once.

        Raises:
            Unfinished: DynamoDB kept leaving some undone; repeating the whole is safe.
        """
        for batch in batched(items, _WRITE_BATCH, strict=False):
            undone: Any = [{"PutRequest": {"Item": raw(item)}} for item in batch]
            for attempt in range(_ROUNDS):
                answer = self._client.batch_write_item(RequestItems={self._name: undone})
                undone = answer.get("UnprocessedItems", {}).get(self._name, [])
                if not undone:
                    break
                self.wait(attempt)
            else:
                raise Unfinished(f"DynamoDB left {len(undone)} writes of a batch undone {_ROUNDS} times; try again.")

    def _pages(self, **query: Any) -> Iterator[Item]:
        for page in self._client.get_paginator("query").paginate(TableName=self._name, **query):
            yield from map(plain, page["Items"])
