"""An mbox file, message by message (RFC 4155). Pure; one message at a time is held."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedIOBase

# Nothing that mail servers take is larger.
MESSAGE_BYTES = 160 * 1024 * 1024
# The sender, or a dash, and a time of day before a year. Many programs leave "From " in a text unquoted, and a sentence
# that begins so has no such end.
_SEPARATOR = re.compile(rb"From \S.*\d\d:\d\d.*\b\d{4}\b[^\n]*\n?")
_SEPARATOR_BYTES = 1024
_QUOTED = re.compile(rb">+From ")
_LINE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Unread:
    """A message that is not filed, and why."""

    because: str


def too_large(size: str) -> Unread:
    """A message of so many bytes, which is larger than any that is filed."""
    return Unread(f"It has {size} bytes, and at most {MESSAGE_BYTES:,} are filed.")


def is_mbox(start: bytes) -> bool:
    """Whether a file that starts so is an mbox."""
    return _is_separator(start.partition(b"\n")[0])


def mbox_messages(stream: BufferedIOBase) -> Iterator[tuple[bytes | Unread, int]]:
    """The messages of an mbox that starts at a separator, each with how many bytes of the file are before the next.

    A separator stands at the beginning or after an empty line. A ``>`` is taken from lines that were quoted
    (``>From``), as most programs write them (mboxrd).
    """
    held: list[bytes] = []
    size = read = 0
    may_separate = True
    begun = False
    while line := stream.readline(_LINE_BYTES):
        if may_separate and _is_separator(line):
            if begun:
                yield _message(held, size), read
            held, size, begun = [], 0, True
        elif begun:
            size += len(line)
            if size <= MESSAGE_BYTES:
                held.append(line[1:] if _QUOTED.match(line) else line)
        read += len(line)
        may_separate = line in {b"\n", b"\r\n"}
    if begun:
        yield _message(held, size), read


def _is_separator(line: bytes) -> bool:
    # In a long line the times and years would be tried against each other.
    return len(line) <= _SEPARATOR_BYTES and _SEPARATOR.match(line) is not None


def _message(lines: list[bytes], size: int) -> bytes | Unread:
    """A message without the empty line that precedes the next separator."""
    if size > MESSAGE_BYTES:
        return too_large(f"{size:,}")
    if lines and lines[-1] in {b"\n", b"\r\n"}:
        lines = lines[:-1]
    return b"".join(lines)
