"""Whatever a message says, its items are as small as promised."""

from hypothesis import given
from hypothesis import strategies as st

from addresses.address import Address
from addresses.archive import Direction, Envelope, Message, RawObject
from addresses.items import ENTRY_BYTES, entry_item, message_item
from mail_ingest.fitting import fitted_entry, fitted_message
from mail_ingest.header import Header
from mail_ingest.reading import Reading
from tests.capacity import LARGEST_ITEM, item_size, stored

DIGEST = "d" * 64
NOON = "2026-03-01T12:00:00Z"
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=3000) | st.builds(
    str.__mul__, st.sampled_from(["x", "ü", "中", "😀", "x@example.com "]), st.integers(0, 6000)
)
lists = st.lists(texts, max_size=12).map(tuple) | st.builds(
    lambda text, count: (text,) * count, st.text(min_size=1, max_size=300), st.integers(0, 20_000)
)
recipients = st.builds(
    lambda text, count: tuple(f"{number}{text}" for number in range(count)),
    st.text(max_size=300),
    st.integers(0, 20_000),
)
headers = st.builds(Header, sender=texts, to=lists, subject=texts, message_id=texts, date=texts)
longest = Address("a" * 64 + "@" + "b" * 189)
addresses = st.sampled_from([Address("a@b.example"), Address("ü" * 32 + "@example.com"), longest])


def kept(header: Header, size: int, envelope: Envelope | None = None) -> Message:
    """The message that is kept of this header."""
    raw = RawObject("b" * 63, "k" * 1024, "v" * 1024)
    return fitted_message(Reading(header, DIGEST, size), raw, NOON, envelope)


@given(headers, addresses, st.sampled_from(Direction), st.integers(0, 5 * 2**40))
def test_an_entry_stays_under_1_kb(header: Header, address: Address, direction: Direction, size: int) -> None:
    """So a page of fifty costs what the data-model page says."""
    entry = fitted_entry(kept(header, size), address, direction)

    assert item_size(stored(entry_item(entry))) < ENTRY_BYTES


@given(headers, addresses)
def test_an_entry_shows_what_fits(header: Header, address: Address) -> None:
    """To is cut after an address, never within, and the subject visibly."""
    entry = fitted_entry(kept(header, 1), address, Direction.SENT)

    assert entry.to == header.to[: len(entry.to)]
    assert header.subject.startswith(entry.subject.removesuffix("…"))
    if len(header.subject.encode()) + sum(len(each.encode()) + 1 for each in header.to) < 150:
        assert (header.subject, header.to) == (entry.subject, entry.to)


@given(headers, st.none() | st.builds(Envelope, texts, recipients | lists))
def test_a_message_stays_under_dynamodb_s_400_kb(header: Header, envelope: Envelope | None) -> None:
    """And says so where it keeps less than was named."""
    message = kept(header, 1, envelope)

    assert item_size(stored(message_item(message))) < LARGEST_ITEM
    cut = len(message.to) < len(header.to) or (
        envelope and message.envelope and len(message.envelope.recipients) < len(set(envelope.recipients))
    )
    assert bool(cut) == (message.unparsed is not None)
