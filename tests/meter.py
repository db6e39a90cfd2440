"""A meter on every DynamoDB client of a session: which calls were made, what they touched, what they cost."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Any

from addresses.table import Key
from local import template
from tests.capacity import Raw, index, item_size, read_units, write_units

if TYPE_CHECKING:
    from boto3 import Session
    from types_boto3_dynamodb import DynamoDBClient


@dataclass(frozen=True)
class Call:
    """One call: what it touched, by the kind of item, and the units of table and indexes that it cost."""

    operation: str
    touched: tuple[str, ...]
    read: float = 0
    written: int = 0
    indexed: Mapping[str, int] = field(default_factory=dict)

    @property
    def request(self) -> str:
        """What was asked for: ``BatchGetItem 2 ADDRESS, SETTINGS``."""
        counted = sorted(Counter(self.touched).items())
        return f"{self.operation} {', '.join(f'{count} {kind}' if count > 1 else kind for kind, count in counted)}"

    @property
    def text(self) -> str:
        """What was asked for, and its units: ``PutItem ADDRESS (1 + 1 by_list)``."""
        units = [f"{self.read or self.written:g}", *(f"{units} {name}" for name, units in self.indexed.items())]
        return f"{self.request} ({' + '.join(units)})"


def kind_of(key: Key) -> str:
    """What kind of item lies under the key: the word in its ``sk`` or, where that is a time or name, in its ``pk``."""
    word = key[1].partition("#")[0]
    return word if word.isalpha() and word.isupper() else key[0].partition("#")[0]


def in_words(calls: Sequence[Call]) -> str:
    """The calls in order; equal ones that follow each other once, with their number."""
    grouped = [(text, len(list(same))) for text, same in groupby(call.text for call in calls)]
    return "; ".join(text if count == 1 else f"{count} x {text}" for text, count in grouped)


class Meter:
    """Records the calls of the clients that the session makes from now on, and the items that they write."""

    def __init__(self, session: "Session", onlooker: "DynamoDBClient", table: str) -> None:
        """``onlooker`` is a client of another session, which looks at items before and after they are written."""
        self.calls: list[Call] = []
        self.items: list[Raw] = []
        self._onlooker = onlooker
        self._table = table
        described = template.load()["Resources"]["Table"]["Properties"]["GlobalSecondaryIndexes"]
        self._indexes = [index(each) for each in described]
        session.events.register("provide-client-params.dynamodb", self._begin)
        session.events.register("after-call.dynamodb", self._end)

    def forget(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.items.clear()

    def _begin(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        context["metered"] = params, self._items(_written(model.name, params))

    def _end(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        params, before = context["metered"]
        keys = _written(model.name, params)
        self.calls.append(self._write(model.name, keys, before) if keys else self._read(model.name, params, parsed))

    def _write(self, operation: str, keys: list[Key], before: Mapping[Key, Raw]) -> Call:
        """A write that was refused has changed nothing, and costs what lay there."""
        after = self._items(keys)
        self.items += after.values()
        changed = [(before.get(key), after.get(key)) for key in keys]
        factor = 2 if operation == "TransactWriteItems" else 1
        indexed = {each.name: sum(each.write_units(*pair) for pair in changed) for each in self._indexes}
        return Call(
            operation,
            tuple(map(kind_of, keys)),
            written=factor * sum(write_units(*each) for each in changed),
            indexed={name: units for name, units in indexed.items() if units},
        )

    def _read(self, operation: str, params: dict[str, Any], parsed: dict[str, Any]) -> Call:
        match operation:
            case "GetItem":
                size = item_size(parsed.get("Item", {}))
                units = read_units(size, consistent=params.get("ConsistentRead", False))
                return Call(operation, (kind_of(_key(params["Key"])),), units)
            case "BatchGetItem":
                wanted = params["RequestItems"][self._table]
                found = {_key(item): item_size(item) for item in parsed["Responses"][self._table]}
                keys = [_key(key) for key in wanted["Keys"]]
                consistent = wanted.get("ConsistentRead", False)
                units = sum(read_units(found.get(key, 0), consistent=consistent) for key in keys)
                return Call(operation, tuple(map(kind_of, keys)), units)
            case "Query":
                return self._query(params, parsed["Items"])
        raise NotImplementedError(f"What {operation} costs is not known here; add its rule.")

    def _query(self, params: dict[str, Any], items: Sequence[Raw]) -> Call:
        hashed = re.search(r"\w+ = (:\w+)", params["KeyConditionExpression"])
        assert hashed, params
        partition = params["ExpressionAttributeValues"][hashed[1]]["S"].partition("#")[0]
        name = params.get("IndexName")
        entries = {each.name: each.entry for each in self._indexes}
        size = sum(item_size((entries[name](item) if name else item) or {}) for item in items)
        units = read_units(size, consistent=params.get("ConsistentRead", False))
        return Call(f"Query {name}" if name else "Query", (partition,), units)

    def _items(self, keys: Sequence[Key]) -> dict[Key, Raw]:
        """The items that exist among these, at most 100."""
        if not keys:
            return {}
        wanted: Any = {self._table: {"Keys": [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in keys]}}
        found = self._onlooker.batch_get_item(RequestItems=wanted)["Responses"][self._table]
        return {_key(item): item for item in found}


def _written(operation: str, params: Mapping[str, Any]) -> list[Key]:
    """The keys of the items that the call writes."""
    match operation:
        case "PutItem":
            return [_key(params["Item"])]
        case "UpdateItem" | "DeleteItem":
            return [_key(params["Key"])]
        case "BatchWriteItem":
            return [_key(each["PutRequest"]["Item"]) for writes in params["RequestItems"].values() for each in writes]
        case "TransactWriteItems":
            return [
                _key(each["Put"]["Item"] if "Put" in each else each["Update"]["Key"])
                for each in params["TransactItems"]
            ]
    return []


def _key(item: Raw) -> Key:
    return item["pk"]["S"], item["sk"]["S"]
