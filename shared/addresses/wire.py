"""Items as DynamoDB's API has them, each value with its type, and the request that writes one on a condition."""

import json
from collections.abc import Mapping
from contextlib import suppress
from http.client import OK
from typing import Any

from boto3.dynamodb.types import DYNAMODB_CONTEXT, TypeDeserializer, TypeSerializer

_serializer = TypeSerializer()
_deserializer = TypeDeserializer()


def raw_key(key: tuple[str, str]) -> Any:
    """The key of an item, as requests have it."""
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def raw(item: Mapping[str, Any]) -> Any:
    """The item as requests have it; what is None is left out."""
    return {name: _typed(value) for name, value in item.items() if value is not None}


def plain(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The item as DynamoDB sends it, without the type of each value."""
    return {name: typed["S"] if "S" in typed else _untyped(typed) for name, typed in raw.items()}


# The library's own, for what items are mostly made of, in a third of its time: reading all mailboxes is mostly this.
# `python -m tests.benchmarks.wire` shows it.


def _typed(value: Any) -> Any:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, dict):
        return {"M": {name: _typed(each) for name, each in value.items()}}
    if isinstance(value, list):
        return {"L": [_typed(each) for each in value]}
    if isinstance(value, bytes):
        raise TypeError("The table holds no binary values: they would be read as the text that they are sent in.")
    return _serializer.serialize(value)


def _untyped(typed: Any) -> Any:
    if "S" in typed:
        return typed["S"]
    if "N" in typed:
        return DYNAMODB_CONTEXT.create_decimal(typed["N"])
    if "M" in typed:
        return plain(typed["M"])
    if "L" in typed:
        return [_untyped(each) for each in typed["L"]]
    return _deserializer.deserialize(typed)


def take_as_sent(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Take an answer of DynamoDB as it was sent: a handler of botocore's ``before-parse``.

    Botocore looks at each value, to decode what is binary or a time. Nothing in the table is, and it is two thirds of
    the work of reading (https://github.com/boto/boto3/issues/2928); `python -m tests.benchmarks no_change` shows it.
    Refusals are left to botocore, and so is what is no JSON: its checksum is wrong, so that botocore asks again.
    """
    if response_dict["status_code"] == OK:
        with suppress(ValueError):
            customized_response_dict.update(json.loads(response_dict["body"]))
            response_dict["body"] = b"{}"


def update_request(table: str, key: tuple[str, str], attributes: Mapping[str, Any], version_read: int) -> Any:
    """The update of an item, as part of a transaction; see ``addresses.table.Write``."""
    kept = {name: value for name, value in attributes.items() if value is not None}
    gone = [name for name, value in attributes.items() if value is None]
    names = {f"#{position}": name for position, name in enumerate((*kept, *gone))}
    placeholder = {name: mark for mark, name in names.items()}
    setting = ", ".join(f"{placeholder[name]} = :{placeholder[name][1:]}" for name in kept)
    removing = ", ".join(placeholder[name] for name in gone)
    values = {f":{placeholder[name][1:]}": value for name, value in kept.items()}
    # Every write raises the item's version by one, so: nobody has written the item since it was read. For an item
    # that was not there: nobody has created it since.
    condition = "#version = :version_read" if version_read else "attribute_not_exists(pk)"
    return {
        "TableName": table,
        "Key": raw_key(key),
        "UpdateExpression": f"SET {setting}, #version = :version" + (f" REMOVE {removing}" if removing else ""),
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {**names, "#version": "version"},
        "ExpressionAttributeValues": raw(
            {**values, ":version": version_read + 1} | ({":version_read": version_read} if version_read else {})
        ),
    }
