"""What a message on the mail queue announces."""

import json
from pathlib import Path
from typing import Any

import pytest

from addresses.archive import Envelope, Verdicts
from mail_ingest.arrival import Arrival, arrivals
from mail_ingest.errors import ForeignBucket, UnknownNotification
from tests.mail import BUCKET, s3_event, ses_notification

EVENTS = Path(__file__).parents[2] / "events"
EXAMPLE_BUCKET = "alias-addresses-mail-123456789012-0a1b2c3d"
ENVELOPE = Envelope("bob@example.org", ("alice@example.com", "alice.smith@example.com"))
SES_KEY = "inbound/ses/d6iitobk75ur44p8kdnnp7g2n800lq4h8trm7fg1"


def body(event: str) -> str:
    """The body of the one message in an example event."""
    (record,) = json.loads((EVENTS / event).read_text())["Records"]
    return str(record["body"])


def test_s3_announces_an_object_and_its_version() -> None:
    """S3 writes keys as in a query string."""
    expected = Arrival(EXAMPLE_BUCKET, "inbound/exchange/Board minutes (March).eml", "096fKKXTRTtl3on89fVO.nfljtsv6qko")

    assert [expected] == arrivals(body("s3_object_created.json"), EXAMPLE_BUCKET)


def test_ses_announces_an_object_and_its_envelope() -> None:
    """The recipients are those of the receipt, which this rule received for, not all that the sender named.

    With them come the verdicts, and the server that SES had it from.
    """
    verdicts = Verdicts("PASS", "PASS", "PASS", "PASS", "PASS")
    expected = Arrival(EXAMPLE_BUCKET, SES_KEY, None, ENVELOPE, verdicts, "192.0.2.10")

    assert [expected] == arrivals(body("ses_received.json"), EXAMPLE_BUCKET)


def test_ses_may_come_without_the_envelope_of_sns() -> None:
    """A topic with raw delivery leaves it off."""
    bare = json.loads(body("ses_received.json"))["Message"]

    assert arrivals(body("ses_received.json"), EXAMPLE_BUCKET) == arrivals(bare, EXAMPLE_BUCKET)


def test_the_null_sender_of_a_bounce_is_an_envelope_too() -> None:
    """``MAIL FROM:<>`` (RFC 5321 section 4.5.5)."""
    envelope = Envelope("", ("alice@example.com",))

    (arrival,) = arrivals(ses_notification("inbound/ses/1", envelope), BUCKET)

    assert envelope == arrival.envelope


def test_s3_s_event_for_what_ses_stored_announces_nothing() -> None:
    """The notification that knows the envelope files it."""
    assert [] == arrivals(s3_event("inbound/ses/1"), BUCKET)


def test_s3_s_test_event_announces_nothing() -> None:
    """S3 sends it once, when the notification is set up."""
    told = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Time": "2026-03-01T09:30:00.000Z", "Bucket": BUCKET}

    assert [] == arrivals(json.dumps(told), BUCKET)


@pytest.mark.parametrize("told", [s3_event("inbound/1", bucket="other"), ses_notification("1", ENVELOPE, "other")])
def test_another_bucket_is_refused(told: str) -> None:
    """Whoever can write to the queue cannot have other buckets read for them."""
    with pytest.raises(ForeignBucket, match="'other'"):
        arrivals(told, BUCKET)


def without(told: str, *path: str) -> str:
    """The notification without what is at this path."""
    whole = json.loads(told)
    inner: Any = whole
    for name in path[:-1]:
        inner = inner[name]
    del inner[path[-1]]
    return json.dumps(whole)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "not JSON",
        "[" * 100_000,
        "1" * 5_000,
        "null",
        "[]",
        "{}",
        '{"Records": []}',
        '{"Records": [{"eventName": "ObjectCreated:Put"}]}',
        s3_event("inbound/1").replace("ObjectCreated:Put", "ObjectRemoved:Delete"),
        '{"Type": "Notification", "Message": "not JSON"}',
        '{"Type": "Notification", "Message": {}}',
        '{"Type": "SubscriptionConfirmation", "Message": "{}"}',
        '{"notificationType": "Bounce"}',
        without(ses_notification("1", ENVELOPE), "receipt", "recipients"),
        without(ses_notification("1", ENVELOPE), "receipt", "action", "objectKey"),
        without(ses_notification("1", ENVELOPE), "mail"),
        ses_notification("1", ENVELOPE).replace('"S3"', '"Lambda"'),
    ],
    ids=lambda told: told[:60],
)
def test_what_is_not_understood_is_refused(told: str) -> None:
    """So it ends among the dead letters, where somebody sees it; it is not taken for done."""
    with pytest.raises(UnknownNotification, match="to this queue, and nothing else"):
        arrivals(told, BUCKET)


def test_a_refusal_quotes_nothing_of_the_mail() -> None:
    """It ends in the log, and a notification names people and subjects."""
    with pytest.raises(UnknownNotification) as refusal:
        arrivals(ses_notification("1", ENVELOPE).replace('"S3"', '["alice@example.com"]'), BUCKET)

    assert "alice" not in str(refusal.value)
