"""A message and its entries, cut to what their items may hold. Pure.

A message keeps 64 KiB of To and Cc and 256 KiB of envelope recipients (some 10,000 of them), which is within DynamoDB's
400 KB with all else; where more are named, the first are kept, and the message says so. Entries are made for all.
"""

from collections.abc import Iterable
from dataclasses import replace

from addresses.address import Address
from addresses.archive import Direction, Entry, Envelope, Message, RawObject, Verdicts
from addresses.items import ENTRY_BYTES, entry_item
from addresses.octets import ADDRESS_OCTETS
from mail_ingest.reading import Reading

_TO_BYTES = 64 * 1024
_ENVELOPE_BYTES = 256 * 1024
_SUBJECT_BYTES = 2048
_FIELD_BYTES = 1024


def fitted_message(
    reading: Reading,
    raw: RawObject,
    received_at: str,
    envelope: Envelope | None,
    verdicts: Verdicts | None = None,
) -> Message:
    """The message as it is kept."""
    header = reading.header
    to = _first(header.to, _TO_BYTES)
    kept = _fitted_envelope(envelope)
    notes = [header.unparsed] if header.unparsed else []
    if len(to) < len(header.to):
        notes.append(f"To and Cc name {len(header.to)} addresses, of which the first {len(to)} are kept.")
    total = len(set(envelope.recipients)) if envelope else 0
    if kept and len(kept.recipients) < total:
        notes.append(f"The envelope has {total} recipients, of which the first {len(kept.recipients)} are kept.")
    return Message(
        digest=reading.digest,
        received_at=received_at,
        raw=raw,
        size=reading.size,
        sender=_within(header.sender, ADDRESS_OCTETS),
        to=to,
        subject=_within(header.subject, _SUBJECT_BYTES),
        message_id=_within(header.message_id, _FIELD_BYTES),
        date=_within(header.date, _FIELD_BYTES),
        envelope=kept,
        verdicts=verdicts,
        unparsed=" ".join(notes) or None,
    )


def with_copy(kept: Message, copy: Message) -> Message:
    """The message as it is kept when one more copy of it has come: the recipients of all copies are its recipients.

    Mail servers write several journal reports for one message, each with some of the recipients, and SES tells of a
    copy for each rule that took it. Who sent it, and all else, is as the first copy that told it has it.
    """
    return replace(
        kept,
        envelope=_fitted_envelope(_together(kept.envelope, copy.envelope)),
        verdicts=kept.verdicts or copy.verdicts,
    )


def _together(first: Envelope | None, second: Envelope | None) -> Envelope | None:
    if first is None or second is None:
        return first or second
    recipients = (*first.recipients, *second.recipients)
    return Envelope(first.sender or second.sender, recipients, first.on_behalf_of or second.on_behalf_of)


def _fitted_envelope(envelope: Envelope | None) -> Envelope | None:
    """The envelope with as many of its recipients as a message keeps, each once."""
    if envelope is None:
        return None
    sender, on_behalf_of = (_within(_storable(text), _FIELD_BYTES) for text in (envelope.sender, envelope.on_behalf_of))
    recipients = dict.fromkeys(map(_storable, envelope.recipients))
    return Envelope(sender, _first(recipients, _ENVELOPE_BYTES), on_behalf_of)


def _storable(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON can name and UTF-8 cannot."""
    return text.encode(errors="replace").decode()


def fitted_entry(message: Message, address: Address, direction: Direction) -> Entry:
    """The line of the address's archive that shows the message. Half the room is the subject's, the rest that of To."""
    bare = Entry(address, message.received_at, message.digest, direction, message.sender, (), "", message.size)
    room = ENTRY_BYTES - 1 - _stored_bytes(bare)
    subject = _within(message.subject, room // 2)
    return replace(bare, subject=subject, to=_first(message.to, room - len(subject.encode())))


def _stored_bytes(entry: Entry) -> int:
    """What an entry with nothing in ``to`` takes by DynamoDB's rules: the list 3 bytes, the number at most 21."""
    item = entry_item(entry)
    texts = [*item, *(value for value in item.values() if isinstance(value, str))]
    return sum(len(text.encode()) for text in texts) + 3 + 21


def _first(texts: Iterable[str], room: int) -> tuple[str, ...]:
    """As many of the texts, from the first on, as fit into this many bytes as elements of a list."""
    kept: list[str] = []
    for text in texts:
        room -= len(text.encode()) + 1
        if room < 0:
            break
        kept.append(text)
    return tuple(kept)


def _within(text: str, room: int) -> str:
    """The text, with an ellipsis for what is past this many bytes of UTF-8."""
    if len(text.encode()) <= room:
        return text
    return text.encode()[: room - len("…".encode())].decode(errors="ignore") + "…"
