"""The digest of a message depends on its bytes alone, not on the pieces in which they come."""

from io import BytesIO
from itertools import cycle

from hypothesis import given
from hypothesis import strategies as st

from mail_ingest.digest import message_digest
from mail_ingest.header_block import cut
from mail_ingest.reading import read_message
from tests.mail import raw_message

pieces = st.lists(st.sampled_from([b"\r\n", b"\r", b"\n", b"a", b"\0", b"\xff\r", b""]), max_size=40)
starts = st.sampled_from([raw_message(""), raw_message("", message_id=None), b"", b"From: a\r\nMessage-ID: 1\r\n"])


@given(starts, st.integers(0, 200), pieces)
def test_pieces_make_no_difference(start: bytes, border: int, body: list[bytes]) -> None:
    """A CRLF may come in two pieces, and so may the header."""
    raw = start + b"".join(body)
    block = cut(raw, complete=True)

    assert message_digest(block, [raw]) == message_digest(block, [start[:border], start[border:], *body])


class Dribble:
    """A stream that gives fewer bytes than it is asked for."""

    def __init__(self, raw: bytes, sizes: list[int]) -> None:
        self._raw = BytesIO(raw)
        self._sizes = cycle(sizes)

    def read(self, amount: int, /) -> bytes:
        """At most this many of the next bytes."""
        return self._raw.read(min(amount, next(self._sizes)))


@given(
    st.binary(max_size=300) | st.builds(bytes.__add__, starts, pieces.map(b"".join)),
    st.lists(st.integers(1, 50), min_size=1),
)
def test_a_slow_stream_makes_no_difference(raw: bytes, sizes: list[int]) -> None:
    """What is read of the start is as much as there is, not as much as the first answer held."""
    assert read_message(BytesIO(raw)) == read_message(Dribble(raw, sizes))
