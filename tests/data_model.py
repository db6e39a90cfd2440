"""The parts of ``docs/data-model.md`` that are made from the code; ``make docs`` writes them anew."""

import json
import re
from typing import Any

from addresses.batches import ITEMS_FOR_STEPS
from addresses.items import ENTRY_BYTES
from local import ROOT, template
from tests.access_patterns import FILING, LINKS, READING, Measured, Pattern, measured
from tests.capacity import LARGEST_ITEM, READ_UNIT, WRITE_UNIT, item_size
from tests.delegation_patterns import DELEGATED_READING, DELEGATION_ROUTES
from tests.example_items import EXAMPLES
from tests.import_patterns import IMPORT_ROUTES, IMPORTING
from tests.limits import ADDRESS_BYTES, GROWING, aliases_closed_at_once, crowded, size_of
from tests.load_patterns import JOURNALING, LOAD_ROUTES, LOADING
from tests.meter import in_words, kind_of
from tests.run_patterns import APPLYING, DIRECTORY_ROUTES, SYNCING

PAGE = ROOT / "docs" / "data-model.md"
WIDTH = 110
EVERY: dict[str, tuple[Pattern, ...]] = {
    "Requests by administrators": LINKS,
    "Requests about directories and runs": DIRECTORY_ROUTES,
    "Directories being read": SYNCING,
    "Requests about imports": IMPORT_ROUTES,
    "Spreadsheets being read": IMPORTING,
    "Plans being carried out": APPLYING,
    "Requests about delegations": DELEGATION_ROUTES,
    "Requests by mail users": (*READING, *DELEGATED_READING),
    "Mail coming in": (*FILING, *JOURNALING),
    "Archives being loaded": LOADING,
    "Requests about loads": LOAD_ROUTES,
}


def sections() -> dict[str, str]:
    """Each part of the page that is made from the code, by the name that its marker gives it."""
    items = {
        name: laid_out({attribute: value for attribute, value in item.items() if value is not None})
        for name, item in EXAMPLES.items()
    }
    return {
        **{name: f"```json\n{text}\n```" for name, text in items.items()},
        "Indexes": _indexes(),
        **{title: _costs(measured(patterns)) for title, patterns in EVERY.items()},
        "Sizes": _sizes(),
        "Growth": _growth(),
        "Bounds": _bounds(),
    }


def filled(page: str, parts: dict[str, str]) -> str:
    """The page with each part between its markers, ``<!-- name -->`` and ``<!-- end -->``."""

    def part(found: re.Match[str]) -> str:
        return f"<!-- {found[1]} -->\n{parts[found[1]]}\n<!-- end -->"

    return re.sub(r"<!-- ([\w ]+) -->\n.*?<!-- end -->", part, page, flags=re.DOTALL)


def laid_out(value: Any, indent: int = 0) -> str:
    """JSON with as many members to a line as fit; an item itself is never on one line."""
    text = json.dumps(value, ensure_ascii=False, default=float)
    if not isinstance(value, dict | list) or (indent and len(text) <= WIDTH - indent):
        return text
    within = indent + 1
    members = [laid_out(each, within) for each in value] if isinstance(value, list) else []
    if isinstance(value, dict):
        members = [f"{json.dumps(name)}: {laid_out(each, within)}" for name, each in value.items()]
    lines = members[:1]
    for member in members[1:]:
        longer = f"{lines[-1]}, {member}"
        fits = len(longer) <= WIDTH - within and "\n" not in longer
        lines[-1:] = [longer] if fits else [f"{lines[-1]},", member]
    between = "\n" + " " * within
    return f"{text[0]}{between.join(lines)}{text[-1]}"


def table(*rows: tuple[object, ...]) -> str:
    """A table of these rows, the first of which is its head."""
    head, *rest = (f"| {' | '.join(map(str, row))} |" for row in rows)
    return "\n".join([head, "|" + "---|" * len(rows[0]), *rest])


def _indexes() -> str:
    described: dict[str, Any] = template.load()["Resources"]["Table"]["Properties"]
    rows = [
        (f"`{each['IndexName']}`", *(f"`{key['AttributeName']}`" for key in each["KeySchema"]), projected)
        for each in described["GlobalSecondaryIndexes"]
        for projected in [each["Projection"]["ProjectionType"]]
    ]
    expiry = described["TimeToLiveSpecification"]["AttributeName"]
    return table(("index", "partition key", "sort key", "holds"), *rows) + f"\n\nTTL attribute: `{expiry}`."


def _costs(found: tuple[Measured, ...]) -> str:
    rows = [
        (
            f"`{each.pattern.who}`",
            each.pattern.case,
            in_words(each.calls),
            f"{sum(call.read for call in each.calls):g}",
            sum(call.written + sum(call.indexed.values()) for call in each.calls),
        )
        for each in found
    ]
    return table(("asked by", "case", "calls, with their units", "read", "written"), *rows)


def _sizes() -> str:
    sizes: dict[str, list[int]] = {}
    for patterns in EVERY.values():
        for each in measured(patterns):
            for item in each.items:
                sizes.setdefault(kind_of((item["pk"]["S"], item["sk"]["S"])), []).append(item_size(item))
    rows = [(kind, f"{min(found):,}", f"{max(found):,}") for kind, found in sorted(sizes.items())]
    return table(("item", "smallest, in bytes", "largest"), *rows)


def _growth() -> str:
    rooms = (WRITE_UNIT, READ_UNIT, LARGEST_ITEM)
    rows = [(each.what, each.each, *(f"{each.within(room):,}" for room in rooms)) for each in GROWING]
    return table(("what grows an item", "bytes each", "in 1 KB", "in 4 KB", "in 400 KB"), *rows)


def _bounds() -> str:
    fullest = crowded()
    enveloped = fullest["envelope"]["recipients"]
    return table(
        ("what", "most"),
        ("items that the steps of one transaction touch", ITEMS_FOR_STEPS),
        ("aliases of a mailbox that one transaction closes", aliases_closed_at_once()),
        ("bytes of an archive entry", f"less than {ENTRY_BYTES:,}"),
        (f"recipients of {ADDRESS_BYTES} bytes that a message keeps of its envelope", f"{len(enveloped):,}"),
        (f"recipients of {ADDRESS_BYTES} bytes that a message keeps of To and Cc", f"{len(fullest['to']):,}"),
        ("bytes of the item of a message that keeps both", f"{size_of(fullest):,}"),
    )


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), sections()), encoding="utf-8")
