"""The parts of a zip file, as they really unpack, whatever its headers claim."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from spreadsheet_import.errors import DamagedFile, PasswordProtected, UnpacksTooLarge

MOST_PARTS = 2_000
MOST_BYTES = 256 * 1024 * 1024
# Real sheets shrink to a tenth or twentieth; below this size even the best ratio does no harm.
MOST_RATIO = 200
_RATIO_FROM = 8 * 1024 * 1024
CHUNK = 512 * 1024
_LOCAL_HEADER = struct.Struct("<4s22xHH")
# What zipfile raises when its directory is nonsense.
_BAD_DIRECTORY = (BadZipFile, NotImplementedError, OSError, ValueError, OverflowError, struct.error)
_ENCRYPTED = 0x1


@dataclass(frozen=True)
class Container:
    """A zip file whose directory is sound; ``parts`` by their names, in its order."""

    path: Path
    parts: dict[str, ZipInfo]

    def unpacked(self, name: str) -> Iterator[bytes]:
        """A part, chunk by chunk.

        Raises:
            UnpacksTooLarge: it is more than a sheet of people needs, or shrinks as no real sheet does.
            DamagedFile: it ends early, or is not what the directory says.
        """
        part = self.parts[name]
        size = checksum = 0
        for chunk, packed in _inflated(self.path, part):
            size += len(chunk)
            checksum = zlib.crc32(chunk, checksum)
            if size > MOST_BYTES:
                raise too_large()
            if size > _RATIO_FROM and size > MOST_RATIO * packed:
                raise UnpacksTooLarge(
                    f"A part of it unpacks to more than {MOST_RATIO} times its size, as no real sheet does. "
                    "Save only the sheet with the addresses, as .xlsx."
                )
            yield chunk
        if size != part.file_size or checksum != part.CRC:
            raise damaged()


def too_large() -> UnpacksTooLarge:
    """The refusal of what unpacks to too many bytes."""
    return UnpacksTooLarge(
        f"It unpacks to more than {MOST_BYTES >> 20} MiB. Save only the sheet with the addresses, as .xlsx."
    )


def damaged() -> DamagedFile:
    """The refusal of what cannot be unpacked or understood."""
    return DamagedFile(
        "It ends early or contradicts itself, so it is damaged. Send it once more, or open it in a spreadsheet program "
        "and save it as .xlsx."
    )


def container(path: Path) -> Container:
    """The zip file at ``path``; of its parts, only the directory is read.

    Raises:
        DamagedFile: it has no directory at its end, or one that no two programs read alike.
        UnpacksTooLarge: it has more parts than any spreadsheet.
        PasswordProtected: a part is encrypted.
    """
    try:
        with ZipFile(path) as archive:
            found = archive.infolist()
            prefixed = archive.start_dir != _directory_offset(archive) or bool(archive.comment)
    except _BAD_DIRECTORY as refusal:
        raise damaged() from refusal
    if len(found) > MOST_PARTS:
        raise UnpacksTooLarge(
            f"It has more than {MOST_PARTS:,} parts. Save only the sheet with the addresses, as .xlsx."
        )
    # Of two parts with one name, or of a zip file around another, each program reads a different one.
    names = {part.filename.replace("\\", "/").lower() for part in found}
    if prefixed or len(names) < len(found):
        raise damaged()
    if any(part.flag_bits & _ENCRYPTED for part in found):
        raise password_protected()
    return Container(path, {part.filename: part for part in found})


def password_protected() -> PasswordProtected:
    """The refusal of what is encrypted."""
    return PasswordProtected("It is protected by a password. Save it without one.")


def _directory_offset(archive: ZipFile) -> int:
    """Where the end of the file says that the directory begins."""
    stream = archive.fp
    assert stream is not None  # noqa: S101, it is open
    stream.seek(-22, 2)
    end = stream.read(22)
    offset: int = struct.unpack_from("<L", end, 16)[0]
    return archive.start_dir if offset == 0xFFFFFFFF else offset  # noqa: PLR2004, then it stands in the zip64 record


def _inflated(path: Path, part: ZipInfo) -> Iterator[tuple[bytes, int]]:
    """The part, chunk by chunk, and of how many packed bytes it has come so far."""
    if part.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise damaged()
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if part.compress_type == ZIP_DEFLATED else None
    with path.open("rb") as stream:
        stream.seek(part.header_offset)
        header = stream.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\3\4"):
            raise damaged()
        _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        stream.seek(name_length + extra_length, 1)
        left = part.compress_size
        while left:
            packed = stream.read(min(left, CHUNK // 8 if inflate else CHUNK))
            if not packed:
                raise damaged()
            left -= len(packed)
            if inflate is None:
                yield packed, part.compress_size - left
                continue
            try:
                while packed and not inflate.eof:
                    chunk = inflate.decompress(packed, CHUNK)
                    packed = inflate.unconsumed_tail
                    yield chunk, part.compress_size - left - len(packed)
            except zlib.error as refusal:
                raise damaged() from refusal
        while inflate and not inflate.eof:
            rest = inflate.decompress(b"", CHUNK)
            if not rest:
                raise damaged()
            yield rest, part.compress_size
