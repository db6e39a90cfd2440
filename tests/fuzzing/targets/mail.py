"""A raw message on its whole way to the table: it is kept, filed for whoever it names, and what is stored can be."""

from collections.abc import Iterator

from tests.evil_mail import traps
from tests.ingestion import require_kept
from tests.mail import raw_message

_LONGEST = 8 * 1024


def seeds() -> Iterator[bytes]:
    """A message, and every trap that is no longer than a few of it."""
    yield raw_message()
    yield from (trap.raw for trap in traps() if len(trap.raw) < _LONGEST)


def check(raw: bytes) -> None:
    """All that is promised of any bytes holds of these."""
    require_kept(raw)
