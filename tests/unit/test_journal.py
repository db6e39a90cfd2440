"""What a journal report says, read as Exchange and Microsoft 365 write it."""

import base64
import quopri
from typing import Any

import pytest

from addresses.archive import Envelope
from mail_ingest.journal import JournalReport, read_journal_report
from tests.journals import BOUNDARY, lines, report
from tests.mail import raw_message

ORIGINAL = raw_message("Hello.\r\n--not the boundary\r\n\r\n.\r\n", bcc="carol@example.com")
TO_ALICE = "To: alice@example.com"


def read(raw: bytes) -> JournalReport | None:
    """The report in a raw message."""
    return read_journal_report(raw.partition(b"\r\n\r\n")[2], BOUNDARY)


def envelope(*told: str, **more: Any) -> Envelope:
    """The envelope of a report with these lines."""
    found = read(report(lines(*told, **more), ORIGINAL))
    assert found
    return found.envelope


def test_the_original_is_what_was_attached_byte_for_byte() -> None:
    """No parser writes it anew, and the line break before the boundary is the boundary's."""
    assert JournalReport(Envelope("bob@example.org", ("alice@example.com",)), (ORIGINAL,)) == read(
        report(lines(TO_ALICE), ORIGINAL)
    )


def test_every_recipient_counts_however_they_were_addressed() -> None:
    """Bcc as To; Recipient where the mail server could not tell; each once."""
    told = ["To: a@example.com", "Cc: b@example.com", "Bcc: c@example.com", "Recipient: d@example.com"]

    assert ("a@example.com", "b@example.com", "c@example.com", "d@example.com") == envelope(*told, told[0]).recipients


def test_a_member_of_an_expanded_list_counts_and_the_list_does_not() -> None:
    """A list has no mailbox; each of its members has a line."""
    assert ("alice@example.com",) == envelope("To: alice@example.com, Expanded: team@example.com").recipients


def test_who_has_mail_forwarded_counts_as_well_as_who_gets_it() -> None:
    """It was sent to the one, and arrived at the other."""
    told = "Bcc: bob@example.com, Forwarded: alice@example.com, Expanded: team@example.com"

    assert ("bob@example.com", "alice@example.com") == envelope(told).recipients


def test_who_wrote_on_behalf_of_whom() -> None:
    """An assistant sends in the name of somebody else."""
    told = envelope(TO_ALICE, sender="bob@example.com", more=["On-Behalf-Of: carol@example.com"])

    assert Envelope("bob@example.com", ("alice@example.com",), "carol@example.com") == told


def test_addresses_may_have_display_names() -> None:
    """Other servers' reports have them."""
    told = envelope('To: "Alice, of course" <alice@example.com>', sender="Bob <bob@example.org>")

    assert ("bob@example.org", ("alice@example.com",)) == (told.sender, told.recipients)


def test_a_subject_with_hidden_line_breaks_names_no_recipient_and_no_sender() -> None:
    """Its author is anybody. Encoded words can hold line breaks, and reports have the subject decoded."""
    subject = "x\r\nSender: carol@example.com\r\nMessage-ID: <x>\r\nTo: carol@example.com\r\nBcc: ceo@example.com"

    assert Envelope("bob@example.org", ("alice@example.com",)) == envelope(TO_ALICE, subject=subject)


@pytest.mark.parametrize(
    ("encoding", "encode"), [("base64", base64.encodebytes), ("quoted-printable", quopri.encodestring)]
)
def test_the_text_may_be_encoded(encoding: str, encode: object) -> None:
    """As it is when a name or a subject is not ASCII."""
    assert callable(encode)
    text = encode(lines(TO_ALICE, subject="Grüße").encode()).decode()

    found = read(report(text, ORIGINAL, encoding=f"Content-Transfer-Encoding: {encoding}\r\n"))

    assert found
    assert ("alice@example.com",) == found.envelope.recipients


@pytest.mark.parametrize("charset", ["windows-1252", "undefined", "punycode", "no-such-charset"])
def test_the_text_s_charset_costs_no_recipient(charset: str) -> None:
    """Whatever it is called."""
    raw = report(lines(TO_ALICE, subject="Minutes"), ORIGINAL).replace(b"utf-8", charset.encode())

    found = read(raw)

    assert found
    assert ("alice@example.com",) == found.envelope.recipients


def test_an_original_in_base64_is_decoded() -> None:
    """RFC 2046 does not allow it, and some servers do it."""
    encoded = report(lines(TO_ALICE), base64.encodebytes(ORIGINAL)).replace(
        b"message/rfc822\r\n", b"message/rfc822\r\nContent-Transfer-Encoding: base64\r\n"
    )

    found = read(encoded)

    assert found
    assert (ORIGINAL,) == found.originals


def test_line_breaks_may_be_lf() -> None:
    """Some relays store them so."""
    raw = report(lines(TO_ALICE), ORIGINAL).replace(b"\r\n", b"\n")

    found = read_journal_report(raw.partition(b"\n\n")[2], BOUNDARY)

    assert found
    assert (ORIGINAL.replace(b"\r\n", b"\n"),) == found.originals


def test_the_protected_original_and_its_readable_copy_are_both_there() -> None:
    """Exchange undoes rights management for the journal, and attaches both."""
    protected = raw_message("Protected.\r\n")

    found = read(report(lines(TO_ALICE), protected, ORIGINAL))

    assert found
    assert (protected, ORIGINAL) == found.originals


def test_a_report_whose_original_is_tnef_has_no_original() -> None:
    """A report as winmail.dat still tells the envelope."""
    assert JournalReport(Envelope("bob@example.org", ("alice@example.com",)), ()) == read(
        report(lines(TO_ALICE), b"\x78\x9f\x3e\x22", kind="application/ms-tnef")
    )


def test_a_report_that_was_cut_off_has_what_is_there_of_the_original() -> None:
    """Better part of a message than none."""
    whole = report(lines(TO_ALICE), ORIGINAL)

    found = read(whole[: whole.index(b"not the boundary")])

    assert found
    assert (ORIGINAL[: ORIGINAL.index(b"not the boundary")],) == found.originals


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello Alice,\r\nhere are the minutes.\r\n",
        lines(),
        lines(TO_ALICE).replace("Sender", "From"),
        lines(TO_ALICE).replace("Message-ID", "Id"),
        "Fwd:\r\n" + lines(TO_ALICE),
    ],
)
def test_what_is_no_report_is_none(text: str) -> None:
    """A message that merely attaches another one is mail."""
    assert read(report(text, ORIGINAL)) is None


def test_ten_thousand_recipients_are_read() -> None:
    """One report may name all members of a list."""
    told = [f"To: p{number}@example.com, Expanded: all@example.com" for number in range(10_000)]

    assert 10_000 == len(envelope(*told).recipients)
