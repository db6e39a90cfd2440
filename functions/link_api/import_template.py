"""The empty spreadsheets that administrators may fill in."""

from io import BytesIO

HEADERS = ("Email", "Name", "Alias", "Action")
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"
# With the mark by which Excel knows UTF-8.
CSV = ("﻿" + ",".join(HEADERS) + "\r\n").encode()

EXPLAINED = (
    ("Column", "What it holds", "For example"),
    ("Email", "The primary: the address with which the person logs on. Needed in every row.", "alice@example.com"),
    ("Name", "The mailbox's name. It may be left empty.", "Alice Jones"),
    ("Alias", "Another address of the same person, in any of your domains; several with ; between.", "a.j@example.org"),
    ("Action", "link (also when it is empty), or unlink to take the alias away.", "link"),
)


def workbook() -> bytes:
    """A workbook with the headers on its first sheet, and what they mean on its second."""
    # Not at the top: every other request would wait for it in a cold start.
    import xlsxwriter  # noqa: PLC0415

    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        head, text = book.add_format({"bold": True}), book.add_format({"num_format": "@"})
        links = book.add_worksheet("Links")
        # Columns of text, or the program makes numbers and dates of what looks like them.
        links.set_column(0, len(HEADERS) - 1, 32, text)
        links.write_row(0, 0, HEADERS, head)
        links.freeze_panes(1, 0)
        explanation = book.add_worksheet("Explanation")
        explanation.set_column(0, 0, 12)
        explanation.set_column(1, 2, 80)
        for number, row in enumerate(EXPLAINED):
            explanation.write_row(number, 0, row, None if number else head)
    return content.getvalue()
