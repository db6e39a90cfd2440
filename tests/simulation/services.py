"""Stand-ins for the clients of Lambda, SQS, Step Functions: what the functions send there, waiting to be delivered."""

import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.simulation.dynamodb import Gate


class ExecutionAlreadyExists(ClientError):
    """An execution had this name."""


@dataclass
class Sent:
    """Orders to functions, executions by the names of their runs, and bodies on the queue of loads."""

    orders: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Lambda:
    """The client of Lambda: orders that nobody waits for."""

    sent: Sent
    gate: Gate

    def invoke(self, **params: Any) -> Any:
        """Take an order."""
        assert params["InvocationType"] == "Event"

        def perform(params: dict[str, Any]) -> dict[str, Any]:
            self.sent.orders.append((params["FunctionName"], json.loads(params["Payload"])))
            return {"StatusCode": 202}

        return self.gate("lambda", "invoke", params, perform)


@dataclass(frozen=True)
class StepFunctions:
    """The client of Step Functions: one execution of a name, ever."""

    sent: Sent
    gate: Gate
    exceptions: ClassVar[Any] = SimpleNamespace(ExecutionAlreadyExists=ExecutionAlreadyExists)

    def start_execution(self, **params: Any) -> Any:
        """Start one."""

        def perform(params: dict[str, Any]) -> dict[str, Any]:
            name, told = params["name"], json.loads(params["input"])
            if self.sent.executions.get(name, told) != told or (
                name in self.sent.executions and name in self.sent.begun
            ):
                error: Any = {"Error": {"Code": "ExecutionAlreadyExists", "Message": name}}
                raise ExecutionAlreadyExists(error, "StartExecution")
            self.sent.executions[name] = told
            return {}

        return self.gate("stepfunctions", "start_execution", params, perform)
