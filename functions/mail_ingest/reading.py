"""One pass over a raw message: its header is read, its body goes through the digest, one chunk at a time is held."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from mail_ingest.digest import message_digest
from mail_ingest.header import Header, read_header
from mail_ingest.header_block import HEADER_BLOCK_BYTES, cut

_CHUNK_BYTES = 256 * 1024
# The block, and what shows whether a line break at its very end is a CRLF.
_START_BYTES = HEADER_BLOCK_BYTES + 2


class Stream(Protocol):
    """Where bytes come from in order; at its end, ``read`` gives none."""

    def read(self, amount: int, /) -> bytes:
        """At most this many of the next bytes."""


@dataclass(frozen=True)
class Reading:
    """What one pass over a raw message tells; ``size`` in bytes, and where the body begins, if that was found."""

    header: Header
    digest: str
    size: int
    body_at: int | None = None


def read_message(stream: Stream) -> Reading:
    """Read a raw message to its end. Any bytes will do: what is wrong with them is in the header's ``unparsed``."""
    start = b""
    while len(start) < _START_BYTES and (more := stream.read(_START_BYTES - len(start))):
        start += more
    block = cut(start, complete=len(start) < _START_BYTES)
    size = 0

    def chunks() -> Iterator[bytes]:
        nonlocal size
        chunk = start
        while chunk:
            size += len(chunk)
            yield chunk
            chunk = stream.read(_CHUNK_BYTES)

    digest = message_digest(block, chunks())
    return Reading(read_header(block), digest, size, block.body_at)
