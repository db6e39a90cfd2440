"""Which tables an OpenDocument spreadsheet has, by its content.xml."""

import re
from collections.abc import Iterable
from xml.parsers.expat import ExpatError, ParserCreate

from spreadsheet_import.sheets.container import damaged

# With the prefixes that every program writes. To parse all of it only for the names would take as long as to read it.
_TAG = re.compile(rb"<(table:table|/table:table|style:style|style:table-properties)(?=[\s/>])([^<>]*)>")


def tables(content: Iterable[bytes]) -> list[tuple[str, bool]]:
    """The name of each table, and whether it is hidden; ``content`` is cut only before tags.

    Raises:
        DamagedFile: it has none, or none that is written as programs write it.
    """
    found: list[tuple[str, bool]] = []
    hidden_styles: set[str] = set()
    style, level = "", 0
    for tags in content:
        if b"table:table " not in tags and b"<style:" not in tags and b"</table:table>" not in tags:
            continue
        for name, written in _TAG.findall(tags):
            # A table within a cell of another is no sheet.
            if name == b"table:table":
                if not level:
                    attributes = _attributes(written)
                    hidden = attributes.get("table:style-name") in hidden_styles
                    found.append((attributes.get("table:name", ""), hidden))
                level += not written.endswith(b"/")
            elif name == b"/table:table":
                level -= 1
            elif name == b"style:style":
                style = _attributes(written).get("style:name", "")
            elif _attributes(written).get("table:display") == "false":
                hidden_styles.add(style)
    if not found or level:
        raise damaged()
    return found


def _attributes(written: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    parser = ParserCreate("utf-8")
    parser.StartElementHandler = lambda _, attributes: found.update(attributes)
    try:
        parser.Parse(b"<tag " + written.rstrip(b"/") + b"/>", True)  # noqa: FBT003, it takes no name
    except ExpatError as refusal:
        raise damaged() from refusal
    return found
