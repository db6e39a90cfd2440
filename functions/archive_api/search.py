"""Searching many personal archives as one. There is no index: the entries themselves are read, newest first.

So nothing is written for it when mail comes, and nobody finds what a listing would not show. A request reads so much
and no more, and answers with what it found there and the position to go on from.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from addresses.archive import Entry
from addresses.table import Table
from archive_api.access import Window
from archive_api.listing import Listed, by_message, listed, newest
from archive_api.words import Words

# Entries are under 1 KB, so DynamoDB, which answers with up to 1 MB, gives so many at once; fewer are the last.
PORTION = 1_000
# 8 MB: 1,000 units at most, a third of what one partition gives in a second, and read within the function's time.
MOST_READ = 8 * PORTION


@dataclass(frozen=True)
class Search:
    """What is searched for, and how much one request reads for it: ``most`` entries, ``portion`` of them at a time."""

    words: Words
    most: int = MOST_READ
    portion: int = PORTION

    def page(
        self, table: Table, windows: Sequence[Window], below: str | None, limit: int, executor: Executor
    ) -> tuple[list[Listed], str | None]:
        """The newest ``limit`` messages below the position that have the words, and the position to go on from.

        When as much as may be was read, they are fewer or none, and the position is how far the search has come. If
        there is no position, it has come to the end.
        """
        stretches = [_Stretch(table, window, below) for window in windows]
        # Half of what may be read is for a first look into every archive, half for those that hold the others back.
        first = min(self.portion, max(1, self.most // 2 // max(1, len(windows))))
        left = self.most - sum(executor.map(lambda each: each.read_on(first), stretches))
        found: list[Listed] = []
        while True:
            # Down to here every archive was read, so that no message lacks one of the addresses that have it.
            frontier = max((each.read_down_to for each in stretches), default="")
            messages = by_message([each.taken(frontier) for each in stretches])
            found += [listed(entries) for entries in messages if any(map(self.words.occur_in, entries))]
            if len(found) > limit:
                return found[:limit], found[limit - 1].entry.position
            if not frontier or len(found) == limit or left <= 0:
                return found, frontier or None
            behind = next(each for each in stretches if each.read_down_to == frontier)
            left -= behind.read_on(min(self.portion, left))


class _Stretch:
    """A window as far as it was read: to the position ``read_down_to``, which is empty once it was read to its end."""

    def __init__(self, table: Table, window: Window, below: str | None) -> None:
        self._table = table
        self._window = window
        self._below = below
        self._entries: list[Entry] = []
        self.read_down_to = ""

    def read_on(self, count: int) -> int:
        """Read the next entries, so many or as many as there are; their number."""
        entries = list(newest(self._table, self._window, self._below, count))
        self._entries += entries
        self._below = self.read_down_to = entries[-1].position if len(entries) == count else ""
        return len(entries)

    def taken(self, frontier: str) -> list[Entry]:
        """The entries that were read, from the newest down to the frontier; each is given once."""
        taken = [entry for entry in self._entries if entry.position >= frontier]
        self._entries = self._entries[len(taken) :]
        return taken
