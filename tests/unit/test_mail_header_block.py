"""Where the header block ends, and what its fields are, whatever breaks its lines."""

import pytest

from mail_ingest.header_block import HEADER_BLOCK_BYTES, cut


@pytest.mark.parametrize("line_break", [b"\r\n", b"\n", b"\r"])
def test_the_first_empty_line_ends_the_header(line_break: bytes) -> None:
    """CRLF, LF and bare CR are line breaks alike."""
    header = line_break.join([b"From: bob@example.org", b"Subject: one", b"\ttwo", b"", b""])

    block = cut(header + b"To: not@example.com", complete=True)

    assert {"from": [b" bob@example.org"], "subject": [b" one\n\ttwo"]} == block.fields
    assert len(header) == block.body_at
    assert block.sound


@pytest.mark.parametrize(
    ("end", "body"),
    [
        (b"\r\n\r\n", b"\n"),
        (b"\r\n\n", b"\r\n"),
        (b"\n\r\n", b"\n"),
        (b"\n\r", b"a"),
        (b"\r\r\n", b"\n"),
        (b"\r\r", b"\r"),
        (b"\n\n", b"\r"),
    ],
)
def test_a_crlf_is_one_line_break_beside_others_too(end: bytes, body: bytes) -> None:
    """No line is empty within a CRLF, and none of the body belongs to the header's end."""
    block = cut(b"From: a" + end + body, complete=True)

    assert len(b"From: a" + end) == block.body_at


def test_a_header_without_a_body_is_a_message() -> None:
    """The header ends where the message does."""
    block = cut(b"From: bob@example.org\r\nTo: alice@example.com", complete=True)

    assert {"from": [b" bob@example.org"], "to": [b" alice@example.com"]} == block.fields
    assert (44, True) == (block.body_at, block.sound)


def test_a_field_may_stand_more_than_once_and_in_any_case() -> None:
    """Every occurrence counts, in order; white space before the colon is obsolete, and allowed."""
    block = cut(b"Delivered-To: a@example.com\nX-Other: x\ndelivered-to : b@example.com\n\n", complete=True)

    assert {"delivered-to": [b" a@example.com", b" b@example.com"]} == block.fields


def test_a_line_of_white_space_continues_the_field() -> None:
    """It is an obsolete fold (RFC 5322 section 4.2), not the end of the header."""
    block = cut(b"Subject: one\r\n  \r\nTo: alice@example.com\r\n\r\n", complete=True)

    assert {"subject", "to"} == set(block.fields)


def test_a_line_that_is_no_field_is_passed_over() -> None:
    """What follows it is read; but the header cannot vouch for the message's identity any more."""
    block = cut(b"Subject: one\nsome junk\nTo: alice@example.com\n\nbody", complete=True)

    assert {"subject": [b" one"], "to": [b" alice@example.com"]} == block.fields
    assert (False, None) == (block.sound, block.flaw)


def test_the_separator_of_an_mbox_file_is_no_part_of_the_message() -> None:
    """Exports leave it in, before the first field."""
    block = cut(b"From bob@example.org Sun Mar  1 10:00:00 2026\nTo: alice@example.com\n\n", complete=True)

    assert ({"to": [b" alice@example.com"]}, True) == (block.fields, block.sound)


@pytest.mark.parametrize(
    "start", [b"PK\x03\x04 a zip", b"\r\nFrom: bob@example.org\r\n\r\n", b"<html>", b" From: a\n\n"]
)
def test_what_does_not_start_with_a_field_is_no_message(start: bytes) -> None:
    """It is said in words, and no field is guessed."""
    block = cut(start, complete=True)

    assert {} == block.fields
    assert block.flaw is not None
    assert "no message" in block.flaw


def test_nothing_is_read_past_256_kib() -> None:
    """The line on which the reading stops is left out: half an address is another address."""
    start = b"From: bob@example.org\r\nTo: alice@example.com,\r\n al" + b"ice" * HEADER_BLOCK_BYTES

    block = cut(start[: HEADER_BLOCK_BYTES + 2], complete=False)

    assert {"from": [b" bob@example.org"], "to": [b" alice@example.com,"]} == block.fields
    assert (None, False) == (block.body_at, block.sound)
    assert block.flaw is not None
    assert "256 KiB" in block.flaw


@pytest.mark.parametrize(("excess", "expected"), [(0, True), (1, False)])
def test_a_header_of_256_kib_is_read_to_its_end(excess: int, expected: bool) -> None:  # noqa: FBT001
    """The empty line must lie within them; a CRLF that stands across their end is not cut in two."""
    filling = b"X: " + b"x" * (HEADER_BLOCK_BYTES - 7 + excess)
    start = (filling + b"\r\n\r\nbody")[: HEADER_BLOCK_BYTES + 2]

    assert expected is (cut(start, complete=False).body_at == HEADER_BLOCK_BYTES)
