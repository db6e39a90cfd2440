"""Reads .xls in a process of its own: its parser can be made to die, and only a process has a limit of its memory."""

import functools
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from spreadsheet_import.errors import DamagedFile
from spreadsheet_import.sheets import child
from spreadsheet_import.sheets.container import password_protected
from spreadsheet_import.sheets.limits import bounded
from spreadsheet_import.sheets.reading import Row, Sheet


def xls_sheets(path: Path) -> list[Sheet]:
    """The sheets that have cells; charts and macros are left out.

    Raises:
        PasswordProtected: the file is encrypted.
        DamagedFile: its parser refuses it, dies of it, or needs more memory or time than any real file.
    """
    return [Sheet(name, hidden, functools.partial(_rows, path, place)) for place, name, hidden in _lines(path)]


def _rows(path: Path, place: int) -> Iterator[Row]:
    yield from bounded((number, cells) for number, cells in _lines(path, str(place)))


def _lines(path: Path, *place: str) -> Iterator[Any]:
    """What the child writes; it is gone when this ends, however it ends."""
    process = subprocess.Popen(  # noqa: S603, this very interpreter
        [sys.executable, "-P", "-m", child.__name__, str(path), *place],
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        try:
            assert process.stdout is not None  # noqa: S101, it is a pipe
            for line in process.stdout:
                # Killed in the middle of a line, it has not finished either.
                if not line.endswith(b"\n"):
                    break
                yield json.loads(line)
        except BaseException:
            process.kill()
            raise
    if process.returncode == child.PASSWORD:
        raise password_protected()
    if process.returncode:
        raise DamagedFile(
            "It is damaged, or made to exhaust whoever reads it. "
            "If a spreadsheet program opens it, save it there as .xlsx."
        )


def _environment() -> dict[str, str]:
    """What the interpreter needs to start, and nothing else of the function's, least of all its credentials."""
    needed = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    # Lambda's Python finds its own library by it.
    with suppress(KeyError):
        needed["LD_LIBRARY_PATH"] = os.environ["LD_LIBRARY_PATH"]
    return needed
