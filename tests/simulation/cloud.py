"""The cloud of the simulation: where every call of AWS goes through, and where others may go first at each of them."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import BaseRouter
from greenlet import greenlet

from tests.simulation.container import Container
from tests.simulation.dynamodb import DynamoDb, Store
from tests.simulation.faults import Crash, Fault, carried_out, name
from tests.simulation.s3 import S3, Objects
from tests.simulation.services import Lambda, Sent, StepFunctions

BEGIN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

# Decides what happens to a call of this function: by service and operation.
type Fate = Callable[["Invocation", str, str], Fault]


class Violated(BaseException):
    """What must always hold did not. No function may catch it."""


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of itself."""

    invoked_function_arn: str
    function_name: str = "function"
    memory_limit_in_mb: int = 1024
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """Two minutes."""
        return 120_000


class Invocation:
    """A function at work in a container, stopped before each call of AWS until it is told to go on.

    Once it has ended, ``answer`` is what it returned or ``failure`` what it raised; ``crashed`` if its process ended.
    """

    def __init__(self, cloud: "Cloud", container: Container, function: str, event: dict[str, Any]) -> None:
        self.function, self.event = function, event
        self.calls = 0
        # The number of the last moment before it, for whoever counts them, and the time.
        self.began, self.began_at = -1, cloud.now
        self.crashed = False
        # Whether anything but what was asked for happened to one of its calls.
        self.disturbed = False
        self.answer: Any = None
        self.failure: Exception | None = None
        self._cloud, self._container = cloud, container
        self._greenlet = greenlet(self._run)
        self._request: tuple[Any, Any] = (None, None)
        container.busy = True

    @property
    def ended(self) -> bool:
        """Whether it has come to its end, whatever that is."""
        return bool(self._greenlet.dead)

    def go_on(self) -> None:
        """Carry out the call that it waits for, and go on to the next, or to the end."""
        # Powertools keeps the request in class attributes, as the one request of a process.
        BaseRouter.current_event, BaseRouter.lambda_context = self._request
        self._cloud.current = self
        try:
            self._greenlet.switch()
        finally:
            self._cloud.current = None
            self._cloud.working.discard(self)
            self._request = BaseRouter.__dict__.get("current_event"), BaseRouter.__dict__.get("lambda_context")
        if not self.ended:
            self._cloud.working.add(self)
        else:
            self._container.busy = False
            if self.crashed:
                self._container.forget()

    def end(self) -> None:
        """Its process ends where it stands."""
        self.crashed = True
        while not self.ended:
            self.go_on()

    def stop(self) -> None:
        """Let others go first."""
        self.calls += 1
        self._greenlet.parent.switch()
        if self.crashed:
            raise Crash

    def _run(self) -> None:
        try:
            context = Context(self.function.replace("_", "-"))
            self.answer = self._container.handle(self.function, self.event, context)
        except Crash:
            self.crashed = True
        except Exception as failure:  # noqa: BLE001 - whatever ends a function, Lambda reports and tries again
            self.failure = failure


@dataclass
class Cloud:
    """Everything that the functions reach, and their containers. ``fate`` is what happens to each call."""

    size: int = 3
    store: Store = field(default_factory=Store)
    sent: Sent = field(default_factory=Sent)
    now: datetime = BEGIN
    random: Random = field(default_factory=lambda: Random(0))  # noqa: S311 - it is repeated, not guessed
    fate: Fate = lambda *_: carried_out
    current: Invocation | None = None
    open_reader: Callable[[Any, Any], Any] = lambda _modules, directory: directory
    working: set[Invocation] = field(default_factory=set)
    calls: int = 0
    happened: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    # What was asked of which service, and what became of it, for whoever wants to compare.
    trace: list[tuple[str, str, dict[str, Any], Any]] | None = None
    lag: bool = False

    def __post_init__(self) -> None:
        """Fill the containers."""
        self.objects = Objects(lambda: self.now)
        # For those around the functions.
        self.dynamodb, self.s3 = DynamoDb(self.store, self.gate), S3(self.objects, self.gate)
        clients: dict[str, Callable[[], Any]] = {
            "dynamodb": lambda: DynamoDb(self.store, self.gate),
            "s3": lambda: S3(self.objects, self.gate),
            "lambda": lambda: Lambda(self.sent, self.gate),
            "stepfunctions": lambda: StepFunctions(self.sent, self.gate),
            "secretsmanager": lambda: None,
        }
        self.containers = [Container(clients, lambda: self.now, self.sleep, self._open) for _ in range(self.size)]

    def gate(
        self, service: str, operation: str, params: dict[str, Any], perform: Callable[[dict[str, Any]], Any]
    ) -> Any:
        """Carry out a call, when it is its turn, as far as its fate lets it be."""
        invocation = self.current
        traced = perform if self.trace is None else self._traced(service, operation, perform)
        if invocation is None:
            return traced(params)
        if invocation.crashed:
            raise Crash
        invocation.stop()
        self.calls += 1
        self.now += timedelta(milliseconds=self.random.randrange(1, 40))
        if operation == "transact_write_items":
            params = {**params, "ClientRequestToken": f"{self.random.getrandbits(64):x}"}
        fault = self.fate(invocation, service, operation)
        if fault is not carried_out:
            self.happened[invocation.function, operation, name(fault)] += 1
            invocation.disturbed = True
        try:
            return fault(operation, params, traced, self.random)
        except Crash:
            invocation.crashed = True
            raise
        finally:
            if not self.lag:
                self.store.replicate()

    def _open(self, modules: Any, directory: Any) -> Any:
        return self.open_reader(modules, directory)

    def sleep(self, seconds: float) -> None:
        """Time passes, and others may go first."""
        self.now += timedelta(seconds=seconds)
        if self.current:
            self.current.stop()

    def invoke(self, function: str, event: dict[str, Any]) -> Invocation | None:
        """Begin to handle an event; None if every container is busy."""
        free = [each for each in self.containers if not each.busy]
        return Invocation(self, self.random.choice(free), function, event) if free else None

    def _traced(self, service: str, operation: str, perform: Callable[[dict[str, Any]], Any]) -> Any:
        def traced(params: dict[str, Any]) -> Any:
            assert self.trace is not None
            try:
                answer = perform(params)
            except Exception as refusal:
                self.trace.append((service, operation, params, refusal))
                raise
            self.trace.append((service, operation, params, answer))
            return answer

        return traced
