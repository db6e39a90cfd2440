"""The text of a header field whose bytes are not ASCII, which much mail has without saying in which charset. Pure.

UTF-8 is known by itself, and the Japanese charset by its escapes. Everything else is in the charset that the message
names for its text, if it names one; Windows-1252, which is Latin-1 and more, is what most of the rest is written in.
"""

import re
from contextlib import suppress

_NAMED = re.compile(rb"charset[ \t]*+=[ \t\"']*+([\w.:-]{1,40})", re.IGNORECASE)
_JAPANESE = re.compile(rb"\x1b[$(]")
# Where any of these means something else, addresses could be made of what are none, or get lost.
_SIGNS = rb"azAZ09@<>,;:.'\"()[]=?_-+ \u0040 \b"


def named_charset(start: bytes) -> str:
    """What a message that starts like this first names as a charset, in its header or in its first part; else empty."""
    found = _NAMED.search(start)
    return found[1].decode() if found and has_ascii(found[1].decode("latin-1")) else ""


def field_text(value: bytes, named: str) -> str:
    """The field's text; ``named`` is the charset that the message names, if any. Every value has one."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    japanese = "iso2022_jp_ext" if _JAPANESE.search(value) else ""
    for charset in (japanese, "utf-8", named, "cp1252"):
        if charset:
            with suppress(UnicodeError):
                return value.decode(charset)
    return value.decode("latin-1")


def has_ascii(charset: str) -> bool:
    """Whether there is such a charset, and what is ASCII is so in it: Python's other codecs do not pass for one."""
    try:
        return _SIGNS.decode(charset) == _SIGNS.decode()
    except (LookupError, ValueError):
        return False
