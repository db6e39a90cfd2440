"""The parts of a multipart message, byte for byte as they came: a parser would write them anew. Pure."""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import Message as HeaderOf
from email.parser import BytesHeaderParser
from itertools import pairwise
from quopri import decodestring

_PART_HEADER_BYTES = 64 * 1024
_BLANK_LINE = re.compile(rb"\A(?:\r\n|\n)|\r?\n\r?\n")


@dataclass(frozen=True)
class Part:
    """One part: its content type in lower case, its charset, and its content without transfer encoding."""

    kind: str
    charset: str
    content: bytes


def boundary_of(content_type: str) -> str | None:
    """The boundary of a multipart message with this Content-Type (RFC 2046 section 5.1); None if it is no such."""
    header = HeaderOf()
    header["Content-Type"] = " ".join(content_type.split())
    return _parameter(header.get_boundary) if header.get_content_maintype() == "multipart" else None


def parts(body: bytes, boundary: str) -> Iterator[Part]:
    """The parts between the boundary's lines; the last one may lack its end, where a message was cut off."""
    line = re.compile(rb"(?:\A|\r?\n)--%b(--)?[ \t]*(?=\r?\n|\Z)" % re.escape(boundary.encode(errors="replace")))
    starts = [(found.start(), found.end(), found[1] is not None) for found in line.finditer(body)]
    for (_, begin, last), (end, _, _) in pairwise([*starts, (len(body), len(body), True)]):
        if last:
            return
        yield _part(body[begin:end])


def _parameter(read: Callable[[], str | None]) -> str | None:
    """A parameter of a Content-Type; None if it cannot be read.

    RFC 2231 lets a parameter name its charset, and come in numbered pieces. Some names are those of codecs that decode
    nothing, or have a NUL in them; and pieces with and without a number are more than the standard library can sort.
    """
    try:
        return read()
    except (TypeError, ValueError):
        return None


def _part(lines: bytes) -> Part:
    """A part from what lies between two boundaries, whose first line break ends the first boundary's line."""
    held = lines.removeprefix(b"\r").removeprefix(b"\n")
    end = _BLANK_LINE.search(held)
    block, content = (held[: end.start()], held[end.end() :]) if end else (held, b"")
    header = BytesHeaderParser().parsebytes(block[:_PART_HEADER_BYTES] + b"\n\n")
    charset = _parameter(header.get_content_charset) or "us-ascii"
    return Part(header.get_content_type(), charset, _decoded(content, str(header.get("Content-Transfer-Encoding", ""))))


def _decoded(content: bytes, encoding: str) -> bytes:
    match encoding.strip().lower():
        case "base64":
            try:
                return a2b_base64(content)
            except NotBase64:
                return content
        case "quoted-printable":
            return decodestring(content)
        case _:
            return content
