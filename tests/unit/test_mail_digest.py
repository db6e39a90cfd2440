"""Copies of one message share a digest, and different messages never do."""

from io import BytesIO

import pytest

from mail_ingest.reading import read_message
from tests.mail import raw_message


def digest(raw: bytes) -> str:
    """The digest of the raw message."""
    return read_message(BytesIO(raw)).digest


@pytest.mark.parametrize(
    "copy",
    [
        b"Received: from here\r\n\tby there; Sun, 01 Mar 2026 10:30:00 +0100\r\n" + raw_message(),
        raw_message().replace(b"\r\n", b"\n"),
        raw_message(subject="[List] Minutes", to="list@example.org"),
        raw_message(**{"from": "Bob\r\n\t <bob@example.org>"}),
        raw_message().replace(b"Message-ID:", b"message-id :"),
    ],
    ids=["trace", "LF", "rewritten by a list", "folded", "spelled otherwise"],
)
def test_copies_by_different_ways_share_a_digest(copy: bytes) -> None:
    """What hops add or rewrite does not count: Message-ID, Date, From and the body do."""
    assert digest(raw_message()) == digest(copy)


@pytest.mark.parametrize(
    "other",
    [
        raw_message("Goodbye.\r\n"),
        raw_message("Hello.\r\n\r\n"),
        raw_message(message_id="<minutes-2@example.org>"),
        raw_message(date="Sun, 01 Mar 2026 10:29:59 +0100"),
        raw_message(**{"from": "Mallory <mallory@example.org>"}),
        raw_message(date=None),
        b"Message-ID: <another@example.org>\r\n" + raw_message(),
        raw_message("Hello.\r"),
    ],
)
def test_another_message_has_another_digest(other: bytes) -> None:
    """Whoever forges the Message-ID alone suppresses nothing."""
    assert digest(raw_message()) != digest(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Hello.\rWorld", "Hello.\nWorld"), ("\r\r\n", "\r\n"), ("\r", "\n"), ("", "\n")]
)
def test_only_a_crlf_is_read_as_lf(one: str, other: str) -> None:
    """A bare CR in the body is content."""
    assert digest(raw_message(one)) != digest(raw_message(other))


@pytest.mark.parametrize("message_id", [None, "", "  "])
def test_without_a_message_id_the_whole_message_counts(message_id: str | None) -> None:
    """Nothing else would tell two reminders apart that differ in their subject alone."""
    assert digest(raw_message(message_id=message_id)) == digest(raw_message(message_id=message_id))
    assert digest(raw_message(message_id=message_id)) != digest(raw_message(message_id=message_id, subject="Again"))


def test_with_a_broken_header_the_whole_message_counts() -> None:
    """Lines that are neither field nor body would be part of nothing else."""
    broken = b"From: bob@example.org\r\nMessage-ID: <1@example.org>\r\n%b\r\n\r\nHello."

    assert digest(broken % b"one stray line") != digest(broken % b"another one")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"Date: a b\r\nFrom: c\r\n", b"Date: a\r\nFrom: b c\r\n"),
        (b"From: a\r\nFrom: bc\r\n", b"From: ab\r\nFrom: c\r\n"),
        (b"Date: a\r\nDate: b\r\n", b"Date: a\r\nFrom: b\r\n"),
    ],
)
def test_parts_cannot_be_shifted_into_each_other(one: bytes, other: bytes) -> None:
    """What one message says in its Date, another cannot say in its From."""
    assert digest(b"Message-ID: <1@example.org>\r\n%b\r\n" % one) != digest(
        b"Message-ID: <1@example.org>\r\n%b\r\n" % other
    )
