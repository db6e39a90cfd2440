"""Messages that others test their parsers with: read where they lie, and never kept here."""

import ast
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

# Source distributions on the Python index, in these versions so that a seed finds the same messages again.
DISTRIBUTIONS = ["mail-parser==4.8.0", "eml-parser==4.4.0", "flanker==0.9.11", "mailparse-mailkite==0.1.0"]
PYTHON = "CPython's own tests"

_LARGEST = 4 * 1024 * 1024
_FIELD = re.compile(rb"^[A-Za-z][\w-]*:[ \t]*\S", re.MULTILINE)
_TESTS = re.compile(r"(^|/|_)tests?(/|_|$)|(_test|/test_\w+)\.py$", re.IGNORECASE)
_MESSAGE_FILES = {"", ".eml", ".msg", ".mbox", ".txt", ".mail", ".mbx"}


def of_python() -> dict[bytes, str]:
    """Every message in the tests of the Python that runs this; none where it came without them."""
    folder = Path(sysconfig.get_path("stdlib")) / "test"
    found = [*folder.glob("test_email/**/*"), *(folder / f"test_{name}.py" for name in ("mailbox", "smtplib", "smtpd"))]
    return dict(_messages((str(path.relative_to(folder)), path.read_bytes()) for path in found if path.is_file()))


def of_distribution(requirement: str, pip: Path, folder: Path) -> dict[bytes, str]:
    """Every message in a source distribution, which pip fetches; none where it cannot."""
    # pip asks a source distribution for its version before it saves it, so what builds it is run, and nothing else.
    name = requirement.partition("==")[0]
    command: list[str | Path] = [
        pip,
        "download",
        "-qqq",
        "--no-deps",
        "--no-binary",
        name,
        "--dest",
        folder / name,
        requirement,
    ]
    if subprocess.run(command, check=False).returncode:
        return {}
    return {raw: where for path in (folder / name).iterdir() for raw, where in of_path(path).items()}


def of_path(path: Path) -> dict[bytes, str]:
    """Every message in the tests that a folder or an archive holds."""
    return dict(_messages((name, content) for name, content in _files(path) if _TESTS.search(name)))


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        yield from ((str(each), each.read_bytes()) for each in sorted(path.rglob("*")) if each.is_file())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from ((each.filename, archive.read(each)) for each in archive.infolist() if not each.is_dir())
    else:
        with tarfile.open(path) as packed:
            for each in packed:
                content = packed.extractfile(each) if each.isfile() else None
                if content:
                    yield each.name, content.read()


def _messages(files: Iterator[tuple[str, bytes]]) -> Iterator[tuple[bytes, str]]:
    """Each message with where it stands."""
    for name, content in files:
        if len(content) > _LARGEST:
            continue
        if name.endswith(".py"):
            yield from ((raw, name) for raw in _constants(content))
        elif Path(name).suffix.lower() in _MESSAGE_FILES or Path(name).suffix[1:].isdecimal():
            # A test's own file is a message whether or not it looks like one: a parser is to survive it.
            yield content, name
            if content.startswith(b"From "):
                yield from ((raw, name) for raw in re.split(rb"(?<=\n\n)(?=From )", content))


def _constants(source: bytes) -> Iterator[bytes]:
    """The texts and bytes in a module that have a field; and a message of each that may be a field's value."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as refusal:
        print(f"A module is left out: {refusal}", file=sys.stderr)
        return
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)):
                raw = text.encode("utf-8", "surrogatepass")
            case ast.Constant(value=bytes(raw)):
                pass
            case _:
                continue
        if _FIELD.search(raw):
            yield raw
            # Some are indented as the code around them is, and tests take that away.
            yield dedent(raw.decode("latin-1")).lstrip("\n").encode("latin-1")
        elif b"@" in raw or b"=?" in raw:
            yield b"From: %b\r\nTo: %b\r\nSubject: %b\r\nMessage-ID: %b\r\n\r\n" % (raw, raw, raw, raw)
