"""A directory of the simulation: read entry by entry while it changes, and sometimes not to its end."""

from collections.abc import Callable, Collection, Iterator
from random import Random
from types import ModuleType
from typing import Any

from directory_sync.reader import Changes, Entry
from tests.doubles.listed import Listed


class Reader:
    """Reads a list of entries; ``wait`` lets others go first, and ``breaks`` is how likely an answer does not come."""

    def __init__(
        self,
        listed: Listed,
        modules: dict[str, ModuleType],
        wait: Callable[[float], None],
        random: Random,
        breaks: float,
    ) -> None:
        """``modules`` are those of the container that reads, whose errors it knows."""
        self._listed, self._wait, self._random, self._breaks = listed, wait, random, breaks
        self._errors: Any = modules["directory_sync.errors"]
        self._seam: Any = modules["directory_sync.reader"]
        self._begun = ""

    def full(self) -> Iterator[Entry]:
        """Each entry as it is when it is its turn."""
        self._begun = self._listed.cursor() or ""
        for each in sorted(self._listed.entries_by_id):
            self._ask()
            if each in self._listed.entries_by_id:
                yield self._listed.entries_by_id[each]

    def cursor(self) -> str | None:
        """What changes while all is read comes after it."""
        return self._begun

    def changes(self, cursor: str) -> Changes:
        """What changed behind this place, unless that is forgotten."""
        self._ask()
        if self._random.random() < self._breaks:
            raise self._seam.Resync("it was too long ago")
        return self._listed.changes(cursor)

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """These entries as they are now."""
        self._ask()
        return self._listed.entries(ids)

    def close(self) -> None:
        """Nothing is open."""

    def _ask(self) -> None:
        self._wait(0.02)
        if self._random.random() < self._breaks:
            raise self._errors.Unreachable("The directory does not answer; the next run tries again.")
