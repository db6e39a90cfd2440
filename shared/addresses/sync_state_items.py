"""How the state of a directory between two runs lies in the table."""

from collections.abc import Iterable
from typing import Any

from addresses.run_items import reading_from
from addresses.sync_state import SyncState
from addresses.table import Item, Key, Table, Write

_OF_STATE = ("under_way", "until", "held", "rejected", "whole_at", "synced_at")


def state_key(name: str) -> Key:
    """Where the directory's state lies."""
    return f"DIRECTORY#{name}", "STATE"


def states(table: Table, names: Iterable[str]) -> list[SyncState]:
    """The states of these directories as they are now."""
    keys = {state_key(name): name for name in names}
    found = table.get_many(keys)
    return [state_from(name, found.get(key)) for key, name in keys.items()]


def state_write(state: SyncState) -> Write:
    """The state's item as it should be, on top of the version that was read."""
    reading: dict[str, Any] | None = vars(state.reading) if state.reading else None
    attributes = {name: getattr(state, name) for name in _OF_STATE} | {"reading": reading, "directory": state.directory}
    attributes["written"] = list(state.written) or None
    return Write(state_key(state.directory), attributes, state.version)


def state_from(name: str, item: Item | None) -> SyncState:
    """The state that the item holds; that of a directory of which no run has been yet, without one."""
    if item is None:
        return SyncState(name)
    known = {each: item.get(each) for each in _OF_STATE}
    reading, written = reading_from(item.get("reading")), tuple(item.get("written", ()))
    return SyncState(name, **known, reading=reading, written=written, version=int(item["version"]))
