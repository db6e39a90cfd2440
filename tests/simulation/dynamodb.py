"""A stand-in for DynamoDB's client: one table in memory, as far as the table's code asks for it.

Indexes and reads that are not consistent see a replica, which may be behind. What this is and what the embedded AWS is
are compared call by call (tests/integration/test_simulation.py).
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.simulation.expressions import Raw, clauses, holds, updated
from tests.simulation.paging import paginator

type Key = tuple[str, str]
type Change = tuple[Key, Raw | None, Raw | None]
# Takes a call of AWS by service, operation and parameters, and what carries it out; gives its answer.
type Gate = Callable[[str, str, dict[str, Any], Callable[[dict[str, Any]], Any]], Any]

INDEXES = {"by_directory": ("directory_shard", "directory_id"), "by_list": ("listing", "listed_as")}


class ConditionalCheckFailedException(ClientError):
    """The condition of a single write is not true."""


class TransactionCanceledException(ClientError):
    """A condition of a transaction is not true, or another transaction is at one of its items."""


class ResourceNotFoundException(ClientError):
    """There is no such table."""


EXCEPTIONS = SimpleNamespace(
    ClientError=ClientError,
    ConditionalCheckFailedException=ConditionalCheckFailedException,
    TransactionCanceledException=TransactionCanceledException,
    ResourceNotFoundException=ResourceNotFoundException,
)


@dataclass
class Store:
    """The items of the table. ``behind`` are the writes that the replica has not seen yet, in order.

    ``watch`` is told of every write that was carried out.
    """

    items: dict[Key, Raw] = field(default_factory=dict)
    replica: dict[Key, Raw] = field(default_factory=dict)
    behind: deque[tuple[Key, Raw | None]] = field(default_factory=deque)
    watch: Callable[[list[Change]], None] = lambda _changes: None
    tokens: set[str] = field(default_factory=set)

    def begin_with(self, items: Mapping[Key, Raw]) -> None:
        """Have these items, and the replica too."""
        self.items, self.replica = dict(items), dict(items)
        self.behind.clear()
        self.tokens.clear()

    def write(self, changes: Iterable[tuple[Key, Raw | None]]) -> None:
        """Write these items together; None removes one."""
        told: list[Change] = []
        for key, wanted in changes:
            item = None if wanted is None else {name: _stored(value) for name, value in wanted.items()}
            told.append((key, self.items.get(key), item))
            self._set(self.items, key, item)
            self.behind.append((key, item))
        self.watch(told)

    def replicate(self, most: int | None = None) -> None:
        """The replica sees so many more writes, or all."""
        while self.behind and most != 0:
            self._set(self.replica, *self.behind.popleft())
            most = most - 1 if most is not None else None

    def _set(self, items: dict[Key, Raw], key: Key, item: Raw | None) -> None:
        if item is None:
            items.pop(key, None)
        else:
            items[key] = item


def _stored(value: Any) -> Any:
    """The value as it comes back: of a number, the noughts that say nothing are gone."""
    ((kind, content),) = value.items()
    match kind:
        case "N" if "." in content:
            return {kind: content.rstrip("0").rstrip(".")}
        case "M":
            return {kind: {name: _stored(each) for name, each in content.items()}}
        case "L":
            return {kind: [_stored(each) for each in content]}
    return value


def key_of(raw: Mapping[str, Any]) -> Key:
    """The key in an item or a request."""
    return raw["pk"]["S"], raw["sk"]["S"]


@dataclass(frozen=True)
class DynamoDb:
    """The client. A page of a query has at most ``page`` items."""

    store: Store
    gate: Gate
    page: int = 3
    exceptions: ClassVar[Any] = EXCEPTIONS
    # Whoever wants to hear of answers as they were sent: none is sent here.
    meta: ClassVar[Any] = SimpleNamespace(events=SimpleNamespace(register=lambda *_: None))

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """The method of an operation: ``get_item`` and so on."""
        perform: Callable[[dict[str, Any]], Any] = getattr(_Operations(self.store, self.page), operation)
        return lambda **params: self.gate("dynamodb", operation, params, perform)

    def get_paginator(self, operation: str) -> Any:
        """Asks page after page."""
        return paginator(getattr(self, operation), _following)


def _following(answer: dict[str, Any]) -> dict[str, Any]:
    last = answer.get("LastEvaluatedKey")
    return {"ExclusiveStartKey": last} if last else {}


@dataclass(frozen=True)
class _Operations:
    store: Store
    page: int

    def get_item(self, params: dict[str, Any]) -> dict[str, Any]:
        found = self._seen(params.get("ConsistentRead", False)).get(key_of(params["Key"]))
        return {"Item": found} if found else {}

    def batch_get_item(self, params: dict[str, Any]) -> dict[str, Any]:
        ((table, wanted),) = params["RequestItems"].items()
        items = self._seen(wanted.get("ConsistentRead", False))
        found = [items[key] for key in map(key_of, wanted["Keys"]) if key in items]
        return {"Responses": {table: found}, "UnprocessedKeys": {}}

    def query(self, params: dict[str, Any]) -> dict[str, Any]:
        index = params.get("IndexName")
        hashed, ranged = INDEXES[index] if index else ("pk", "sk")
        items = self._seen(params.get("ConsistentRead", False) and not index)
        condition = params["KeyConditionExpression"]
        partition = params["ExpressionAttributeValues"][clauses(condition)[0][2]]
        found = [
            item
            for item in items.values()
            if item.get(hashed) == partition and ranged in item and holds(condition, params, item)
        ]

        def place(item: Mapping[str, Any]) -> tuple[bytes, ...]:
            return tuple(item[name]["S"].encode() for name in dict.fromkeys((ranged, "pk", "sk")))

        forward = params.get("ScanIndexForward", True)
        found.sort(key=place, reverse=not forward)
        start = params.get("ExclusiveStartKey")
        if start:
            begun = place(start)
            found = [item for item in found if (place(item) > begun if forward else place(item) < begun)]
        limit = min(params.get("Limit", self.page), len(found)) if "Limit" in params else self.page
        answer: dict[str, Any] = {"Items": found[:limit], "Count": len(found[:limit])}
        if answer["Items"] and (len(found) > limit or len(found) == params.get("Limit")):
            last = found[limit - 1]
            answer["LastEvaluatedKey"] = {name: last[name] for name in dict.fromkeys(("pk", "sk", hashed, ranged))}
        return answer

    def put_item(self, params: dict[str, Any]) -> dict[str, Any]:
        key = key_of(params["Item"])
        self._require(params, key, "PutItem")
        self.store.write([(key, params["Item"])])
        return {}

    def update_item(self, params: dict[str, Any]) -> dict[str, Any]:
        key = key_of(params["Key"])
        self._require(params, key, "UpdateItem")
        self.store.write([(key, updated(params, self.store.items.get(key)))])
        return {}

    def delete_item(self, params: dict[str, Any]) -> dict[str, Any]:
        key = key_of(params["Key"])
        self._require(params, key, "DeleteItem")
        if key in self.store.items:
            self.store.write([(key, None)])
        return {}

    def batch_write_item(self, params: dict[str, Any]) -> dict[str, Any]:
        ((_, requests),) = params["RequestItems"].items()
        self.store.write([(key_of(each["PutRequest"]["Item"]), each["PutRequest"]["Item"]) for each in requests])
        return {"UnprocessedItems": {}}

    def transact_write_items(self, params: dict[str, Any]) -> dict[str, Any]:
        # The client of AWS makes up a token for each call, so that its own retries do nothing twice.
        token = params.get("ClientRequestToken")
        if token in self.store.tokens:
            return {}
        changes: list[tuple[Key, Raw | None]] = []
        codes: list[str] = []
        for ((kind, request),) in (each.items() for each in params["TransactItems"]):
            key = key_of(request["Item"] if kind == "Put" else request["Key"])
            before = self.store.items.get(key)
            codes.append(
                "None" if holds(request.get("ConditionExpression"), request, before) else "ConditionalCheckFailed"
            )
            changes.append((key, request["Item"] if kind == "Put" else updated(request, before)))
        if any(code != "None" for code in codes):
            raise cancelled(codes)
        if token:
            self.store.tokens.add(token)
        self.store.write(changes)
        return {}

    def _seen(self, consistent: bool) -> dict[Key, Raw]:  # noqa: FBT001 - as the request says it
        return self.store.items if consistent else self.store.replica

    def _require(self, params: Mapping[str, Any], key: Key, operation: str) -> None:
        before = self.store.items.get(key)
        if not holds(params.get("ConditionExpression"), params, before):
            told: Any = {
                "Error": {"Code": "ConditionalCheckFailedException", "Message": "The conditional request failed"}
            }
            if before and params.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD":
                told["Item"] = before
            raise ConditionalCheckFailedException(told, operation)


def cancelled(codes: list[str]) -> TransactionCanceledException:
    """The error of a transaction that was called off, with a reason for each of its items."""
    message = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{', '.join(codes)}]"
    told: Any = {"Error": {"Code": "TransactionCanceledException", "Message": message}}
    told["CancellationReasons"] = [{"Code": code} for code in codes]
    return TransactionCanceledException(told, "TransactWriteItems")
