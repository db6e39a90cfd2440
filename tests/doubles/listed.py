"""A directory that is a list in memory, behind the seam that all directories are read through."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from directory_sync.reader import Changes, Entry, Resync


@dataclass
class Listed:
    """Entries by id, and the ids of those that changed, in order: a cursor is a place in that order.

    ``forgets``: it cannot tell what changed, as a directory whose cursors are too old.
    """

    entries_by_id: dict[str, Entry] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    forgets: bool = False
    wholes: int = 0

    def put(self, *entries: Entry) -> None:
        """These entries are as given from now on."""
        for entry in entries:
            if self.entries_by_id.get(entry.id) != entry:
                self.entries_by_id[entry.id] = entry
                self.changed.append(entry.id)

    def remove(self, *ids: str) -> None:
        """These entries are gone."""
        for each in ids:
            if self.entries_by_id.pop(each, None):
                self.changed.append(each)

    def become(self, entries: Collection[Entry]) -> None:
        """There are these entries and no others."""
        self.remove(*(self.entries_by_id.keys() - {entry.id for entry in entries}))
        self.put(*entries)

    def full(self) -> Iterator[Entry]:
        """Every entry."""
        self.wholes += 1
        yield from list(self.entries_by_id.values())

    def cursor(self) -> str | None:
        """The place behind the last change."""
        return f"listed:{len(self.changed)}"

    def changes(self, cursor: str) -> Changes:
        """What changed behind this place."""
        if self.forgets:
            raise Resync("this list forgets")
        place = int(cursor.removeprefix("listed:"))
        return Changes(frozenset(self.changed[place:]), f"listed:{len(self.changed)}")

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """These entries as they are now."""
        return [self.entries_by_id[each] for each in sorted(ids) if each in self.entries_by_id]

    def close(self) -> None:
        """It has no connection."""
