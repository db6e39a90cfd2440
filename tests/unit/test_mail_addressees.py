"""Whose personal archives take a message."""

from addresses.archive import Envelope
from mail_ingest.addressees import Addressees, addressees
from mail_ingest.header import Header
from tests.mail import SETTINGS
from tests.people import ALICE, BOB, CAROL

EVERYWHERE = Header(
    sender="bob@example.com",
    to=("alice@example.com",),
    bcc=("carol@example.com",),
    delivered_to=("a1@example.com", "a1@example.net"),
)


def test_the_envelope_tells_whatever_the_header_says() -> None:
    """To and Cc may lie, and do not know of Bcc."""
    envelope = Envelope("carol@example.com", ("alice@example.com",))

    assert Addressees((ALICE,), (CAROL,), 0, 0) == addressees(EVERYWHERE, envelope, SETTINGS)


def test_an_envelope_without_internal_recipients_is_not_filled_up_from_the_header() -> None:
    """Mail that was delivered to others only belongs to nobody here who is merely named in it."""
    envelope = Envelope("", ("someone@example.org",))

    assert Addressees((), (), 0, 1) == addressees(EVERYWHERE, envelope, SETTINGS)


def test_without_an_envelope_the_traces_of_delivery_tell() -> None:
    """Delivered-To and X-Original-To are written by the server that delivers."""
    assert ("a1@example.com", "a1@example.net") == addressees(EVERYWHERE, None, SETTINGS).received


def test_without_traces_of_ours_to_cc_and_bcc_tell() -> None:
    """A mailbox elsewhere that collects our mail leaves its own Delivered-To: that names nobody here."""
    header = Header(
        to=("alice@example.com", "bob@example.com"),
        bcc=("carol@example.com",),
        delivered_to=("collector@example.org",),
    )

    assert Addressees((ALICE, BOB, CAROL), (), 0, 0) == addressees(header, None, SETTINGS)


def test_without_an_envelope_from_tells_who_sent_it() -> None:
    """If the sender is one of ours."""
    assert (BOB,) == addressees(Header(sender="Bob@Example.com", to=("x@example.org",)), None, SETTINGS).sent
    assert () == addressees(Header(sender="bob@example.org"), None, SETTINGS).sent


def test_an_address_is_filed_once_whatever_its_spelling() -> None:
    """Case, and the tag of a domain that delivers it to the same mailbox, make no other archive."""
    recipients = ("ALICE@example.com", "alice@EXAMPLE.com", "alice+news@example.com", "alice+news@example.net")

    assert ("alice@example.com", "alice+news@example.net") == addressees(
        Header(), Envelope("", recipients), SETTINGS
    ).received


def test_who_sent_to_themselves_has_received() -> None:
    """One entry, and mail that forges its recipient as its sender is not shown as sent."""
    envelope = Envelope("alice@example.com", ("alice@example.com",))

    assert Addressees((ALICE,), (), 0, 0) == addressees(Header(), envelope, SETTINGS)


def test_what_is_no_address_is_counted_and_passed_over() -> None:
    """One bad recipient costs no other its mail."""
    envelope = Envelope("<>", ("alice@example.com", "", "nonsense", "a@b@c", "x@example.org", "y@example.org"))

    assert Addressees((ALICE,), (), 3, 2) == addressees(Header(), envelope, SETTINGS)
