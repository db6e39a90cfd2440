"""The demo's chapter of a spreadsheet: what a personnel department sends after a merger, faults and all."""

import io
import textwrap
import time

import httpx
import xlsxwriter

from local.telling import Client, show_lines, tell

PATIENCE = 60
ROWS = (
    ("Staff that comes with the merger", "", ""),
    ("", "", ""),
    ("Alias", "Name", "E-Mail"),
    ("dora@example.org", "Dora Smith", "dora@example.com"),
    ("d.baker@example.com; d.baker@example.org", "Dora Smith", "dora@example.com"),
    ("Frank Hill <frank@example.org>", "Frank Hill", "frank@example.com"),
    ("team@example.org", "Dora Smith", "dora@example.com"),
    ("team@example.org", "Frank Hill", "frank@example.com"),
    ("alice@example.org", "Frank Hill", "frank@example.com"),
    ("frank.hill@example.net", "", "frank@example.com"),
    ("4711", "", "dora@example.com"),
)


def chapter(admin: Client) -> None:
    """The workbook is uploaded as it is; every row is answered, and the good ones are done."""
    tell("After a merger, the personnel department sends a workbook. The administrator uploads it as it is:")
    begun = admin.post("/imports", {"filename": "staff.xlsx"})
    httpx.put(begun["url"], content=_workbook(), timeout=60).raise_for_status()
    deadline = time.monotonic() + PATIENCE
    while not (found := admin.get(f"/imports/{begun['id']}"))["copies"]:
        if found["status"] == "failed" or time.monotonic() > deadline:
            raise RuntimeError(f"The import is {found['status']}: {found['because']}")
        time.sleep(0.2)
    for row in found["rows"]:
        reason = f": {row['reason']}" if row["reason"] else ""
        sentence = f"row {row['row']}, {row['alias'] or row['primary']}: {row['outcome']}{reason}"
        show_lines(textwrap.wrap(sentence, 92, subsequent_indent="    "))
    counted = ", ".join(f"{name} {number}" for name, number in found["counts"].items() if number)
    show_lines([f"{found['status']}: {counted}"])


def _workbook() -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 1, row)
    return content.getvalue()
