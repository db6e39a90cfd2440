"""What an object of a load holds: one message, or many in an mbox, a .zip or a .tar, compressed or not.

What it is is told by its first bytes, not by its name.
"""

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import BufferedIOBase, BufferedReader
from typing import IO, Any, cast

from mail_ingest.load.mbox import MESSAGE_BYTES, Unread, is_mbox, mbox_messages, too_large

START_BYTES = 64 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_COMPRESSED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
# What the readers of these formats raise over a damaged one; that of bzip2 has no error of its own.
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, gzip.BadGzipFile),
    *(EOFError, MemoryError, NotImplementedError, OverflowError, ValueError),
)
# What a .tar has before a member whose name is long, and what is in it: tarfile reads all of that at once.
_BEFORE_MEMBERS = frozenset(
    [
        *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
        *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    ]
)
_BEFORE_MEMBERS_BYTES = 1024 * 1024
_BZIP2_DAMAGE = "Invalid data stream"


class Damaged(Exception):
    """A container cannot be read further; the message is its reader's own."""


class _Member(tarfile.TarInfo):
    """A member of a .tar; of what says more of one, no more is read than any program writes."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Member":
        member = super().frombuf(buf, encoding, errors)
        if member.type in _BEFORE_MEMBERS and member.size > _BEFORE_MEMBERS_BYTES:
            raise tarfile.ReadError(f"a member's name and attributes have {member.size:,} bytes")
        return member


@dataclass(frozen=True)
class Held:
    """One message in a container: the name of the file there that holds it, and what gives its bytes or says no.

    ``end`` is how many bytes of the stream come before the next message, where that is known.
    """

    name: str
    read: Callable[[], bytes | Unread]
    end: int | None = None


def is_container(start: bytes) -> bool:
    """Whether an object that starts so holds many messages."""
    return start.startswith((*_ZIP, *_COMPRESSED)) or _is_tar(start) or is_mbox(start)


def held_messages(stream: BufferedReader) -> Iterator[Held]:
    """The messages of a container, in order, each to be read before the next is asked for.

    Raises:
        Damaged: it cannot be read further.
    """
    with _damage():
        yield from _held(stream)


def _held(stream: BufferedReader) -> Iterator[Held]:
    start = stream.peek(START_BYTES)
    opener = next((opener for magic, opener in _COMPRESSED.items() if start.startswith(magic)), None)
    if start.startswith(_ZIP):
        yield from _of_zip(stream)
    elif opener:
        # Where it goes on in what is unpacked says nothing of where it does in the object.
        yield from (Held(each.name, each.read) for each in _of_plain(_buffered(opener(stream))))
    else:
        yield from _of_plain(stream)


def _of_plain(stream: BufferedReader) -> Iterator[Held]:
    start = stream.peek(START_BYTES)
    if _is_tar(start):
        yield from _of_tar(stream)
    elif is_mbox(start):
        yield from _of_mbox(stream, "")
    elif start:
        yield Held("", lambda: _read(stream))


def _is_tar(start: bytes) -> bool:
    return start[257:262] == b"ustar"


def _of_mbox(stream: BufferedIOBase, name: str) -> Iterator[Held]:
    for message, end in mbox_messages(stream):
        yield Held(name, lambda message=message: message, end)  # type: ignore[misc]


def _of_zip(stream: BufferedReader) -> Iterator[Held]:
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            if member.flag_bits & 1:
                yield Held(member.filename, lambda: Unread("It is encrypted, and there is no password."))
                continue
            try:
                with _damage(), _buffered(archive.open(member)) as opened:
                    for each in _of_file(opened, member.filename):
                        yield Held(each.name, partial(_alone, each.read))
            except Damaged as damage:
                yield Held(member.filename, partial(_unpacked_not, str(damage)))


def _of_tar(stream: BufferedReader) -> Iterator[Held]:
    with tarfile.open(fileobj=stream, mode="r|", tarinfo=_Member) as archive:
        for member in archive:
            opened = archive.extractfile(member) if member.isfile() else None
            if opened:
                yield from _of_file(_buffered(opened), member.name)


def _of_file(stream: BufferedReader, name: str) -> Iterator[Held]:
    """The messages of a file within an archive: an mbox, as Google Takeout has them, or one message."""
    if is_mbox(stream.peek(START_BYTES)):
        # Where it goes on in the file says nothing of where it does in the container.
        yield from (Held(each.name, each.read) for each in _of_mbox(stream, name))
    else:
        yield Held(name, lambda: _read(stream))


@contextmanager
def _damage() -> Iterator[None]:
    """What the readers raise over damage, as ``Damaged``; a connection that is lost is none."""
    try:
        yield
    except _DAMAGE as damage:
        raise Damaged(str(damage) or type(damage).__name__) from damage
    except OSError as damage:
        if str(damage) != _BZIP2_DAMAGE:
            raise
        raise Damaged(str(damage)) from damage


def _alone(read: Callable[[], bytes | Unread]) -> bytes | Unread:
    """A member of a .zip may be damaged among others."""
    try:
        return read()
    except Damaged as damage:
        return _unpacked_not(str(damage))


def _unpacked_not(because: str) -> Unread:
    return Unread(f"It cannot be unpacked: {because}.")


def _buffered(stream: IO[bytes]) -> BufferedReader:
    return BufferedReader(cast("Any", stream), START_BYTES)


def _read(stream: BufferedReader) -> bytes | Unread:
    with _damage():
        content = stream.read(MESSAGE_BYTES + 1)
    return content if len(content) <= MESSAGE_BYTES else too_large(f"more than {MESSAGE_BYTES:,}")
