"""Containers of a bulk load: each message is there, byte for byte, or it is said what is wrong with the container."""

import bz2
import gzip
import lzma
from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader, BytesIO

from mail_ingest.load.containers import Damaged, held_messages, is_container
from mail_ingest.load.mbox import MESSAGE_BYTES, Unread, is_mbox, mbox_messages
from tests.containers import SEPARATOR, mbox, tarred, zipped
from tests.mail import raw_message

_ONE, _TWO = (raw_message(f"Number {number}.\n>From me\n") for number in (1, 2))


def seeds() -> Iterator[bytes]:
    """Each kind of container, with an mbox within it too, and a message by itself."""
    whole = mbox(_ONE, _TWO, b"", separator=SEPARATOR)
    yield from (whole, _ONE, whole + b"\n\n" + whole, mbox(b">From x\n>>From y\n"))
    for pack in (gzip.compress, bz2.compress, lzma.compress):
        yield from (pack(whole), pack(tarred(one=_ONE)), pack(_ONE))
    yield from (zipped(one=_ONE, two=_TWO), zipped(mail=whole), tarred(one=_ONE, two=_TWO), tarred(mail=whole))


def check(raw: bytes) -> None:
    """Nothing else is raised than what is told of a damaged container, and nothing of an mbox is lost."""
    count = 0
    with suppress(Damaged):
        for held in held_messages(BufferedReader(BytesIO(raw))):
            content = held.read()
            assert isinstance(content, Unread) or len(content) <= MESSAGE_BYTES
            count += 1
    if is_mbox(raw):
        _require_nothing_lost(raw)
    elif raw and not is_container(raw):
        assert count == 1


def _require_nothing_lost(raw: bytes) -> None:
    """Every line of an mbox is in a message, or stands between two; and reading can go on behind each."""
    found = [(content, end) for content, end in mbox_messages(BytesIO(raw)) if isinstance(content, bytes)]
    for position, (_, end) in enumerate(found, start=1):
        assert [each for each, _ in found[position:]] == [each for each, _ in mbox_messages(BytesIO(raw[end:]))]
    assert found[-1][1] == len(raw)
    begin = 0
    for content, end in found:
        separator, _, within = raw[begin:end].partition(b"\n")
        assert separator.startswith(b"From ")
        assert content == _unquoted(within)
        begin = end


def _unquoted(lines: bytes) -> bytes:
    """The lines as they were before the mbox: one ``>`` fewer before From, and without the empty line at the end."""
    kept = lines.split(b"\n")
    quoted = [each[1:] if each.startswith(b">") and each.lstrip(b">").startswith(b"From ") else each for each in kept]
    if len(quoted) > 1 and quoted[-1] == b"" and quoted[-2] in {b"", b"\r"}:
        del quoted[-2]
    return b"\n".join(quoted)
