"""Objects that are no proper mail: each is kept, filed as far as anybody can say for whom, and marked; none is lost."""

import time
import tracemalloc
from collections.abc import Iterator
from io import BytesIO

import pytest

from addresses.archive import Envelope, RawObject
from addresses.items import message_item
from mail_ingest.addressees import addressees
from mail_ingest.fitting import fitted_message
from mail_ingest.header_block import HEADER_BLOCK_BYTES
from mail_ingest.reading import read_message
from tests.capacity import LARGEST_ITEM, item_size, stored
from tests.mail import SETTINGS, PostRoom, post_room, raw_message

KEY = "inbound/ses/1"
TO_ALICE = Envelope("bob@example.org", ("alice@example.com",))
ALICE_HAS_IT = {"alice@example.com": ["received"]}


@pytest.fixture
def room() -> Iterator[PostRoom]:
    """An empty post room."""
    with post_room() as room:
        yield room


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a spreadsheet, not a message", "no message"),
        (b"\r\n\r\nno header", "no message"),
        (b"\xff\xfe\x00\x00" * 1000, "no message"),
        (b"X-Long: " + b"x" * HEADER_BLOCK_BYTES + b"\r\nTo: alice@example.com\r\n\r\nbody", "256 KiB"),
    ],
    ids=["empty", "no message", "no header", "binary", "header of more than 256 KiB"],
)
def test_what_cannot_be_read_is_filed_by_its_envelope_and_marked(room: PostRoom, raw: bytes, reason: str) -> None:
    """The mark says why, in words."""
    room.put(KEY, raw)

    room.file(KEY, TO_ALICE)

    message = room.message()
    assert message.unparsed is not None
    assert reason in message.unparsed
    assert (len(raw), KEY) == (message.size, message.raw.key)
    assert ALICE_HAS_IT == room.entries()


@pytest.mark.parametrize("raw", [b"", b"no message", b"\0" * 100], ids=["empty", "no message", "binary"])
def test_what_cannot_be_read_and_has_no_envelope_is_kept(room: PostRoom, raw: bytes) -> None:
    """In nobody's archive, but not lost either."""
    room.put(KEY, raw)

    room.file(KEY)

    assert (KEY, {}) == (room.message().raw.key, room.entries())


@pytest.mark.parametrize(
    "raw",
    [
        raw_message(date=None),
        raw_message(date="yesterday, I think"),
        raw_message(message_id=None),
        raw_message(**{"from": None}),
        raw_message(subject=None),
        raw_message(subject="=?utf-8?b?broken"),
        raw_message().replace(b"\r\n", b"\r"),
        raw_message().replace(b"Minutes", b"Minutes \xe9\xff\x00\x80"),
        raw_message().replace(b"Subject: ", b"Subject: \0\0"),
        raw_message().replace(b"Subject:", b"a line of junk\r\nSubject:"),
        raw_message().replace(b"Subject:", b": no name\r\nSubject:"),
        raw_message("\0" * 1000),
        raw_message("").removesuffix(b"\r\n"),
        raw_message(x_large="x" * 200 * 1024),
        raw_message(x_many="\r\nX-A: b" * 20_000),
        b"From bob@example.org Sun Mar  1 10:00:00 2026\r\n" + raw_message(),
    ],
    ids=[
        "no Date",
        "a Date that is none",
        "no Message-ID",
        "no From",
        "no Subject",
        "a broken encoded word",
        "bare CR",
        "8-bit",
        "NUL",
        "a stray line",
        "a field without a name",
        "a body of NUL",
        "no body and no empty line",
        "a field of 200 KiB",
        "20,000 fields",
        "an mbox separator",
    ],
)
def test_a_flawed_message_is_filed_by_its_header(room: PostRoom, raw: bytes) -> None:
    """No envelope came along, and To can still be read."""
    room.put(KEY, raw)

    room.file(KEY)

    assert (("alice@example.com",), None) == (room.message().to, room.message().unparsed)
    assert ALICE_HAS_IT == room.entries()


def test_ten_thousand_envelope_recipients_each_get_it_and_are_kept() -> None:
    """The message's item stays within what DynamoDB takes, all the more as To names them again."""
    recipients = tuple(f"user{number}@example.com" for number in range(10_000))
    envelope = Envelope("bob@example.org", recipients)
    reading = read_message(BytesIO(raw_message(to=",\r\n ".join(recipients[:6000]))))

    message = fitted_message(reading, RawObject("mail", KEY, None), "2026-03-01T09:30:00Z", envelope)

    assert recipients == addressees(reading.header, envelope, SETTINGS).received
    assert envelope == message.envelope
    assert item_size(stored(message_item(message))) < LARGEST_ITEM
    assert message.unparsed == f"To and Cc name 6000 addresses, of which the first {len(message.to)} are kept."


def test_more_recipients_than_a_call_takes_each_have_it(room: PostRoom) -> None:
    """DynamoDB writes 25 items at once and reads 100."""
    recipients = [f"user{number:03}@example.com" for number in range(130)]
    room.put(KEY, raw_message())

    room.file(KEY, Envelope("", tuple(recipients)))

    assert recipients == list(room.entries())
    assert recipients == room.known()


class Made:
    """A message of this many bytes that is made while it is read."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._header = raw_message("")

    def read(self, amount: int, /) -> bytes:
        """The next bytes: the header, then as much body as is asked for."""
        taken = min(amount, self._left)
        self._left -= taken
        chunk, self._header = self._header.ljust(taken, b"x"), b""
        return chunk


def test_25_megabytes_pass_through_memory_in_chunks() -> None:
    """The body is never held: reading takes less than 2 MB however long it is."""
    tracemalloc.start()
    try:
        reading = read_message(Made(25_000_000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert 25_000_000 == reading.size
    assert peak < 2_000_000


def test_25_megabytes_are_filed_like_any_message(room: PostRoom) -> None:
    """From S3 to the entry, in no more CPU time than a message may take."""
    room.put(KEY, raw_message("x" * 25_000_000))
    begun = time.process_time()

    room.file(KEY)

    assert time.process_time() - begun < 2
    assert ALICE_HAS_IT == room.entries()
