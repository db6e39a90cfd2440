"""Files changed at random, and processes that die of them: nothing but a refusal comes of it, and nothing is left."""

import random
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from spreadsheet_import.errors import DamagedFile, SpreadsheetRefused
from spreadsheet_import.sheets.file import opened
from tests.evil_sheets import zipped
from tests.sheets import FIXTURES, children, read


@pytest.fixture(autouse=True)
def _no_child_is_left() -> Iterator[None]:
    """Whatever a test reads, the processes that read for it are gone after it."""
    before = children()
    yield
    assert before == children()


def written(directory: Path, content: bytes) -> Path:
    """A file of this content."""
    path = directory / "file"
    path.write_bytes(content)
    return path


def test_a_child_that_dies_is_a_damaged_file(tmp_path: Path) -> None:
    """It was made to, or its parser has a bug."""
    content = (FIXTURES / "people.xls").read_bytes()

    with pytest.raises(DamagedFile, match="exhaust"):
        read(written(tmp_path, content[:512] + b"\xff" * len(content)))


def test_no_child_is_left_when_reading_stops_early() -> None:
    """As it does when the first rows have no header."""
    before = children()
    rows = opened(FIXTURES / "people.xls")[0].rows()
    next(rows)

    assert 1 == len(children() - before)
    del rows
    assert before == children()


def test_the_child_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever takes over the parser finds nothing there."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    before = children()
    rows = opened(FIXTURES / "people.xls")[0].rows()
    next(rows)
    [child] = children() - before

    assert "AWS" not in Path("/proc", child, "environ").read_text()
    del rows


def mutated(content: bytes, dice: random.Random) -> bytes:
    """The same with a few bytes changed."""
    changed = bytearray(content)
    for _ in range(dice.choice([1, 1, 4, 30])):
        changed[dice.randrange(len(changed))] = dice.choice([0, 255, dice.randrange(256)])
    return bytes(changed)


def read_or_refused(path: Path) -> None:
    """Nothing else may come of it."""
    with suppress(SpreadsheetRefused):
        read(path)


@pytest.mark.parametrize(("name", "times"), [("people.xlsx", 300), ("people.ods", 300), ("people.xls", 15)])
def test_a_changed_file_is_read_or_refused(tmp_path: Path, name: str, times: int) -> None:
    """Whatever was changed, nothing but a refusal comes of it."""
    whole = (FIXTURES / name).read_bytes()
    dice = random.Random(name)  # noqa: S311, it is to be the same each time
    for _ in range(times):
        read_or_refused(written(tmp_path, mutated(whole, dice)))


@pytest.mark.parametrize("name", ["people.xlsx", "people.ods"])
def test_a_file_with_changed_parts_is_read_or_refused(tmp_path: Path, name: str) -> None:
    """Behind checksums that are right."""
    dice = random.Random(name)  # noqa: S311, the same
    with zipfile.ZipFile(FIXTURES / name) as archive:
        parts = {it: archive.read(it) for it in archive.namelist()}
    read_parts = [it for it in parts if it.endswith((".xml", ".rels")) and parts[it]]
    for _ in range(150):
        part = dice.choice(read_parts)
        read_or_refused(zipped(tmp_path / "file", (parts | {part: mutated(parts[part], dice)}).items()))
