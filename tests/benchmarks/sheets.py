"""A workbook of 200,000 rows, from the file to what each row asks for, beside programs that only read it."""

from collections.abc import Iterator
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import load_workbook
from python_calamine_plus import CalamineWorkbook

from spreadsheet_import.layout import header
from spreadsheet_import.sheets.container import container
from spreadsheet_import.sheets.file import opened
from spreadsheet_import.sheets.guard import look_through
from spreadsheet_import.understanding import understood
from tests.benchmarks.large_import import ROWS, write
from tests.benchmarks.read_sheet import SETTINGS
from tests.benchmarks.row import Row, at_least, at_most, cpu, peak


def rows() -> Iterator[Row]:
    """Ours first, in the memory of a process that has read nothing else."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "people.xlsx")
        # By another process, which takes its memory with it.
        writer = get_context("spawn").Process(target=partial(write, path, constant_memory=True))
        writer.start()
        writer.join()
        before = peak()
        took = cpu(lambda: _counted(understood(header.table(opened(path)), SETTINGS)))
        grown = peak() - before

        def parsed() -> int:
            with CalamineWorkbook.from_path(path) as book:
                return _counted(book.stream_sheet_by_index(0))

        def library() -> int:
            return _counted(load_workbook(path, read_only=True)["People"].iter_rows(values_only=True))

        bare = cpu(parsed, 2)
        safe = bare + cpu(lambda: look_through(container(path)), 2)
        work = f"a workbook of {ROWS:,} rows, guarded, read and understood"
        yield Row(f"{work}: memory", f"{grown} MiB more", "", "", "<= 64 MiB", grown <= 64)
        yield at_least(f"{work}: rows", ROWS / took, "openpyxl, read only", ROWS / cpu(library), 5)
        yield at_most(work, took, "calamine, read only", bare, 2.5)
        yield at_most(work, took, "the guard, then calamine: nothing is understood", safe, 2.5)


def _counted(found: Iterator[object]) -> int:
    count = sum(1 for _ in found)
    assert count >= ROWS
    return count
