"""A directory whose entries the test tells, read through the seam of every kind."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from directory_sync.reader import Changes, Entry


@dataclass(frozen=True)
class Told:
    """A directory that has these entries; asked for changes since any cursor, it names those ids."""

    has: Collection[Entry]
    changed: frozenset[str] = frozenset()

    def full(self) -> Iterator[Entry]:
        """All of them."""
        return iter(self.has)

    def cursor(self) -> str | None:
        """Always the same."""
        return "told:1"

    def changes(self, cursor: str) -> Changes:
        """Those ids, whatever the cursor."""
        return Changes(self.changed, cursor)

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """Those of them that there are."""
        return [entry for entry in self.has if entry.id in ids]

    def close(self) -> None:
        """Nothing was opened."""
