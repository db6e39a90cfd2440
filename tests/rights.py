"""What each role of the template may do, and whether that covers a call: by the rules of IAM that the template uses."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from local import template

TEMPLATE = template.load()
RESOURCES = TEMPLATE["Resources"]
FUNCTIONS = dict(template.of_type(TEMPLATE, "AWS::Serverless::Function"))
ROLES = [name for name, _ in template.of_type(TEMPLATE, "AWS::IAM::Role")]
# What can only be named: two resources that name each other, and what lies outside the stack.
_NAMED = {
    "stateMachine:${AWS::StackName}-plans": "PlanStateMachine",
    "execution:${AWS::StackName}-plans/*": "PlanStateMachine/executions",
    "secret:${DirectorySecrets}": "DirectorySecrets",
}
_LEADING = "dynamodb:LeadingKeys"
_OPERATORS = {"ForAllValues:StringLike", "ForAllValues:StringEquals"}


@dataclass(frozen=True)
class Call:
    """One action on one resource, as IAM is asked: on ``Table/index/by_list``, or on ``MailBucket/inbound/one.eml``.

    ``keys`` are the partition keys that a call of DynamoDB names.
    """

    action: str
    resource: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Right:
    """One action on one resource, the name in the template first: on ``MailBucket/inbound/*``.

    ``keys`` are patterns of partition keys; none if every key will do.
    """

    action: str
    resource: str
    keys: tuple[str, ...] = ()

    def covers(self, call: Call) -> bool:
        """Whether IAM allows the call by this.

        ``ForAllValues``: each value in the request matches one of the policy's, and where there is none, all is well.
        """
        return (
            self.action == call.action
            and fnmatchcase(call.resource, self.resource)
            and (not self.keys or all(any(fnmatchcase(key, each) for each in self.keys) for key in call.keys))
        )


def rights(role: str) -> tuple[Right, ...]:
    """All that a role may do, by its own policies and by those that name it, as if every condition of the stack held.

    Raises:
        ValueError: a statement is of a form that is not known here, so nothing could be said of it.
    """
    apart = [each["Properties"] for _, each in template.of_type(TEMPLATE, "AWS::IAM::Policy")]
    own = RESOURCES[role]["Properties"]["Policies"]
    return tuple(
        right
        for policy in [*own, *(each for each in apart if {"Ref": role} in each["Roles"])]
        for stated in listed(policy["PolicyDocument"]["Statement"])
        for statement in _unconditional(stated)
        for right in _of(statement)
    )


def role_of(function: str) -> str:
    """The role of a function."""
    role: str = RESOURCES[function]["Properties"]["Role"]["Fn::GetAtt"][0]
    return role


def allows(role: str, call: Call) -> bool:
    """Whether a role may do this. No role of the template denies anything, so what one right covers is allowed."""
    return any(right.covers(call) for right in rights(role))


def listed(value: Any) -> list[Any]:
    """One or several, as IAM writes them, always as a list."""
    return value if isinstance(value, list) else [value]


def _unconditional(stated: Any) -> Sequence[Any]:
    return [each for each in stated["Fn::If"][1:] if "Ref" not in each] if "Fn::If" in stated else [stated]


def _of(statement: Any) -> Iterator[Right]:
    if statement["Effect"] != "Allow" or set(statement) - {"Effect", "Action", "Resource", "Condition"}:
        raise ValueError(f"what {statement} allows is not known here")
    keys = _keys(statement.get("Condition", {}))
    for resource in listed(statement["Resource"]):
        for action in listed(statement["Action"]):
            yield Right(action, _named(resource), keys)


def _keys(condition: Any) -> tuple[str, ...]:
    if not condition:
        return ()
    [(operator, compared)] = condition.items()
    if operator not in _OPERATORS or set(compared) != {_LEADING}:
        raise ValueError(f"when {condition} holds is not known here")
    return tuple(listed(compared[_LEADING]))


def _named(resource: Any) -> str:
    match resource:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return name
        case {"Fn::Sub": str(text)}:
            found = re.fullmatch(r"\$\{(\w+)\.Arn\}(.*)", text)
            return f"{found[1]}{found[2]}" if found else next(_NAMED[end] for end in _NAMED if text.endswith(f":{end}"))
        case "*":
            return "*"
    raise ValueError(f"what {resource} names is not known here")
