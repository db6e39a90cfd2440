"""Journal reports: a message about a message, with who really sent and got it, and the original attached unaltered.

Exchange and Microsoft 365 write them (MS-XJRNL, "Journal Record Message File Format"), and others in the same form. The
first part is text, with one line for the sender, the subject, the Message-ID and each recipient; a recipient's line
also says through which list or forwarding they got it. The original follows as message/rfc822; where rights management
was undone for the journal, the readable copy follows it in the same form.
"""

import re
from dataclasses import dataclass
from itertools import batched, islice

from addresses.archive import Envelope
from mail_ingest.charset import field_text, has_ascii
from mail_ingest.parts import Part, parts

# Text, original, and the readable copy of it; a report with many more is none that any mail server writes.
_PARTS = 16
_LINES_BYTES = 4 * 1024 * 1024
_FIELD = re.compile(r"([A-Za-z-]++):(.*+)")
_WAY = re.compile(r", (Expanded|Forwarded): ")
_NAMED = re.compile(r".*<([^<>]*)>")
_RECIPIENT = frozenset(["to", "cc", "bcc", "recipient"])


@dataclass(frozen=True)
class JournalReport:
    """The true envelope of a message, and the originals as they were attached: none if only as TNEF, or hundreds."""

    envelope: Envelope
    originals: tuple[bytes, ...]


def read_journal_report(body: bytes, boundary: str) -> JournalReport | None:
    """The report in the body of a multipart message with this boundary; None if it is none."""
    found = parts(body, boundary)
    text = next(found, None)
    envelope = _envelope(_lines(text)) if text and text.kind == "text/plain" else None
    if envelope is None:
        return None
    attached = list(islice(found, _PARTS))
    originals = tuple(each.content for each in attached if each.kind == "message/rfc822")
    return JournalReport(envelope, originals if len(attached) < _PARTS else ())


def _lines(part: Part) -> list[str]:
    charset = part.charset if has_ascii(part.charset) else ""
    return field_text(part.content[:_LINES_BYTES], charset).splitlines()


def _envelope(lines: list[str]) -> Envelope | None:
    """The envelope that the lines tell, if these are a report's: Sender, Message-ID, and at least one recipient.

    The subject stands between them, and its author may have hidden line breaks in it. So the sender is read from the
    lines before the first Subject, and recipients from those after the last Message-ID.
    """
    fields = [(found[1].lower(), found[2].strip()) for found in map(_FIELD.fullmatch, lines) if found]
    names = [name for name, _ in fields]
    if "message-id" not in names or names[:1] != ["sender"]:
        return None
    ends_at = len(names) - 1 - names[::-1].index("message-id")
    before = dict(fields[: names.index("subject") if "subject" in names else ends_at])
    recipients = [text for name, text in fields[ends_at + 1 :] if name in _RECIPIENT]
    if not recipients:
        return None
    named = dict.fromkeys(address for text in recipients for address in _reached(text))
    return Envelope(_bare(before["sender"]), tuple(named), _bare(before.get("on-behalf-of", "")))


def _reached(recipient: str) -> list[str]:
    """Whom a recipient's line names: who got the message, and who had it forwarded to them, whose it is just as well.

    A list that was expanded is nobody's mailbox: each of its members has a line.
    """
    address, *ways = _WAY.split(recipient)
    forwarded = [text for way, text in batched(ways, 2, strict=True) if way == "Forwarded"]
    return [_bare(text) for text in (address, *forwarded)]


def _bare(text: str) -> str:
    """The address without a display name."""
    found = _NAMED.fullmatch(text)
    return (found[1] if found else text).strip()
