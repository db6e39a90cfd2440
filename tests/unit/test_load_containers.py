"""What a container of a bulk load holds: every message in it, byte for byte."""

import gzip
import secrets
import tarfile
import time
from collections.abc import Iterator
from io import BufferedReader, BytesIO
from typing import Any, cast

import pytest

from mail_ingest.load.containers import Damaged, held_messages, is_container
from mail_ingest.load.mbox import Unread, mbox_messages
from tests.containers import SEPARATOR, mbox, tarred, zipped
from tests.mail import raw_message

ONE, TWO = (raw_message(f"Number {number}.\n", message_id=f"<{number}@example.org>") for number in (1, 2))


def held(container: bytes) -> Iterator[tuple[str, bytes | Unread]]:
    """Each message of a container, with the name of the file that it is in."""
    return ((each.name, each.read()) for each in held_messages(BufferedReader(BytesIO(container))))


NAMED = [("inbox/1.eml", ONE), ("inbox/2.eml", TWO)]
FILES = {"1.eml": ONE, "2.eml": TWO}
CONTAINERS = {
    "mbox": (mbox(ONE, TWO), [("", ONE), ("", TWO)]),
    "mbox.gz": (gzip.compress(mbox(ONE, TWO)), [("", ONE), ("", TWO)]),
    "zip": (zipped(**FILES), NAMED),
    "tar": (tarred(**FILES), NAMED),
    "tar.gz": (tarred("w:gz", **FILES), NAMED),
    "tar.bz2": (tarred("w:bz2", **FILES), NAMED),
    "tar.xz": (tarred("w:xz", **FILES), NAMED),
    "zip of an mbox": (zipped(mail=mbox(ONE, TWO)), [("inbox/mail", ONE), ("inbox/mail", TWO)]),
    "tar of an mbox": (tarred(mail=mbox(ONE, TWO)), [("inbox/mail", ONE), ("inbox/mail", TWO)]),
    "empty zip": (zipped(), []),
}


@pytest.mark.parametrize(("container", "expected"), CONTAINERS.values(), ids=CONTAINERS)
def test_every_message_is_there_byte_for_byte(container: bytes, expected: list[tuple[str, bytes]]) -> None:
    """In order, whatever the container is called."""
    assert is_container(container[:512])
    assert expected == list(held(container))


@pytest.mark.parametrize("raw", [ONE, b"", b"\x00\x01", b"From: bob@example.org\n\nHello.\n", b"From me to you\n\n"])
def test_a_message_is_no_container(raw: bytes) -> None:
    """Though its first field may be From."""
    assert not is_container(raw)


@pytest.mark.parametrize(
    "separator",
    [
        SEPARATOR,
        b"From - Sun Mar 01 09:30:00 2026\r\n",
        b"From 1793487512@xxx Sun Mar 01 09:30:00 +0000 2026\n",
        b"From MAILER-DAEMON Sun Mar  1 09:30:00 CET 2026\n",
        b"From bob@example.org  Sun Mar  1 09:30 2026 remote from mail.example.org\n",
    ],
)
def test_separators_of_many_programs_are_known(separator: bytes) -> None:
    """Thunderbird's, Google Takeout's, those with a zone or without seconds."""
    assert [ONE, TWO] == [message for _, message in held(mbox(ONE, TWO, separator=separator))]


def test_a_sentence_that_begins_with_from_parts_no_message() -> None:
    """Many programs leave it unquoted, and it ends otherwise than a separator."""
    letter = raw_message("Dear Alice,\n\nFrom the very beginning, in 2026, it was so.\n")

    assert [letter] == [message for _, message in held(mbox(letter))]


def test_a_long_line_of_times_takes_no_time() -> None:
    """No separator is so long; and whether it is one would be tried with each time and each year in it."""
    letter = raw_message("Dear Alice,\n\nFrom me " + "00:00 " * 100_000 + "\n")
    begun = time.process_time()

    assert [letter] == [message for _, message in held(mbox(letter))]
    assert 1 > time.process_time() - begun


def test_a_quoted_from_is_read_as_it_was() -> None:
    """One ``>`` was put before it for the mbox."""
    letter = raw_message("Hello,\n\nFrom bob@example.org Sun Mar  1 09:30:00 2026\n>From x\n")

    quoted = letter.replace(b"\n>From", b"\n>>From").replace(b"\nFrom bob@e", b"\n>From bob@e", 1)
    assert [letter] == [message for _, message in held(mbox(quoted))]


def test_reading_an_mbox_can_go_on_behind_every_message() -> None:
    """From the byte that is told with it."""
    whole = mbox(ONE, TWO, ONE)

    for position, (_, end) in enumerate(mbox_messages(BytesIO(whole)), start=1):
        assert [ONE, TWO, ONE][position:] == [message for message, _ in mbox_messages(BytesIO(whole[end:]))]


def test_an_encrypted_member_is_said_to_be_and_stops_no_other() -> None:
    """Nobody can be asked for the password."""
    archive = bytearray(zipped(**FILES))
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        archive[archive.index(magic, archive.index(magic) + 1) + flags] |= 1

    assert [("inbox/1.eml", Unread("It is encrypted, and there is no password.")), NAMED[1]] == list(
        held(bytes(archive))
    )


def test_a_damaged_member_stops_no_other() -> None:
    """The others are whole."""
    archive = bytearray(zipped(**FILES))
    at = archive.index(b"1.eml") + len(b"1.eml")
    archive[at : at + 8] = b"\xff" * 8

    (_, damaged), *others = held(bytes(archive))

    assert (True, [NAMED[1]]) == (isinstance(damaged, Unread), others)


def test_what_is_packed_twice_is_no_container_of_messages() -> None:
    """Or it could be packed without end."""
    twice = gzip.compress(gzip.compress(mbox(ONE)))

    assert [("", gzip.compress(mbox(ONE)))] == list(held(twice))


@pytest.mark.parametrize("name", ["mbox.gz", "zip", "tar", "tar.gz", "tar.bz2", "tar.xz"])
def test_a_container_that_was_cut_off_is_damaged(name: str) -> None:
    """And never taken for one that ends there."""
    whole, _ = CONTAINERS[name]

    # A .tar ends in many empty blocks.
    length = len(whole.rstrip(b"\0"))
    with pytest.raises(Damaged):
        list(held(whole[: length // 2]))


def test_a_damaged_mbox_in_a_zip_stops_no_other_member() -> None:
    """What could be read of it is there, and of the rest it is said."""
    letters = [
        raw_message(f"{secrets.token_hex(100_000)}\n", message_id=f"<{number}@example.org>") for number in range(2)
    ]
    archive = bytearray(zipped(mail=mbox(*letters), two=TWO))
    archive[archive.index(b"inbox/two") - 200] ^= 0xFF

    first, (name, damaged), last = held(bytes(archive))

    assert (("inbox/mail", letters[0]), ("inbox/two", TWO)) == (first, last)
    assert name == "inbox/mail"
    assert isinstance(damaged, Unread)
    assert damaged.because.startswith("It cannot be unpacked: ")


@pytest.mark.parametrize("name", ["mbox.gz", "tar.gz", "tar.bz2", "tar.xz"])
def test_a_container_that_does_not_unpack_is_damaged(name: str) -> None:
    """Whatever its reader calls that."""
    whole, _ = CONTAINERS[name]
    at = len(whole) // 2

    with pytest.raises(Damaged):
        list(held(whole[:at] + bytes(255 - each for each in whole[at : at + 20]) + whole[at + 20 :]))


def test_no_member_of_a_zip_whose_directory_leads_nowhere_is_read() -> None:
    """It says of every member that it begins before the file does."""
    archive = zipped(**FILES)
    end = archive.rindex(b"PK\x05\x06")
    nowhere = archive[: end + 16] + b"\xff\xff\xff\x7f" + archive[end + 20 :]

    assert [(name, Unread) for name, _ in NAMED] == [(name, type(content)) for name, content in held(nowhere)]


def test_a_connection_that_is_lost_is_no_damage() -> None:
    """The load is tried again."""

    class Lost(BytesIO):
        def readinto(self, _buffer: Any, /) -> int:
            raise ConnectionResetError

    lost = BufferedReader(cast("Any", Lost()))
    with pytest.raises(ConnectionResetError):
        list(held_messages(lost))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_tar_whose_names_would_take_all_memory_is_damaged(kind: bytes) -> None:
    """A few megabytes unpack to gigabytes, and they would be held at once."""
    member = tarfile.TarInfo("inbox/1.eml")
    member.type, member.size = kind, 1024 * 1024 * 1024

    with pytest.raises(Damaged, match="name and attributes have 1,073,741,824 bytes"):
        list(held(gzip.compress(member.tobuf() + bytes(100_000))))


def test_a_member_of_a_tar_may_have_a_long_name() -> None:
    """Whichever way it is written."""
    name = "archive/" * 60
    for written in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
        container = BytesIO()
        with tarfile.open(fileobj=container, mode="w", format=written) as archive:
            member = tarfile.TarInfo(f"{name}1.eml")
            member.size = len(ONE)
            archive.addfile(member, BytesIO(ONE))

        assert [(f"{name}1.eml", ONE)] == list(held(container.getvalue()))
