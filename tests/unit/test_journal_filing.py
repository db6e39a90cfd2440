"""A journal report is filed for those that it names, if it is believed; else for the address that it came to."""

from collections.abc import Iterator

import pytest

from addresses.archive import Envelope, Verdicts
from mail_ingest.arrival import Arrival
from tests.journals import JOURNAL, lines, report
from tests.mail import BUCKET, SETTINGS, PostRoom, post_room, raw_message, ses_notification

ORIGINAL = raw_message(to="alice@example.com")
KEY = "inbound/ses/report"
REPORTED = Envelope("reports@exchange.example", (JOURNAL,))
TO_ALICE_BCC_CAROL = lines("To: alice@example.com", "Bcc: carol@example.com")


@pytest.fixture
def room() -> Iterator[PostRoom]:
    """An empty post room."""
    with post_room() as room:
        yield room


def test_the_original_is_filed_for_everybody_whom_the_report_names(room: PostRoom) -> None:
    """Also for whom only the envelope knew; the journal address has nothing of it."""
    room.put(KEY, report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.take(ses_notification(KEY, REPORTED, spf="PASS"))

    message = room.message()
    assert {"alice@example.com": ["received"], "carol@example.com": ["received"]} == room.entries()
    assert Envelope("bob@example.org", ("alice@example.com", "carol@example.com")) == message.envelope
    assert ("Minutes", len(ORIGINAL)) == (message.subject, message.size)


def test_the_original_lies_in_an_object_of_its_own_unaltered(room: PostRoom) -> None:
    """So it can be fetched as it was sent; the report stays where it is."""
    room.put(KEY, report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.take(ses_notification(KEY, REPORTED, spf="PASS"))

    raw = room.message().raw
    kept = room.s3.get_object(Bucket=BUCKET, Key=raw.key, VersionId=str(raw.version))["Body"].read()
    assert raw.key.startswith("originals/")
    assert ORIGINAL == kept


def test_several_reports_of_one_message_meet_in_one(room: PostRoom) -> None:
    """Each has some of the recipients; the message has all, and lies in one object."""
    for number, recipient in enumerate(("To: alice@example.com", "To: bob@example.com", "Bcc: carol@example.com")):
        room.put(f"{KEY}{number}", report(lines(recipient), b"Received: by hop %d\r\n" % number + ORIGINAL))
        room.take(ses_notification(f"{KEY}{number}", REPORTED, spf="PASS"))

    assert ("alice@example.com", "bob@example.com", "carol@example.com") == room.message().envelope.recipients  # type: ignore[union-attr]
    assert {"alice@example.com", "bob@example.com", "carol@example.com"} == set(room.entries())
    assert 1 == len(room.s3.list_objects_v2(Bucket=BUCKET, Prefix="originals/")["Contents"])


def test_a_report_and_the_message_itself_meet_in_one(room: PostRoom) -> None:
    """It was received by SES too."""
    room.put("inbound/ses/itself", ORIGINAL)
    room.put(KEY, report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.take(ses_notification("inbound/ses/itself", Envelope("bob@example.org", ("alice@example.com",)), spf="PASS"))
    room.take(ses_notification(KEY, REPORTED, spf="PASS"))

    assert "inbound/ses/itself" == room.message().raw.key
    assert {"alice@example.com": ["received"], "carol@example.com": ["received"]} == room.entries()


def test_sender_and_whom_they_wrote_for_have_it_as_sent(room: PostRoom) -> None:
    """In both their archives."""
    told = lines("To: alice@example.com", sender="bob@example.com", more=["On-Behalf-Of: carol@example.com"])
    room.put(KEY, report(told, ORIGINAL))

    room.take(ses_notification(KEY, REPORTED, spf="PASS"))

    expected = {"alice@example.com": ["received"], "bob@example.com": ["sent"], "carol@example.com": ["sent"]}
    assert expected == room.entries()


BELIEVED = [
    ses_notification(KEY, REPORTED, spf="PASS", dkim="FAIL", dmarc="FAIL"),
    ses_notification(KEY, Envelope("anybody@relay.example", (JOURNAL,)), spf="PASS"),
    ses_notification(KEY, Envelope("", (JOURNAL,)), client="198.51.100.7"),
]
NOT_BELIEVED = {
    "SPF does not confirm the sender": ses_notification(KEY, REPORTED, spf="FAIL", dkim="PASS", dmarc="PASS"),
    "SPF knows nothing of the sender": ses_notification(KEY, REPORTED, spf="GRAY"),
    "no verdict": ses_notification(KEY, REPORTED),
    "another sender": ses_notification(KEY, Envelope("x@exchange.example", (JOURNAL,)), spf="PASS"),
    "a domain that ends like a source": ses_notification(KEY, Envelope("a@b.relay.example", (JOURNAL,)), spf="PASS"),
    "no sender": ses_notification(KEY, Envelope("", (JOURNAL,)), spf="PASS"),
    "another network": ses_notification(KEY, Envelope("", (JOURNAL,)), client="198.51.101.7"),
    "a network named by the client": ses_notification(KEY, Envelope("", (JOURNAL,)), client="198.51.101.7").replace(
        "from mail.example.org", "from (x[198.51.100.7])"
    ),
    "a network in a name of several words": ses_notification(
        KEY, Envelope("", (JOURNAL,)), client="198.51.101.7"
    ).replace("from mail.example.org", "from x (x [198.51.100.7]) by inbound-smtp.eu-west-1.amazonaws.com"),
}


@pytest.mark.parametrize("told", BELIEVED)
def test_a_report_from_a_source_is_believed(room: PostRoom, told: str) -> None:
    """Its From is the original's, so DMARC and its like say nothing of it."""
    room.put(KEY, report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.take(told)

    assert {"alice@example.com", "carol@example.com"} == set(room.entries())


@pytest.mark.parametrize("told", NOT_BELIEVED.values(), ids=NOT_BELIEVED)
def test_a_report_from_elsewhere_is_mail_to_the_journal_address(room: PostRoom, told: str) -> None:
    """It stands there whole, and says what it is; none of those that it names has it."""
    room.put(KEY, report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.take(told)

    assert {JOURNAL: ["received"]} == room.entries()
    assert "did not come to a journal address" in str(room.message().unparsed)


@pytest.mark.parametrize("recipients", [("alice@example.com",), ("alice@example.com", JOURNAL), ()])
def test_a_report_that_came_to_others_is_mail_to_them(room: PostRoom, recipients: tuple[str, ...]) -> None:
    """Somebody sent it to Alice, from an allowed source even: it is hers, and nobody's whom it names."""
    room.put(KEY, report(lines("To: carol@example.com"), ORIGINAL))

    room.take(ses_notification(KEY, Envelope("reports@exchange.example", recipients), spf="PASS"))

    assert set(recipients) == set(room.entries())


def test_without_an_envelope_who_put_it_there_is_believed(room: PostRoom) -> None:
    """An object in the bucket, put by who may: without any trace of a delivery to somebody else."""
    room.put("inbound/report", report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.file("inbound/report")

    assert {"alice@example.com", "carol@example.com"} == set(room.entries())


@pytest.mark.parametrize(
    ("delivered_to", "expected"), [(JOURNAL, {"alice@example.com", "carol@example.com"}), ("bob@example.com", set())]
)
def test_without_an_envelope_the_trace_of_delivery_must_be_the_journal_s(
    room: PostRoom, delivered_to: str, expected: set[str]
) -> None:
    """A mail server that puts everybody's mail into the bucket puts forged reports there as well."""
    trace = f"Delivered-To: {delivered_to}\r\n".encode()
    room.put("inbound/report", trace + report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.file("inbound/report")

    assert (expected or {"bob@example.com"}) == set(room.entries())


def test_a_report_that_names_nobody_here_is_the_journal_address_s(room: PostRoom) -> None:
    """An internal domain may be missing in the settings; there somebody finds it."""
    room.put(KEY, report(lines("To: someone@example.org"), ORIGINAL))

    room.take(ses_notification(KEY, REPORTED, spf="PASS"))

    assert {JOURNAL: ["received"]} == room.entries()


def test_a_report_in_tnef_is_kept_as_it_came_and_filed_by_its_envelope(room: PostRoom) -> None:
    """The original cannot be taken out of it, and the message says so."""
    room.put(KEY, report(TO_ALICE_BCC_CAROL, b"\x78\x9f\x3e\x22", kind="application/ms-tnef"))

    room.take(ses_notification(KEY, REPORTED, spf="PASS"))

    assert {"alice@example.com", "carol@example.com"} == set(room.entries())
    assert (KEY, True) == (room.message().raw.key, "the report itself is kept" in str(room.message().unparsed))


def test_an_encrypted_original_is_kept_and_filed_by_the_envelope(room: PostRoom) -> None:
    """Nothing of it need be read."""
    original = b"From: bob@example.org\r\nContent-Type: application/pkcs7-mime\r\n\r\n\x30\x80\x06\x09\r\n"
    room.put(KEY, report(TO_ALICE_BCC_CAROL, original))

    room.take(ses_notification(KEY, REPORTED, spf="PASS"))

    assert {"alice@example.com", "carol@example.com"} == set(room.entries())
    assert len(original) == room.message().size


def test_a_blind_copy_to_the_journal_address_is_filed_for_whom_it_names(room: PostRoom) -> None:
    """Google Workspace, Zoho and Postfix (always_bcc) send the message itself, with the sender's own envelope."""
    raw = raw_message(to="alice@example.com", cc="bob@example.com", **{"from": "Carol <carol@example.net>"})
    room.put(KEY, raw)

    room.take(ses_notification(KEY, Envelope("carol@example.net", (JOURNAL,)), client="198.51.100.7"))

    expected = {"alice@example.com": ["received"], "bob@example.com": ["received"], "carol@example.net": ["sent"]}
    assert expected == room.entries()
    assert room.message().envelope is None


def test_a_copy_that_says_for_whom_it_was_is_filed_for_them(room: PostRoom) -> None:
    """Google adds X-Gm-Original-To to what it delivers elsewhere too: To may name a list, or others."""
    room.put(KEY, raw_message(to="list@example.org", x_gm_original_to="alice@example.com", delivered_to=JOURNAL))

    room.take(ses_notification(KEY, Envelope("", (JOURNAL,)), client="198.51.100.7"))

    assert {"alice@example.com": ["received"]} == room.entries()


def test_the_journal_address_of_another_alphabet_is_known_in_either_form(room: PostRoom) -> None:
    """As the mail server that delivered the copy wrote it."""
    settings = SETTINGS.model_copy(
        update={
            "internal_domains": [*SETTINGS.internal_domains, "xn--bcher-kva.example"],
            "journal_addresses": ["journal@xn--bcher-kva.example"],
        }
    )
    room.put("inbound/1", raw_message(to="alice@example.com", delivered_to="Journal@b\u00fccher.example"))

    room.file_arrival(Arrival(BUCKET, "inbound/1"), settings)

    assert {"alice@example.com": ["received"]} == room.entries()


def test_a_copy_from_elsewhere_is_mail_to_the_journal_address(room: PostRoom) -> None:
    """Or whoever knows the journal address could put mail into any archive."""
    room.put(KEY, raw_message(to="alice@example.com", **{"from": "carol@example.com"}))

    room.take(ses_notification(KEY, Envelope("carol@example.org", (JOURNAL,)), spf="PASS"))

    assert {JOURNAL: ["received"]} == room.entries()


def test_of_a_report_s_verdicts_those_about_the_content_are_the_original_s(room: PostRoom) -> None:
    """Who sent the report says nothing of who sent the original."""
    room.put(KEY, report(TO_ALICE_BCC_CAROL, ORIGINAL))

    room.take(ses_notification(KEY, REPORTED, spf="PASS", dkim="PASS", dmarc="FAIL", spam="PASS", virus="FAIL"))

    assert Verdicts(None, None, None, "PASS", "FAIL") == room.message().verdicts


def test_a_report_that_comes_again_changes_nothing(room: PostRoom) -> None:
    """However often."""
    room.put(KEY, report(TO_ALICE_BCC_CAROL, ORIGINAL))
    told = ses_notification(KEY, REPORTED, spf="PASS")
    room.take(told)
    before = room.items()

    room.take(told)

    assert before == room.items()
    versions = room.s3.list_object_versions(Bucket=BUCKET, Prefix="originals/")["Versions"]
    assert 1 == len(versions)
