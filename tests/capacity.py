"""What a call costs in DynamoDB's units, by the rules of its developer guide. Pure.

Sizes: "DynamoDB item sizes and formats". Units: "Read and write operations", "Global secondary indexes".
Items are as DynamoDB sends them: ``{"pk": {"S": "SETTINGS"}, ...}``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from boto3.dynamodb.types import TypeSerializer

from addresses.table import Item

LARGEST_ITEM = 400 * 1024
READ_UNIT = 4 * 1024
WRITE_UNIT = 1024

type Raw = Mapping[str, Any]

_serializer = TypeSerializer()


def stored(item: Item) -> Raw:
    """The item as DynamoDB keeps it: attributes without a value are not there."""
    return {name: _serializer.serialize(value) for name, value in item.items() if value is not None}


def item_size(item: Raw) -> int:
    """The item's size in bytes: names and values."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Raw) -> int:
    content: Any
    [(kind, content)] = value.items()
    match kind:
        case "S":
            text: str = content
            return len(text.encode())
        case "N":
            negative: bool = content.startswith("-")
            digits: str = content.lstrip("-").replace(".", "").strip("0")
            return ceil(len(digits) / 2) + 1 + negative
        case "NULL" | "BOOL":
            return 1
        case "L":
            return 3 + sum(1 + _value_size(each) for each in content)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_size(each) for name, each in content.items())
    raise NotImplementedError(f"The size of a value of the type {kind} is not known here; add its rule.")


def read_units(size: int, *, consistent: bool) -> float:
    """What reading so many bytes costs. What is not there costs as much as the smallest item."""
    return max(1, ceil(size / READ_UNIT)) * (1 if consistent else 0.5)


def write_units(before: Raw | None, after: Raw | None) -> int:
    """What turning the one into the other costs outside a transaction: the larger of the two counts."""
    return max(1, ceil(max(item_size(before or {}), item_size(after or {})) / WRITE_UNIT))


@dataclass(frozen=True)
class Index:
    """A secondary index: an item is in it if it has both ``keys``, whole or with no more than its keys."""

    name: str
    keys: tuple[str, str]
    whole: bool

    def entry(self, item: Raw | None) -> Raw | None:
        """What the index holds of the item."""
        if item is None or not set(self.keys) <= item.keys():
            return None
        return item if self.whole else {name: item[name] for name in ("pk", "sk", *self.keys)}

    def write_units(self, before: Raw | None, after: Raw | None) -> int:
        """What a write costs in the index, in a transaction too: what it stores changes, or nothing is due.

        An entry whose key changes is taken away and put in again.
        """
        old, new = self.entry(before), self.entry(after)
        if old == new:
            return 0
        if old and new and all(old[key] == new[key] for key in self.keys):
            return write_units(old, new)
        return sum(write_units(None, entry) for entry in (old, new) if entry)


def index(described: Mapping[str, Any]) -> Index:
    """The index that a template describes."""
    hashed, ranged = (key["AttributeName"] for key in described["KeySchema"])
    return Index(described["IndexName"], (hashed, ranged), described["Projection"]["ProjectionType"] == "ALL")
