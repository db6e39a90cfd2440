"""Containers of messages for tests: an mbox, a .zip and a .tar."""

import tarfile
import zipfile
from io import BytesIO
from typing import Any

SEPARATOR = b"From bob@example.org Sun Mar  1 09:30:00 2026\n"


def mbox(*messages: bytes, separator: bytes = SEPARATOR) -> bytes:
    """The messages as an mbox."""
    return b"".join(separator + message + b"\n" for message in messages)


def zipped(**files: bytes) -> bytes:
    """The files as a .zip."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inbox/", b"")
        for name, content in files.items():
            archive.writestr(f"inbox/{name}", content)
    return written.getvalue()


def tarred(mode: str = "w", /, **files: Any) -> bytes:
    """The files as a .tar."""
    written = BytesIO()
    with tarfile.open(fileobj=written, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            member = tarfile.TarInfo(f"inbox/{name}")
            member.size = len(content)
            archive.addfile(member, BytesIO(content))
    return written.getvalue()
