"""The digest that a message is known by: copies of one message share it, and no two messages do.

It is taken over Message-ID, Date, From and the body, so the traces that each hop adds do not tell copies apart, and
nobody can suppress a message by forging another's Message-ID. Where the header cannot vouch for that, because it has
no Message-ID or is not sound, the digest is taken over the raw message instead: copies that came by different ways are
then two messages, and two different messages are never one.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from mail_ingest.header_block import HeaderBlock

_IDENTITY = ("message-id", "date", "from")


def message_digest(block: HeaderBlock, chunks: Iterable[bytes]) -> str:
    """The sha256, in hex, of the message with this header block, whose raw bytes are all of these chunks.

    The three fields come first, with every occurrence of each; every part is preceded by its length, so that no bytes
    can pass from one part to another. They count as raw bytes, with folds and runs of white space read as one space.
    The body follows, with CRLF read as LF. A raw message counts as it is, and begins otherwise.
    """
    identity = {name: [b" ".join(value.split()) for value in block.fields.get(name, ())] for name in _IDENTITY}
    if not block.sound or block.body_at is None or not any(identity["message-id"]):
        sha = sha256(b"raw message\n")
        for chunk in chunks:
            sha.update(chunk)
        return sha.hexdigest()
    sha = sha256(b"header and body\n")
    for name, values in identity.items():
        sha.update(b"%b %d\n" % (name.encode(), len(values)))
        for value in values:
            sha.update(b"%d %b\n" % (len(value), value))
    for chunk in _with_lf(_from(block.body_at, chunks)):
        sha.update(chunk)
    return sha.hexdigest()


def _from(offset: int, chunks: Iterable[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[offset:]
        offset = max(0, offset - len(chunk))


def _with_lf(chunks: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for chunk in chunks:
        taken = held + chunk
        # Whether a CR at the end is half a CRLF is known with the next chunk.
        held = b"\r" if taken.endswith(b"\r") else b""
        yield taken.removesuffix(b"\r").replace(b"\r\n", b"\n")
    yield held
