"""What a message's header says: who it is from and to, what it is about. Read in layers, as every parser has its trap.

First ``fast_mail_parser``, in 2 us a field. It drops a whole list for one address that it cannot read, and runs
addresses together after a group or a nested comment, so its answer to a list counts only if it is plain addresses, as
many as there are ``@``. Then the standard library's lenient readers (those of its default policy can be hung by 16 KB).
In a list that neither reads as it was meant, whatever is written like an address is taken for one, and the message
says that part of it could not be read.

Neither is given much at once: 64 KiB of encoded words that do not decode take the first a minute (time is cubic), a
group of 16 KiB the second a third of a second (quadratic), and deep parentheses end it. Display names are not needed,
so a list with many encoded words is the second's, which does not look into them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.utils import getaddresses

from fast_mail_parser import ParseError, PyMailMetadata, parse_email

from addresses.text import UNSHOWN, one_line
from mail_ingest.address_list import is_address, is_plain, is_well_formed, without_routes, written
from mail_ingest.charset import field_text
from mail_ingest.header_block import HeaderBlock
from mail_ingest.parts import boundary_of

RECIPIENTS = 10_000
_LIST_PIECE_LENGTH = 4 * 1024
_LINE_LENGTH = 4 * 1024
# Normalising an address in another alphabet takes 6 us a byte; one in ours takes 1 us, whatever its length.
_ODD_BYTES_PER_RECIPIENT = 6
_ENCODED_WORDS = 50
_COMMAS_TRIED = 8
# Written at delivery: by most servers, by Postfix, by Google for what it delivers elsewhere too.
_DELIVERED_TO = ("delivered-to", "x-original-to", "x-gm-original-to")
# For each "@" a list has so many characters at least; where it has fewer, it is none.
_DENSE = 6
_DENSE_LENGTH = 1024

_UNSHOWN = re.compile(rf"[{UNSHOWN}]")


@dataclass(frozen=True)
class Header:
    """A message's header, each text on one line and without control characters; what it lacks is empty.

    Addresses are as written, without display names, and need not be addresses by our rules. ``sender`` is the first of
    From, ``to`` those of To and Cc, ``delivered_to`` those of Delivered-To, X-Original-To and X-Gm-Original-To.
    ``received`` is the topmost Received, ``content_type`` what the body is said to be, ``is_journal_report`` whether
    Exchange says that it is one. ``unparsed`` says in words what was not read.
    """

    sender: str = ""
    to: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""
    date: str = ""
    received: str = ""
    content_type: str = ""
    is_journal_report: bool = False
    unparsed: str | None = None

    @property
    def boundary(self) -> str | None:
        """What parts the body of a multipart message; None if it is no such."""
        return boundary_of(self.content_type)


def read_header(block: HeaderBlock) -> Header:
    """What the header block says, of whatever bytes it is made: nothing raises, and nothing takes a second."""
    unread = [block.flaw] if block.flaw else []
    senders = _address_list("from", block, unread)
    lists: dict[str, list[str]] = {}
    room = RECIPIENTS
    for name in (*_DELIVERED_TO, "to", "cc", "bcc"):
        lists[name] = []
        for address in _address_list(name, block, unread) if name in block.fields else ():
            room -= _weight(address)
            if room < 0:
                unread.append(_TOO_MANY.format(name))
                break
            lists[name].append(address)
    return Header(
        sender=senders[0] if senders else "",
        to=(*lists["to"], *lists["cc"]),
        bcc=tuple(lists["bcc"]),
        delivered_to=tuple(address for name in _DELIVERED_TO for address in lists[name]),
        subject=one_line(_decoded(_first("subject", block))),
        message_id=one_line(_first("message-id", block)),
        date=one_line(_first("date", block)),
        received=one_line(_first("received", block)),
        content_type=_first("content-type", block),
        is_journal_report="x-ms-journal-report" in block.fields,
        unparsed=" ".join(dict.fromkeys(unread)) or None,
    )


_TOO_MANY = (
    f"The header names more than {RECIPIENTS} recipients, of which one in another alphabet counts for several; "
    "the last of {} were left out."
)


def _weight(address: str) -> int:
    odd = not address.isascii() or "xn--" in address.lower()
    return 1 + (len(address.encode()) // _ODD_BYTES_PER_RECIPIENT if odd else 0)


def _text(value: bytes, block: HeaderBlock) -> str:
    """The value as text, its lines joined."""
    return field_text(value.replace(b"\n", b""), block.charset)


def _first(name: str, block: HeaderBlock) -> str:
    """The first of the fields with this name; what is cut is cut before a word, and so that it is seen."""
    text = _text(block.fields[name][0], block) if name in block.fields else ""
    if len(text) <= _LINE_LENGTH:
        return text
    start = text[:_LINE_LENGTH]
    return (start.rpartition(" ")[0] or start) + " …"


def _address_list(name: str, block: HeaderBlock, unread: list[str]) -> list[str]:
    """The addresses of every occurrence of a field."""
    found: list[str] = []
    for value in block.fields.get(name, ()):
        for piece in _pieces(_text(value, block)):
            addresses, well = _addresses(piece) if "@" in piece else ([], True)
            if not well:
                unread.append(f"Part of {name} could not be read.")
            found += map(_unquoted, addresses)
    return found


def _pieces(value: str) -> Iterator[str]:
    """The list in parts of what a parser is given at once; a rest in which no end of an address is found is longer."""
    rest = value
    while len(rest) > _LIST_PIECE_LENGTH:
        end = _LIST_PIECE_LENGTH
        for _ in range(_COMMAS_TRIED):
            end = rest.rfind(",", 0, end)
            # After an odd number of quotes the comma stands within a display name.
            if end < 0 or rest.count('"', 0, end) % 2 == 0:
                break
        else:
            end = -1
        if end < 0:
            break
        yield rest[:end]
        rest = rest[end + 1 :]
    yield rest


def _addresses(piece: str) -> tuple[list[str], bool]:
    """The addresses of a part of a list, and whether it could be read as one."""
    if len(piece) > _LIST_PIECE_LENGTH:
        return written(piece), False
    mail = _fast("To", piece) if piece.count("=?") <= _ENCODED_WORDS else None
    if mail is not None:
        # Each time it is asked, it makes them anew.
        found = [each.address for each in mail.to]
        plain = [each for each in found if is_plain(each)]
        if len(plain) == len(found) == piece.count("@"):
            return plain, True
    if len(piece) > _DENSE_LENGTH and piece.count("@") * _DENSE > len(piece):
        return written(piece), False
    direct = without_routes(piece)
    try:
        read = [_UNSHOWN.sub(" ", each).strip() for _, each in getaddresses([direct], strict=False) if "@" in each]
    except RecursionError:
        return written(direct), False
    if is_well_formed(direct, read):
        return read, True
    return list(dict.fromkeys([*(each for each in read if is_address(each)), *written(direct)])), False


def _unquoted(address: str) -> str:
    """The address without the apostrophes that some programs put around it."""
    return address.strip("'") if address.endswith("'") else address


def _decoded(text: str) -> str:
    """The text of a field with its encoded words (RFC 2047) decoded; one that cannot be stays as written."""
    mail = _fast("Subject", text)
    if mail is not None:
        return mail.subject
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        return text


def _fast(name: str, text: str) -> PyMailMetadata | None:
    try:
        return parse_email(f"{name}: {text}\n".encode(), mode="metadata")
    except ParseError:
        return None
