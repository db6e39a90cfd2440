"""Every trap is ingested within a second, kept, filed by its envelope, and marked exactly where part was not read."""

import pytest

from addresses.archive import Envelope
from mail_ingest.header import Header, read_header
from mail_ingest.header_block import cut
from tests.evil_mail import Trap, traps
from tests.ingestion import CPU_SECONDS, ingested, require_kept
from tests.mail import raw_message

GREETING = "Привет, мир"


def read(raw: bytes) -> Header:
    """What the header of this message says."""
    return read_header(cut(raw, complete=True))


@pytest.mark.parametrize("trap", traps(), ids=lambda trap: trap.name)
def test_a_trap_is_kept_and_filed_and_marked(trap: Trap) -> None:
    """By its envelope, whatever it says; without one by what of its header can be read."""
    require_kept(trap.raw)
    found = ingested(trap.raw)

    assert found.seconds < CPU_SECONDS
    assert set(trap.named) == found.received
    assert (trap.mark is None) == (found.message.unparsed is None)
    assert (trap.mark or "") in (found.message.unparsed or "")


@pytest.mark.parametrize("charset", ["koi8-r", "windows-1251", "iso-8859-5", "utf-8"])
@pytest.mark.parametrize("body", ["", "--b\r\nContent-Type: text/plain; charset={}\r\n\r\n"])
def test_a_raw_subject_is_read_in_the_charset_that_the_message_names(charset: str, body: str) -> None:
    """Whether its header names it, or the first of its parts."""
    named = f"text/plain; charset={charset}" if not body else "multipart/mixed; boundary=b"
    raw = raw_message(body.format(charset), content_type=named).replace(b"Minutes", GREETING.encode(charset))

    assert GREETING == read(raw).subject


@pytest.mark.parametrize(
    ("charset", "named", "subject"),
    [
        ("gb2312", "GB2312", "你好世界"),
        ("big5", '"big5"', "你好世界"),
        ("shift_jis", "Shift_JIS", "こんにちは、ソ連"),
        ("euc_kr", "euc-kr", "안녕하세요"),
        ("iso2022_jp", "us-ascii", "こんにちは"),
        ("windows-1252", "no-such-charset", "“Grüße” für 5 €"),
        ("windows-1252", "utf-8", "“Grüße” für 5 €"),
        ("windows-1252", "utf-16", "“Grüße” für 5 €"),
        ("windows-1252", "cp037", "“Grüße” für 5 €"),
        ("windows-1252", "unicode_escape", "“Grüße” für 5 €"),
        ("windows-1252", "rot13", "“Grüße” für 5 €"),
    ],
)
def test_a_charset_that_would_not_keep_ascii_is_not_believed(charset: str, named: str, subject: str) -> None:
    """A message may name any; in some of them the addresses would be others. Windows-1252 stands for those."""
    raw = raw_message(content_type=f"text/plain; charset={named}").replace(b"Minutes", subject.encode(charset))

    assert (subject, ("alice@example.com",)) == (read(raw).subject, read(raw).to)


def test_bytes_of_no_charset_are_read_as_latin_1() -> None:
    """Every byte is a character there; those that cannot be seen are left out."""
    assert "a é" == read(raw_message().replace(b"Minutes", b"a\x81\xe9")).subject


def test_a_sign_within_a_letter_of_another_charset_divides_no_address() -> None:
    """The second byte of a letter may be that of an ``@``, a quote or a backslash."""
    raw = raw_message(content_type="text/plain; charset=shift_jis", to="{} <alice@example.com>, carol@example.net")

    assert ("alice@example.com", "carol@example.net") == read(raw.replace(b"{}", "ァソ".encode("shift_jis"))).to


def test_a_long_subject_is_cut_before_a_word_and_visibly() -> None:
    """No part of an encoded word or of a letter is left at its end."""
    words = read(raw_message(subject="=?utf-8?q?=C3=BC?= " * 1_000)).subject
    letters = read(raw_message(subject="ü" * 5_000)).subject

    assert {"ü", "…", " "} == set(words)
    assert "ü" * 4_095 + " …" == letters


def test_a_quoted_local_part_keeps_its_spaces() -> None:
    """With one fewer it would be another address."""
    assert ('"a  b"@example.com',) == read(raw_message(to='"a  b"@example.com')).to


@pytest.mark.parametrize("half", ["\ud800", "alice\udcff@example.com"])
def test_half_a_character_in_an_envelope_loses_nobody_the_message(half: str) -> None:
    """JSON can name it, and nothing can store it."""
    found = ingested(raw_message(), Envelope(half, (half, "alice@example.com")))

    assert {"alice@example.com"} == found.received
    assert found.message.envelope is not None
    assert half.replace("\ud800", "?").replace("\udcff", "?") == found.message.envelope.sender


def test_a_message_with_a_utf_8_mark_is_a_copy_of_the_one_without() -> None:
    """The mark is put there by what stored it."""
    assert ingested(raw_message()).message.digest == ingested(b"\xef\xbb\xbf" + raw_message()).message.digest


def test_a_header_that_begins_with_the_end_of_a_field_vouches_for_nothing() -> None:
    """Two messages that differ there alone stay two."""
    one, other = (ingested(b" %b\r\n" % line + raw_message()) for line in (b"one", b"other"))

    assert one.message.digest != other.message.digest
