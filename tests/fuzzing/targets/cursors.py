"""Cursors of listings and of directories: what was given out is taken back, and nothing else is."""

from collections.abc import Iterator
from contextlib import suppress

from addresses import cursor
from addresses.errors import InvalidCursor
from directory_sync.ldap.context import Cursor
from directory_sync.reader import Resync

_LISTING = "archive of alice@example.com"
_CONTEXT = "dc=example,dc=com"


def seeds() -> Iterator[bytes]:
    """Cursors that were given out, here and elsewhere, and damaged ones."""
    for position in ("", "2026-03-01T12:00:00Z#" + "0" * 64, "ü" * 40):
        given = cursor.give(_LISTING, position)
        yield from (given.encode(), given[:-1].encode(), f"{given}=".encode(), cursor.give("runs", position).encode())
    yield str(Cursor("syncrepl1", _CONTEXT, b"rid=000,csn=1")).encode()


def check(raw: bytes) -> None:
    """As a cursor it is refused, or is exactly the one that was given out; as a position it comes back."""
    text = raw.decode(errors="surrogateescape")
    with suppress(InvalidCursor):
        assert text == cursor.give(_LISTING, cursor.take(_LISTING, text))
    with suppress(Resync):
        assert text == str(Cursor.read(text, "syncrepl1", _CONTEXT))
    own = Cursor("dirsync1", _CONTEXT, raw)
    assert own == Cursor.read(str(own), "dirsync1", _CONTEXT)
    position = raw.decode(errors="replace")[:200]
    assert position == cursor.take(_LISTING, cursor.give(_LISTING, position))
