"""How directories lie in the table: all configurations in one partition, and the state of each between two runs."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from addresses.directory import Directory
from addresses.run_items import reading_from
from addresses.sync_state import SyncState
from addresses.table import Item, Key, Table, Write

# In one partition, because every run asks which directories there are: authority is among all of them.
DIRECTORIES = "DIRECTORIES"
_OF_STATE = ("under_way", "until", "held", "rejected", "whole_at", "synced_at")
_directory: TypeAdapter[Directory] = TypeAdapter(Directory)


def directory_key(name: str) -> Key:
    """Where the directory's configuration lies."""
    return DIRECTORIES, name


def directory_item(name: str, directory: Directory) -> Item:
    """The directory's configuration; the secret is a name in Secrets Manager."""
    pk, sk = directory_key(name)
    # DynamoDB has no binary fractions.
    return {"pk": pk, "sk": sk, **json.loads(directory.model_dump_json(), parse_float=Decimal)}


def directory_from(item: Item) -> Directory:
    """The configuration that the item holds."""
    return _directory.validate_python({name: value for name, value in item.items() if name not in {"pk", "sk"}})


def directories(table: Table) -> dict[str, Directory]:
    """Every directory that is configured, by name."""
    return {item["sk"]: directory_from(item) for item in table.partition(DIRECTORIES, "")}


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
