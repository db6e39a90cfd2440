"""What a message's header says: who it is from and to, what it is about. Read in layers, as every parser has its trap.

First ``fast_mail_parser``, in 2 us a field. It drops a whole list for one address that it cannot read, and runs
addresses together after a group or a nested comment, so its answer to a list counts only if it is plain addresses, as
many as there are ``@``. Then the standard library's lenient readers (those of its default policy can be hung by 16 KB).
What neither reads is left out, and the message says so.

Neither is given much at once: 64 KiB of encoded words that do not decode take the first a minute (time is cubic), and
parentheses nested 16 K deep end the second. Display names are not needed, so a list with many encoded words is the
second's, which does not look into them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import getaddresses

from fast_mail_parser import ParseError, PyMailMetadata, parse_email

from mail_ingest.header_block import HeaderBlock
from mail_ingest.parts import boundary_of

RECIPIENTS = 10_000
_LIST_PIECE_BYTES = 16 * 1024
_LINE_BYTES = 4 * 1024
_ENCODED_WORDS = 50
_COMMAS_TRIED = 8
# Written at delivery: by most servers, by Postfix, by Google for what it delivers elsewhere too.
_DELIVERED_TO = ("delivered-to", "x-original-to", "x-gm-original-to")

_ATOMS = r"[^\s\x00-\x20\x7f\"(),:;<>@\[\\\]]+"
_PLAIN_ADDRESS = re.compile(rf"{_ATOMS}@{_ATOMS}")
# Control characters, line and paragraph separators, overrides of writing direction, halves of surrogate pairs.
_UNSHOWN = re.compile(r"[\x00-\x20\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True)
class Header:
    """A message's header, each text on one line and without control characters; what it lacks is empty.

    Addresses are as written, without display names, and need not be addresses by our rules. ``sender`` is the first of
    From, ``to`` those of To and Cc, ``delivered_to`` those of Delivered-To, X-Original-To and X-Gm-Original-To.
    ``received`` is the topmost Received, ``boundary`` what parts the body of a multipart message, ``is_journal_report``
    whether Exchange says that it is one. ``unparsed`` says in words what was not read.
    """

    sender: str = ""
    to: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    date: str = ""
    received: str = ""
    boundary: str | None = None
    is_journal_report: bool = False
    unparsed: str | None = None


def read_header(block: HeaderBlock) -> Header:
    """What the header block says, of whatever bytes it is made: nothing raises, and nothing takes a second."""
    fields = block.fields
    unread = [block.flaw] if block.flaw else []
    senders = _address_list("from", fields, unread)
    lists: dict[str, list[str]] = {}
    room = RECIPIENTS
    for name in (*_DELIVERED_TO, "to", "cc", "bcc"):
        found = _address_list(name, fields, unread)
        lists[name] = found[:room]
        if len(found) > room:
            unread.append(f"The header names more than {RECIPIENTS} recipients; the last of {name} were left out.")
        room -= len(lists[name])
    return Header(
        sender=senders[0] if senders else "",
        to=(*lists["to"], *lists["cc"]),
        bcc=tuple(lists["bcc"]),
        delivered_to=tuple(address for name in _DELIVERED_TO for address in lists[name]),
        subject=_line(_decoded(_first("subject", fields))),
        message_id=_line(_text(_first("message-id", fields))),
        date=_line(_text(_first("date", fields))),
        received=_line(_text(_first("received", fields))),
        boundary=boundary_of(_first("content-type", fields)) if "content-type" in fields else None,
        is_journal_report="x-ms-journal-report" in fields,
        unparsed=" ".join(dict.fromkeys(unread)) or None,
    )


def _first(name: str, fields: dict[str, list[bytes]]) -> bytes:
    return fields[name][0][:_LINE_BYTES] if name in fields else b""


def _address_list(name: str, fields: dict[str, list[bytes]], unread: list[str]) -> list[str]:
    """The addresses of every occurrence of a field."""
    found: list[str] = []
    for value in fields.get(name, ()):
        for piece in _pieces(value):
            addresses = None if piece is None else _addresses(piece)
            if addresses is None:
                unread.append(f"Part of {name} could not be read.")
            else:
                found += addresses
    return found


def _pieces(value: bytes) -> Iterator[bytes | None]:
    """The list in parts of what a parser is given at once; None for a rest in which no end of an address is found."""
    rest = value
    while len(rest) > _LIST_PIECE_BYTES:
        end = _LIST_PIECE_BYTES
        for _ in range(_COMMAS_TRIED):
            end = rest.rfind(b",", 0, end)
            # After an odd number of quotes the comma stands within a display name.
            if end < 0 or rest.count(b'"', 0, end) % 2 == 0:
                break
        else:
            end = -1
        if end < 0:
            yield None
            return
        yield rest[:end]
        rest = rest[end + 1 :]
    yield rest


def _addresses(value: bytes) -> list[str] | None:
    mail = _fast("To", value) if value.count(b"=?") <= _ENCODED_WORDS else None
    if mail is not None:
        plain = [each.address for each in mail.to if _PLAIN_ADDRESS.fullmatch(each.address)]
        if len(plain) == len(mail.to) == value.count(b"@"):
            return plain
    try:
        found = getaddresses([_text(value)], strict=False)
    except RecursionError:
        return None
    return [_line(address) for _, address in found if "@" in address]


def _decoded(value: bytes) -> str:
    """The text of a field with its encoded words (RFC 2047) decoded; one that cannot be stays as written."""
    mail = _fast("Subject", value)
    if mail is not None:
        return mail.subject
    try:
        return str(make_header(decode_header(_text(value))))
    except (MessageError, LookupError, ValueError):
        return _text(value)


def _fast(name: str, value: bytes) -> PyMailMetadata | None:
    try:
        return parse_email(b"%b: %b\n" % (name.encode(), _unfolded(value)), mode="metadata")
    except ParseError:
        return None


def _text(value: bytes) -> str:
    try:
        return _unfolded(value).decode()
    except UnicodeDecodeError:
        return _unfolded(value).decode("latin-1")


def _unfolded(value: bytes) -> bytes:
    return value.replace(b"\n", b"")


def _line(text: str) -> str:
    return _UNSHOWN.sub(" ", text).strip()
