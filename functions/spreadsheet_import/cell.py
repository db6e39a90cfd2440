"""What a cell says: the addresses that it spells, whatever they were pasted from, or a name. Pure.

Characters that cannot be seen are taken away, and full-width forms of ASCII are made ASCII: nobody has a mailbox that
differs in these. Nothing else is mapped; compatibility forms (NFKC) would make one of two mailboxes.
"""

import re
import unicodedata
from urllib.parse import unquote

from spreadsheet_import.formulas import unguarded

NAME_CHARACTERS = 256

_INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
# What no XML can hold, so that a copy of the file could not have it either.
_UNWRITABLE = "".join(map(chr, [*range(0x09), *range(0x0E, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF]))
_BLANK = "\t\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_LINE_BREAK = "\r\x0b\x0c\x85\u2028\u2029"
_FULL_WIDTH = {chr(0xFF01 + place): chr(0x21 + place) for place in range(94)}
_WRITABLE = str.maketrans(dict.fromkeys(_UNWRITABLE, "") | dict.fromkeys("\r\x0b\x0c", "\n"))
_SEEN = str.maketrans(
    dict.fromkeys(_INVISIBLE + _UNWRITABLE, "")
    | dict.fromkeys(_BLANK, " ")
    | dict.fromkeys(_LINE_BREAK, "\n")
    | _FULL_WIDTH
)
_ONE_LINE = str.maketrans(dict.fromkeys(_UNWRITABLE, "") | dict.fromkeys(_BLANK + _LINE_BREAK + "\n", " "))
# A joiner is a letter's business in some scripts (RFC 5892, appendix A), and nobody's beside ASCII.
_JOINERS = "\u200c\u200d"
_JOINER = re.compile(r"(?<![^\x00-\x7f])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f])")
_MARK = re.compile(r'[\\"<>;,|\n]')
_SEPARATOR = re.compile(r"[;,|\n]")


def entries(cell: str) -> list[str]:
    """What stands in the cell between ``;`` ``,`` ``|`` or line breaks, each without what it is wrapped in.

    Wrappings are ``Name <...>``, ``mailto:``, quotes, and the apostrophe of ``formulas``. An entry need not be an
    address.
    """
    if not cell:
        return []
    text = _JOINER.sub("", unguarded(cell).translate(_SEEN))
    return [entry for piece in _pieces(text) if (entry := _unwrapped(piece.strip()))]


def name(cell: str) -> str:
    """The name in the cell, in one line; joiners stay, as names and emoji are spelled with them."""
    if "'" not in cell and cell.isprintable():
        return cell.strip()[:NAME_CHARACTERS]
    text = unguarded(cell)
    if not text.isprintable():
        text = " ".join("".join(filter(_in_a_name, text.translate(_ONE_LINE))).split())
    return text.strip()[:NAME_CHARACTERS]


def writable(cell: str) -> str:
    """The cell without what a file cannot hold, and with line breaks as a workbook has them; it says the same."""
    return cell if cell.isprintable() else cell.replace("\r\n", "\n").translate(_WRITABLE)


def _in_a_name(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}


def _pieces(text: str) -> list[str]:
    """The text, split where no quotes and no angle brackets are open; if they are never closed, split everywhere."""
    pieces: list[str] = []
    start, escaped = 0, -1
    quoted = bracketed = False
    for mark in _MARK.finditer(text):
        at, character = mark.start(), mark[0]
        if at == escaped:
            continue
        if character == "\\":
            escaped = at + 1 if quoted else -1
        elif character == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif character in "<>":
            bracketed = character == "<"
        elif not bracketed:
            pieces.append(text[start:at])
            start = at + 1
    return _SEPARATOR.split(text) if quoted or bracketed else [*pieces, text[start:]]


def _unwrapped(entry: str) -> str:
    if entry.endswith(">") and "<" in entry:
        entry = entry[entry.rindex("<") + 1 : -1].strip() or entry
    # A quoted local part ends before the @, and no domain ends in a quote: these are around the whole.
    if len(entry) > 1 and entry[0] == entry[-1] and entry[0] in "\"'":
        entry = entry[1:-1].strip()
    if entry[:7].lower() == "mailto:":
        entry = unquote(entry[7:].partition("?")[0]).strip()
    return entry
