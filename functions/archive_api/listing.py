"""Many personal archives as one: a page of it costs one query per window, whatever the page's depth."""

import re
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from heapq import merge
from itertools import groupby, islice

from addresses.address import Address
from addresses.archive import Direction, Entry
from addresses.items import archive_partition, entry_from
from addresses.table import Table
from archive_api.access import Window

_POSITION = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z#[0-9a-f]{64}")


@dataclass(frozen=True)
class Listed:
    """A message as the merged archive shows it: once, and through which of the addresses it came."""

    entry: Entry
    via: tuple[Address, ...]
    direction: Direction


def page(
    table: Table, windows: Sequence[Window], below: str | None, limit: int, executor: Executor
) -> tuple[list[Listed], str | None]:
    """The newest ``limit`` messages below the position, and the position to go on from.

    Every archive keeps the same order, so one position serves all of them, and each needs to be read no further than a
    page: whatever is shown is among the newest of its own archive.
    """
    merged = map(listed, by_message(executor.map(lambda window: newest(table, window, below, limit + 1), windows)))
    shown = list(islice(merged, limit))
    more = next(merged, None) is not None
    return shown, shown[-1].entry.position if more else None


def newest(table: Table, window: Window, below: str | None, count: int) -> Iterator[Entry]:
    """The newest entries of the window below the position, at most so many: read at once, made when asked for."""
    high = min(window.until, just_below(below)) if below else window.until
    items = table.query_newest(archive_partition(window.address), window.since or "0", high, count)
    return map(entry_from, items)


def by_message(archives: Iterable[Iterable[Entry]]) -> Iterator[list[Entry]]:
    """The archives' entries, each newest first, as one list, newest first; those of the same message together."""
    merged = merge(*archives, key=lambda entry: entry.position, reverse=True)
    return (list(same) for _, same in groupby(merged, key=lambda entry: entry.position))


def listed(entries: Sequence[Entry]) -> Listed:
    """One message from its entries. Whoever wrote it to themselves sent it."""
    sent = any(entry.direction is Direction.SENT for entry in entries)
    return Listed(
        entries[0],
        tuple(dict.fromkeys(entry.address for entry in entries)),
        Direction.SENT if sent else Direction.RECEIVED,
    )


def is_position(text: str) -> bool:
    """Whether a message can stand there. The checksum of a cursor is no secret, so who wrote one may be anybody."""
    return _POSITION.fullmatch(text) is not None


def just_below(position: str) -> str:
    """The largest key under the position. Digests are hexadecimal and of one length: nothing lies between the two."""
    return position[:-1] + chr(ord(position[-1]) - 1) + "~"
