"""The header block of a raw message: where it ends, and its fields as bytes. Pure; what a field means is read later.

Real mail breaks lines with CRLF, LF or bare CR, and each of them is read as a line break, within one message too.
"""

import re
from dataclasses import dataclass

from mail_ingest.charset import named_charset

HEADER_BLOCK_BYTES = 256 * 1024

# The fields that mail is filed and shown by; the others, some of them long, are left alone.
_READ = {
    name.encode(): name
    for name in (
        *("from", "to", "cc", "bcc", "subject", "date", "message-id"),
        *("delivered-to", "x-original-to", "x-gm-original-to", "content-type", "x-ms-journal-report", "received"),
    )
}
# What may stand before the first field: a mark of UTF-8, what separates the messages of an mbox file and is left in by
# some exports, and the end of a field that was lost.
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf)?(?:>?From [^\n]*\n)?((?:[ \t][^\n]*\n)*+)")
_FIELD_START = re.compile(rb"[!-9;-~]++[ \t]*+:")
# A field with its continuations, or else a line that is none.
_FIELD = re.compile(rb"^(?:([!-9;-~]++)[ \t]*+:(.*+(?:\n[ \t].*+)*+)|.++)", re.MULTILINE)


@dataclass(frozen=True)
class HeaderBlock:
    """The fields that matter, by their names in lower case, each with its values in the order in which they stand.

    A value is as written, its lines joined by LF. ``body_at`` is the offset of the body in the raw message, None where
    the block was not read to its end. ``flaw`` says why no field, or not every field, was read. ``sound`` is whether
    the block is fields and nothing else, to its end. ``charset`` is what the message names as such, where any of the
    block is not ASCII; empty if it names none that will do.
    """

    fields: dict[str, list[bytes]]
    body_at: int | None
    flaw: str | None
    sound: bool
    charset: str = ""


def cut(start: bytes, *, complete: bool) -> HeaderBlock:
    """The header block of the message that starts with these bytes; ``complete`` if there are no more of it.

    No more than 256 KiB are looked at. A line that is neither a field nor a continuation is passed over, and what
    follows it is read all the same: mail is filed by these fields, and one bad line must not lose it.
    """
    end, body_at = _end(start)
    if body_at is None and complete:
        end = body_at = len(start)
    if body_at is None or body_at > HEADER_BLOCK_BYTES:
        end, body_at = HEADER_BLOCK_BYTES, None
    lines = start[:end].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    before = _BEFORE.match(lines)
    lines = lines[before.end() :] if before else lines
    if not _FIELD_START.match(lines):
        no_message = "The first line is no header field (RFC 5322), so this is no message." if start else "It is empty."
        return HeaderBlock({}, body_at, no_message, sound=False)
    if body_at is None:
        # The last line may go on where the reading stopped, and half an address is another address.
        lines = lines[: lines.rfind(b"\n") + 1]
    fields: dict[str, list[bytes]] = {}
    sound = body_at is not None and not (before and before[1])
    for name, value in _FIELD.findall(lines):
        known = _READ.get(name.lower())
        if known is not None:
            fields.setdefault(known, []).append(value)
        elif not name:
            sound = False
    flaw = None if body_at is not None else "The header is longer than 256 KiB; what is past that was not read."
    return HeaderBlock(fields, body_at, flaw, sound, "" if lines.isascii() else named_charset(start))


def _end(start: bytes) -> tuple[int, int | None]:
    """Where the lines before the first empty line end, and where the body after it begins; None if no line is empty."""
    if start[:1] in {b"\r", b"\n"}:
        end = 0
    else:
        # Two line breaks in a row hold one of these, and a CRLF by itself holds none. Each is looked for before the
        # one that was found, since a body that is searched in vain takes longer than all the rest.
        end = len(start)
        for breaks in (b"\n\r", b"\n\n", b"\r\r"):
            at = start.find(breaks, 0, end)
            end = at + 1 if at >= 0 else end
        if end == len(start):
            return end, None
    return end, end + (2 if start[end : end + 2] == b"\r\n" else 1)
