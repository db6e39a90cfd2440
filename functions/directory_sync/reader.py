"""The one narrow seam that every kind of directory is read through.

A reader says what is there, as the directory writes it. What that means (which address can be used, who is left alone)
is decided once for all kinds, in ``directory_sync.understanding``.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Entry:
    """An account as its directory has it now, its values not yet looked at.

    ``id`` never changes: objectGUID, entryUUID, Entra's and Google's id. ``primaries`` are the values that it marks as
    the primary address; there should be one. ``aliases`` are its other mail addresses, in its order, without the prefix
    that says that they are such. ``others`` are the types of values that are no mail addresses (``x500``, ``sip``), one
    for each. An account with neither primaries nor aliases has no mail.
    """

    id: str
    primaries: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    name: str = ""
    enabled: bool = True
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """The ids of what was added, changed or removed since a cursor, and the cursor from which to ask next."""

    ids: frozenset[str]
    cursor: str


class Resync(Exception):
    """The directory cannot tell what changed since this cursor; its message says why. Read it whole."""


class Reader(Protocol):
    """A directory, logged on to. Each method raises ``errors.DirectoryFailed`` if it was not answered to the end."""

    def full(self) -> Iterator[Entry]:
        """Every account, once each, streamed. When it ends without an error, it has been read to the end."""

    def cursor(self) -> str | None:
        """From where to ask for changes after this ``full``, once it has ended; None where there is no such thing.

        Changes that happen while ``full`` is read are after the cursor, if need be reported again.
        """

    def changes(self, cursor: str) -> Changes:
        """What changed since the cursor, read to the end. A hint only: ids may be reported that did not change.

        Raises:
            Resync: the cursor is too old, damaged, or of another server; read the directory whole.
        """

    def close(self) -> None:
        """Log off. Nothing is asked of the reader afterwards."""

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """These accounts as they are now; those that are no longer there are left out."""
