"""The expressions of DynamoDB that the table's code writes, and no others: what is not understood is an error."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

type Raw = dict[str, Any]

_EXISTS = re.compile(r"(attribute_exists|attribute_not_exists)\(([#\w]+)\)")
_COMPARED = re.compile(r"([#\w]+) (=|<|>) (:\w+)")
_BETWEEN = re.compile(r"([#\w]+) BETWEEN (:\w+) AND (:\w+)")
_SET = re.compile(r"([#\w]+) = (:\w+)")


class Unknown(NotImplementedError):
    """The stand-in does not know this; teach it, and the test that compares it with the embedded AWS."""


@cache
def clauses(expression: str) -> tuple[tuple[str, ...], ...]:
    """The clauses of a condition, which are all joined by AND: ``(operator, name, values...)``."""
    found: list[tuple[str, ...]] = []
    rest = expression
    while rest:
        if match := _BETWEEN.match(rest):
            found.append(("between", match[1], match[2], match[3]))
        elif match := _EXISTS.match(rest):
            found.append((match[1], match[2]))
        elif match := _COMPARED.match(rest):
            found.append((match[2], match[1], match[3]))
        else:
            raise Unknown(expression)
        rest = rest[match.end() :]
        if rest:
            if not rest.startswith(" AND "):
                raise Unknown(expression)
            rest = rest.removeprefix(" AND ")
    return tuple(found)


def holds(expression: str | None, request: Mapping[str, Any], item: Raw | None) -> bool:
    """Whether the condition of the request is true of the item as it is, or of its absence."""
    if expression is None:
        return True
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    return all(_true(clause, names, values, item or {}) for clause in clauses(expression))


def _true(clause: tuple[str, ...], names: Mapping[str, str], values: Mapping[str, Any], item: Raw) -> bool:
    kind, name, *given = clause
    found = item.get(names.get(name, name))
    match kind:
        case "attribute_exists":
            return found is not None
        case "attribute_not_exists":
            return found is None
        case "=":
            return found is not None and found == values[given[0]]
        case "<":
            return found is not None and _text(found) < _text(values[given[0]])
        case ">":
            return found is not None and _text(found) > _text(values[given[0]])
        case _:
            low, high = given
            return found is not None and _text(values[low]) <= _text(found) <= _text(values[high])


def _text(value: Mapping[str, Any]) -> bytes:
    if value.keys() != {"S"}:
        raise Unknown(f"only texts are compared, not {value}")
    # DynamoDB orders texts by their UTF-8.
    text: str = value["S"]
    return text.encode()


@cache
def assignments(expression: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """What an update sets, as pairs of name and value, and what it removes."""
    setting, _, removing = expression.removeprefix("SET ").partition(" REMOVE ")
    pairs = [_SET.fullmatch(each) for each in setting.split(", ")]
    if not expression.startswith("SET ") or None in pairs:
        raise Unknown(expression)
    return tuple((pair[1], pair[2]) for pair in pairs if pair), tuple(removing.split(", ")) if removing else ()


def updated(request: Mapping[str, Any], item: Raw | None) -> Raw:
    """The item as the request leaves it; one that was not there begins with its key."""
    names, values = request.get("ExpressionAttributeNames", {}), request["ExpressionAttributeValues"]
    setting, removing = assignments(request["UpdateExpression"])
    after = dict(item or request["Key"])
    for name, value in setting:
        after[names.get(name, name)] = values[value]
    for name in removing:
        after.pop(names.get(name, name), None)
    return after
