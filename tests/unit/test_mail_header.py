"""What a header says, read by whichever layer can read it."""

import time
from typing import Never

import pytest
from fast_mail_parser import ParseError

from mail_ingest import header as header_module
from mail_ingest.header import Header, read_header
from mail_ingest.header_block import cut


def read(text: str | bytes) -> Header:
    """What this header block says."""
    return read_header(cut(text if isinstance(text, bytes) else text.encode(), complete=True))


@pytest.fixture(params=["fast", "standard"])
def layer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Once as it is, once with a fast parser that refuses everything."""

    def refuse(*_: object, **__: object) -> Never:
        raise ParseError

    if request.param == "standard":
        monkeypatch.setattr(header_module, "parse_email", refuse)
    return str(request.param)


@pytest.mark.usefixtures("layer")
def test_every_layer_reads_a_plain_header() -> None:
    """The answer does not tell which of them gave it."""
    expected = Header(
        sender="bob@example.org",
        to=("alice@example.com", "carol@example.com", "dave@example.com"),
        bcc=("erin@example.com",),
        delivered_to=("alice.smith@example.com", "alice@example.com"),
        subject="Grüße aus Köln",
        message_id="<1@example.org>",
        date="Sun, 01 Mar 2026 10:29:58 +0100",
    )

    assert expected == read(
        "Delivered-To: alice.smith@example.com\r\n"
        "X-Original-To: alice@example.com\r\n"
        "From: =?utf-8?q?Bob=2C_B=2E?= <bob@example.org>, Other <other@example.org>\r\n"
        'To: Alice <alice@example.com>,\r\n "Carol, C." <carol@example.com>\r\n'
        "Cc: dave@example.com\r\n"
        "Bcc: erin@example.com\r\n"
        "Subject: =?utf-8?b?R3LDvMOfZQ==?= aus\r\n =?iso-8859-1?q?K=F6ln?=\r\n"
        "Message-ID:\r\n <1@example.org>\r\n"
        "Date: Sun, 01 Mar 2026 10:29:58 +0100\r\n"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a@example.com, broken <, c@example.com", ["a@example.com", "c@example.com"]),
        ("a@example.com, nobody, c@example.com", ["a@example.com", "c@example.com"]),
        ("team: a@example.com, b@example.com;, c@example.com", ["a@example.com", "b@example.com", "c@example.com"]),
        ("a@example.com (A (nested) A), b@example.com", ["a@example.com", "b@example.com"]),
        ("a@example.com; b@example.com", ["a@example.com", "b@example.com"]),
        ("<a@example.com> <b@example.com>", ["a@example.com", "b@example.com"]),
        ('"a@example.com" <b@example.com>', ["b@example.com"]),
        ('"a b"@example.com, b@example.com', ['"a b"@example.com', "b@example.com"]),
        ("<@relay.example.org:a@example.com>", ["a@example.com"]),
        ("=?utf-8?q?evil=40example=2Ecom=2C?= <a@example.com>", ["a@example.com"]),
        ("undisclosed-recipients:;", []),
        ("übung@example.com", ["übung@example.com"]),
        ("", []),
    ],
)
def test_one_odd_address_does_not_lose_the_others(written: str, expected: list[str]) -> None:
    """Mail without an envelope is filed by this list, so all that can be read of it is."""
    assert expected == list(read(f"To: {written}\n").to)


@pytest.mark.parametrize("name", ["To", "Cc", "Bcc", "Delivered-To", "X-Original-To"])
def test_every_occurrence_of_a_recipient_field_counts(name: str) -> None:
    """RFC 5322 allows one; mail in the wild has more."""
    header = read(f"{name}: a@example.com\n{name.upper()}: b@example.com\n")

    assert ("a@example.com", "b@example.com") == (*header.to, *header.bcc, *header.delivered_to)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (b"=?utf-8?q?one=0D=0ABcc:_x=40example.com?=", "one Bcc: x@example.com"),
        (b"a\x00b\x07c", "a b c"),
        (b"\xfcbung", "übung"),
        (b"\xc3\xbcbung", "übung"),
        ("safe\u202eexe.txt\u2028next".encode(), "safe exe.txt next"),
        (b"=?no-such-charset?q?x=41?= rest", "=?no-such-charset?q?x=41?= rest"),
        (b"=?utf-8?b?!!!?= rest", "=?utf-8?b?!!!?= rest"),
    ],
)
def test_a_subject_is_one_line_of_shown_characters(written: bytes, expected: str) -> None:
    """Encoded words cannot smuggle in line breaks, and what cannot be decoded stays as written."""
    assert expected == read(b"Subject: " + written + b"\n").subject


@pytest.mark.usefixtures("layer")
@pytest.mark.parametrize("written", ["=?no-such-charset?q?x=41?=", "=?utf-8?b?A?=", "=?x\0y?q?a?=", "=?idna?q?a..b?="])
def test_a_word_that_cannot_be_decoded_does_not_cost_the_subject(written: str) -> None:
    """The standard library raises another error for each of them."""
    assert read(f"Subject: {written}\n").subject.startswith("=?")


def test_a_list_of_more_than_a_parser_takes_at_once_is_read_to_its_end() -> None:
    """A field of 100 KiB and more; it is divided at commas, but not at those in display names."""
    wanted = [f"user{number}@example.com" for number in range(5000)]
    written = ",\r\n ".join(f'"User, {number}" <{address}>' for number, address in enumerate(wanted))
    assert len(written) > 100 * 1024

    header = read(f"To: {written}\r\n")

    assert (wanted, None) == (list(header.to), header.unparsed)


def test_a_long_list_that_cannot_be_divided_is_left_out_and_said_to_be() -> None:
    """No comma in 100 KiB: whatever that is, nobody's address is guessed from it."""
    header = read(f"To: {'x' * 100 * 1024}@example.com\r\nCc: alice@example.com\r\n")

    assert (("alice@example.com",), "Part of to could not be read.") == (header.to, header.unparsed)


def test_recipients_past_ten_thousand_are_left_out_and_said_to_be() -> None:
    """So that nobody makes us validate a quarter of a megabyte of odd addresses."""
    header = read("To: " + "a@b.example,\n " * 10_001 + "\n")

    assert 10_000 == len(header.to)
    assert header.unparsed is not None
    assert "more than 10000 recipients" in header.unparsed


@pytest.mark.parametrize(
    "hostile",
    [
        b"," * 100_000,
        b'"' * 50_000,
        b"(" * 50_000,
        b"(" * 16_000,
        b"<" * 100_000,
        b"=?utf-8?q?=C3=A9?= " * 12_000,
        b"=?hex?q?zz?=@(" * 18_000,
        b"=?hex?q?zz?=@(,\r\n " * 14_000,
        b"=?" * 120_000,
        b'",' * 120_000,
        "é@ü.example,".encode() * 20_000,
        b"\xff\x00" * 120_000,
        b"\r\n x" * 60_000,
    ],
    ids=lambda hostile: repr(hostile[:12]),
)
@pytest.mark.parametrize("name", ["From", "To", "Subject", "Message-ID"])
def test_no_header_takes_a_second(name: str, hostile: bytes) -> None:
    """Each of these hangs, ends or exhausts some parser; 16 KB of quotes take the standard library's default 4 s."""
    block = cut(f"{name}: ".encode() + hostile + b"\r\n", complete=True)
    begun = time.process_time()

    read_header(block)

    assert time.process_time() - begun < 1
