"""Does something with each message of a batch from a queue; one that fails does not hold up the others."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

type Record = Mapping[str, Any]


def tried(do: Callable[[Record], None], records: Iterable[Record]) -> dict[str, Exception]:
    """The ids of the messages with which it could not be done, and why; these go back to the queue, one by one.

    The powertools do this too, with asyncio and models of all kinds of events, which are a seventh of a cold start.
    """
    failed: dict[str, Exception] = {}
    for record in records:
        try:
            do(record)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged, and the queue delivers this one again
            failed[record["messageId"]] = error
    return failed
