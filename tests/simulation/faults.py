"""What AWS may do to a call beside carrying it out: refuse it, lose its answer, leave parts undone, end the process."""

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.simulation.dynamodb import cancelled
from tests.simulation.expressions import Raw

type Perform = Callable[[dict[str, Any]], Any]
# Does to a call what happens to it: by operation, parameters and what would carry it out.
type Fault = Callable[[str, dict[str, Any], Perform, Random], Any]

REFUSALS = {
    "dynamodb": (
        *("ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"),
        "InternalServerError",
    ),
    "s3": ("SlowDown", "InternalError", "ServiceUnavailable"),
    "lambda": ("TooManyRequestsException", "ServiceException"),
    "stepfunctions": ("ThrottlingException", "ServiceUnavailable"),
}
CALLED_OFF = ("TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded")
SINGLE_WRITES = {"put_item", "update_item", "delete_item"}
WRITES = {*SINGLE_WRITES, "transact_write_items", "batch_write_item", "put_object"}


class Crash(BaseException):
    """The function's process ends here; nothing it is made of may catch that."""


def carried_out(_operation: str, params: dict[str, Any], perform: Perform, _random: Random) -> Any:
    """Nothing goes wrong."""
    return perform(params)


def refused(service: str) -> Fault:
    """Throttled, or failed, and all retries with it."""

    def fault(operation: str, _params: dict[str, Any], _perform: Perform, random: Random) -> Any:
        raise _error(random.choice(REFUSALS[service]), operation)

    return fault


def answer_lost(operation: str, params: dict[str, Any], perform: Perform, _random: Random) -> Any:
    """Carried out, but nobody hears of it."""
    perform(params)
    raise ReadTimeoutError(endpoint_url=f"https://{operation}.invalid")


def sent_twice(_operation: str, params: dict[str, Any], perform: Perform, _random: Random) -> Any:
    """The first answer is lost, and the client of AWS asks again by itself."""
    perform(params)
    return perform(params)


def in_progress(operation: str, _params: dict[str, Any], _perform: Perform, _random: Random) -> Any:
    """The same transaction is being carried out."""
    raise _error("TransactionInProgressException", operation)


def conflicting(operation: str, params: dict[str, Any], _perform: Perform, random: Random) -> Any:
    """Somebody else is writing one of the items in a transaction; or of a transaction, one item is throttled."""
    if operation != "transact_write_items":
        raise _error("TransactionConflictException", operation)
    codes = ["None"] * len(params["TransactItems"])
    codes[random.randrange(len(codes))] = random.choice(CALLED_OFF)
    raise cancelled(codes)


def partly(operation: str, params: dict[str, Any], perform: Perform, random: Random) -> Any:
    """Some of a batch is left undone."""
    ((table, request),) = params["RequestItems"].items()
    if operation == "batch_write_item":
        done, undone = _split(request, random)
        if done:
            perform({"RequestItems": {table: done}})
        return {"UnprocessedItems": {table: undone} if undone else {}}
    done, undone = _split(request["Keys"], random)
    nothing: dict[str, Any] = {"Responses": {table: []}}
    answer = perform({"RequestItems": {table: {**request, "Keys": done}}}) if done else nothing
    return {**answer, "UnprocessedKeys": {table: {**request, "Keys": undone}} if undone else {}}


def crash_before(_operation: str, _params: dict[str, Any], _perform: Perform, _random: Random) -> Any:
    """The process ends with the call unsent."""
    raise Crash


def crash_after(_operation: str, params: dict[str, Any], perform: Perform, _random: Random) -> Any:
    """The process ends before it hears the answer."""
    perform(params)
    raise Crash


def possible(service: str, operation: str) -> list[Fault]:
    """Everything that may happen to such a call."""
    found: list[Fault] = [refused(service), answer_lost, sent_twice, crash_before, crash_after]
    if operation == "transact_write_items":
        found += [conflicting, conflicting, in_progress]
    elif operation in SINGLE_WRITES:
        found.append(conflicting)
    elif operation.startswith("batch_"):
        found += [partly, partly]
    return found


def name(fault: Fault) -> str:
    """What the fault is called in figures."""
    return fault.__qualname__.partition(".")[0]


def _split(requests: list[Raw], random: Random) -> tuple[list[Raw], list[Raw]]:
    undone = {position for position in range(len(requests)) if random.random() < 0.5}
    return (
        [each for position, each in enumerate(requests) if position not in undone],
        [each for position, each in enumerate(requests) if position in undone],
    )


def _error(code: str, operation: str) -> ClientError:
    told: Mapping[str, Any] = {"Error": {"Code": code, "Message": f"{code} of the simulation"}}
    return ClientError(told, operation)  # type: ignore[arg-type]
