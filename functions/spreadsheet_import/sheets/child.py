"""The process that reads an .xls: ``python -m spreadsheet_import.sheets.child PATH [PLACE]``, to lines of JSON.

Without the place of a sheet, ``[place, name, hidden]`` of each; with one, ``[number, [cell, ...]]`` of each of its rows
that have any text.
"""

import json
import resource
import sys

# 65,536 rows of four columns take 90 MiB; what fills or only spans more than some 150 columns is taken for a bomb.
_MOST_MEMORY = 768 * 1024 * 1024
_MOST_SECONDS = 60
PASSWORD = 77


def main(path: str, *wanted: str) -> int:
    """Writes the sheets of a file, or the rows of one of them; the exit status says how it went."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not before there are limits: what it does when it is loaded counts as well.
    from python_calamine_plus import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum  # noqa: PLC0415

    from spreadsheet_import.sheets.limits import text  # noqa: PLC0415

    try:
        workbook = CalamineWorkbook.from_path(path)
    except PasswordError:
        return PASSWORD
    for place in map(int, wanted):
        found = workbook.get_sheet_by_index(place)
        # The rows begin at the first of the sheet, but their cells at the first column that has any.
        beside = [""] * (found.start or (0, 0))[1]
        for number, row in enumerate(found.iter_rows(), 1):
            if row.count("") < len(row):
                sys.stdout.write(json.dumps([number, beside + [text(value) for value in row]]) + "\n")
        return 0
    for place, about in enumerate(workbook.sheets_metadata):
        if about.typ == SheetTypeEnum.WorkSheet:
            sys.stdout.write(json.dumps([place, about.name, about.visible != SheetVisibleEnum.Visible]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
