"""A raw message on its whole way to the table, and what must hold of it whatever bytes it is made of."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from addresses.address import Address, parse
from addresses.archive import Direction, Envelope, Message, RawObject, Verdicts
from addresses.errors import InvalidAddress
from addresses.items import ENTRY_BYTES, entry_item, message_item
from addresses.settings import Settings
from addresses.table import Item
from mail_ingest.addressees import addressees
from mail_ingest.arrival import Arrival
from mail_ingest.delivery import deliveries
from mail_ingest.digest import message_digest
from mail_ingest.fitting import fitted_entry, fitted_message
from mail_ingest.header import Header
from mail_ingest.header_block import HEADER_BLOCK_BYTES, HeaderBlock, cut
from mail_ingest.reading import Reading, read_message
from tests.capacity import LARGEST_ITEM, item_size, stored
from tests.mail import BUCKET, SETTINGS

CPU_SECONDS = 1
NOON = "2026-03-01T12:00:00Z"
KEY = "inbound/ses/1"
ENVELOPE = Envelope("bob@example.org", ("alice@example.com", "Carol@EXAMPLE.NET", "dora@example.org", "no address"))
_UNSHOWN = {*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), "\u2028", "\u202e"}
# Whoever reads any of a message reads this, if it stands before all else.
TRACE = b"Delivered-To: alice@example.com\r\nX-Seen: yes\r\n"


@dataclass(frozen=True)
class Ingested:
    """What would be stored of a message, and for whom; ``seconds`` of CPU is what that took."""

    reading: Reading
    message: Message
    entries: dict[Address, Item]
    seconds: float

    @property
    def received(self) -> set[str]:
        """Whose archives have it as received."""
        return {address for address, item in self.entries.items() if item["direction"] == "received"}


def ingested(raw: bytes, envelope: Envelope | None = None, settings: Settings = SETTINGS) -> Ingested:
    """The message, taken all the way from its bytes to what is put into the table."""
    begun = time.process_time()
    reading = read_message(BytesIO(raw))
    message = _message(reading, envelope, None)
    # Every message may be a journal report, until it is read.
    for told in deliveries(Arrival(BUCKET, KEY, envelope=envelope), reading, raw, settings):
        _message(told.reading, told.envelope, told.verdicts)
    seconds = time.process_time() - begun
    reached = addressees(reading.header, envelope, settings)
    entries = {
        address: entry_item(fitted_entry(message, address, Direction.SENT if sent else Direction.RECEIVED))
        for address, sent in [*((each, False) for each in reached.received), *((each, True) for each in reached.sent)]
    }
    return Ingested(reading, message, entries, seconds)


def _message(reading: Reading, envelope: Envelope | None, verdicts: Verdicts | None) -> Message:
    message = fitted_message(reading, RawObject(BUCKET, KEY, "1"), NOON, envelope, verdicts)
    message_item(message)
    return message


def require_kept(raw: bytes) -> Ingested:
    """What the message comes to by its header, once all has been asserted that is promised of any bytes."""
    enveloped = ingested(raw, ENVELOPE)
    found = ingested(raw, settings=_at_home(enveloped.reading.header))
    traced = ingested(TRACE + raw)
    slowest = max(found.seconds, enveloped.seconds, traced.seconds)
    assert slowest < CPU_SECONDS, f"{slowest:.2f} s of CPU"
    for each in (found, enveloped, traced):
        _require_storable(each)
    assert len(raw) == found.message.size == enveloped.message.size
    assert {"alice@example.com", "carol@example.net"} == enveloped.received
    assert "alice@example.com" in traced.received
    _require_named_are_reached(found)
    _require_last_field_is_read(raw)
    _require_told_apart(raw, found.message.digest)
    assert found.message.digest == enveloped.message.digest
    return found


def _at_home(header: Header) -> Settings:
    """Settings by which everybody is internal whom the message names."""
    named = [*header.to, *header.bcc, *header.delivered_to, header.sender]
    domains = {str(address).rpartition("@")[2] for address in _valid(named)}
    return Settings(internal_domains=sorted(domains)[:1000])


def _valid(named: Iterable[str]) -> Iterable[Address]:
    for each in dict.fromkeys(named):
        try:
            yield parse(each)
        except InvalidAddress:
            continue


def _require_named_are_reached(found: Ingested) -> None:
    header = found.reading.header
    delivered = set(_valid(header.delivered_to))
    named = delivered or set(_valid((*header.to, *header.bcc)))
    if len({str(each).rpartition("@")[2] for each in named}) < 1000:
        assert named == found.received


def _require_last_field_is_read(raw: bytes) -> None:
    """Whatever stands before it, unless it is said that not everything was read."""
    block = _cut(raw)
    if block.flaw is None and block.body_at is not None and block.body_at < len(raw):
        end = block.body_at - (2 if raw[: block.body_at].endswith(b"\r\n") else 1)
        header = read_message(BytesIO(raw[:end] + b"Cc: Carol <carol@example.net>\n" + raw[end:])).header
        assert "carol@example.net" in header.to or header.unparsed


def _require_storable(found: Ingested) -> None:
    items = [*found.entries.values(), message_item(found.message)]
    for text in (text for item in items for text in _texts(item)):
        assert text.encode().decode() == text
    assert item_size(stored(items[-1])) < LARGEST_ITEM
    assert all(item_size(stored(each)) < ENTRY_BYTES for each in items[:-1])
    header = found.reading.header
    for text in (header.subject, header.date, header.message_id, header.sender, *header.to, *header.bcc):
        assert not set(text) & _UNSHOWN, ascii(text)


def _texts(value: Any) -> Iterable[str]:
    """Every text in an item."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))


def _require_told_apart(raw: bytes, digest: str) -> None:
    """Another body has another digest, and another kind of line breaks the same, where the header vouches for it."""
    block = _cut(raw)
    vouched = block.sound and block.body_at is not None and any(map(bytes.split, block.fields.get("message-id", [])))
    if not vouched or len(raw) > (block.body_at or 0):
        other = raw[:-1] + bytes([raw[-1] ^ 1]) if raw else b"\0"
        assert digest != _digest(other)
        assert digest != _digest(raw + b"x")
    lf = raw.replace(b"\r\n", b"\n")
    # Of two CRs before an LF the second becomes half a line break, with whatever sends the message on as well.
    if vouched and b"\r\r\n" not in raw and _cut(lf).sound:
        assert digest == _digest(lf)
        if b"\r" not in lf:
            crlf = lf.replace(b"\n", b"\r\n")
            assert not _cut(crlf).sound or digest == _digest(crlf)


def _digest(raw: bytes) -> str:
    return message_digest(_cut(raw), [raw])


def _cut(raw: bytes) -> HeaderBlock:
    start = raw[: HEADER_BLOCK_BYTES + 2]
    return cut(start, complete=start == raw)
