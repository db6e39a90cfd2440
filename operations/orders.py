"""What Lambda leaves of an order that failed every time: who failed at it, and what it was.

Lambda's record of an asynchronous invocation, version 1.0, as its guide has it under "Retaining records".
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError


class NotUnderstood(ValueError):
    """It is no record of an order to a function of this stack."""


@dataclass(frozen=True)
class Order:
    """The function that failed, by its name, and the event that it was called with."""

    function: str
    event: dict[str, Any]

    @property
    def sentence(self) -> str:
        """What is ordered, without what it is about: an event may name people."""
        about = self.event.get("run")
        return f"{self.function} is called again, {f'for run {about}' if about else 'with the event that it had'}."


class _Record(BaseModel):
    # What a refusal quotes is printed, and an event may name people.
    model_config = ConfigDict(hide_input_in_errors=True)


class _Context(_Record):
    function: str = Field(alias="functionArn", pattern=r"^arn:[\w-]+:lambda:[\w-]+:\d+:function:[\w-]+(:.+)?$")


class _Failure(_Record):
    context: _Context = Field(alias="requestContext")
    event: dict[str, Any] = Field(alias="requestPayload")


def order_in(body: str, functions: Collection[str]) -> Order:
    """The order that the record ``body`` is about.

    Raises:
        NotUnderstood: it is none, or is about another function than these. Whoever can write to the queue could
            otherwise have the operator call any function of the account.
    """
    try:
        failure = _Failure.model_validate_json(body)
    except ValidationError as refusal:
        raise NotUnderstood(f"it is no record of a failed call ({refusal.error_count()} faults)") from None
    name = failure.context.function.split(":")[6]
    if name not in functions:
        raise NotUnderstood(f"it is about {name}, which is no function of this stack that takes orders")
    return Order(name, failure.event)
