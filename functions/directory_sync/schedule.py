"""What EventBridge's schedule asks for: one order for each directory that is enabled. Pure."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from addresses.directory import Directory
from addresses.order import SyncOrder
from addresses.run import new_run_id
from addresses.times import parse_time, stamp

SCHEDULE = "schedule"


def orders(event: Mapping[str, Any], directories: Mapping[str, Directory]) -> Iterable[SyncOrder]:
    """An order each, so that a directory which hangs keeps no other waiting.

    The run's id follows from the event's, so that an event that is delivered twice orders nothing twice.
    """
    began = parse_time(event["time"])
    for name, directory in sorted(directories.items()):
        if directory.enabled:
            unique = sha256(f"{event['id']} {name}".encode()).hexdigest()[:12]
            run = new_run_id(began, unique)
            yield SyncOrder(directory=name, run=run, started_at=stamp(began), actor=SCHEDULE)
