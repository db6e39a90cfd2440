"""What lies in the mail bucket is announced again as it was when it came."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from addresses.archive import Envelope
from mail_ingest.arrival import Arrival, arrivals
from mail_ingest.notifications import Notifications, notification_key
from operations.refile import NOTIFICATIONS, SES, refile
from tests.mail import raw_message, ses_notification
from tests.operating import MAIL_BUCKET, Crash, Desk, desk

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
ENVELOPE = Envelope("bob@example.org", ("hidden@example.com",))


@pytest.fixture
def office() -> Iterator[Desk]:
    """A stack whose bucket and queues are empty."""
    with desk() as made:
        yield made


def stored(office: Desk, key: str, raw: bytes = b"") -> str:
    """Put an object; its version."""
    return office.s3.put_object(Bucket=MAIL_BUCKET, Key=key, Body=raw or raw_message())["VersionId"]


def received(office: Desk, key: str) -> str:
    """SES put an object, and told of it; what it told."""
    stored(office, key)
    told = ses_notification(key, ENVELOPE, MAIL_BUCKET, spf="PASS")
    Notifications(office.s3, MAIL_BUCKET).keep(key, told)
    return told


def refiled(office: Desk, since: datetime = LONG_AGO) -> int:
    """Give the command."""
    return refile(office.session.client("s3"), office.session.client("sqs"), office.outputs, since, office.said.append)


def announced(office: Desk, queue: str) -> list[Arrival]:
    """What the function reads off a queue."""
    return [arrival for body in office.waiting(queue) for arrival in arrivals(body, MAIL_BUCKET)]


def test_every_version_is_announced_as_s3_does_on_the_queue_to_which_s3_does(office: Desk) -> None:
    """With a key that has to be encoded; what nothing announces is left alone."""
    key = "inbound/Board minutes+1 (ü).eml"
    versions = [stored(office, key, raw_message(body)) for body in ("one", "two")]
    office.s3.delete_object(Bucket=MAIL_BUCKET, Key=key)
    load = stored(office, "import/2026/alice@example.com.mbox")
    stored(office, "originals/1.eml")

    assert 0 == refiled(office)

    mail = announced(office, "MailQueue")
    assert sorted(versions) == sorted(str(arrival.version) for arrival in mail)
    assert {key} == {arrival.key for arrival in mail}
    assert [Arrival(MAIL_BUCKET, "import/2026/alice@example.com.mbox", load)] == announced(office, "LoadQueue")
    assert ["inbound/: 2 announced again.", "import/: 1 announced again."] == office.said


def test_what_ses_received_is_announced_with_what_ses_told_of_it(office: Desk) -> None:
    """To the letter: whoever was on Bcc has it again, and verdicts count as they did."""
    told = received(office, "inbound/ses/1")
    assert 0 == refiled(office)
    assert [told] == office.waiting("MailQueue")


def test_what_ses_received_is_left_out_and_named_where_nothing_was_kept_of_it(office: Desk) -> None:
    """By its header alone a forged journal report would be believed."""
    told = received(office, "inbound/ses/1")
    stored(office, "inbound/ses/2")
    assert 1 == refiled(office)
    assert [told] == office.waiting("MailQueue")
    assert office.said[0].startswith("inbound/ses/2 is left out: ")


def test_nothing_is_announced_that_was_there_before(office: Desk) -> None:
    """S3 keeps whole seconds, and the second itself is included."""
    stored(office, "inbound/1")
    at = office.s3.head_object(Bucket=MAIL_BUCKET, Key="inbound/1")["LastModified"]
    assert 0 == refiled(office, at + timedelta(seconds=1))
    assert [] == office.waiting("MailQueue")
    assert 0 == refiled(office, at.replace(microsecond=999_999))
    assert 1 == len(office.waiting("MailQueue"))


@pytest.mark.parametrize("call", range(10))
def test_a_command_that_is_cut_off_after_any_call_is_given_again_and_announces_everything(
    office: Desk, call: int
) -> None:
    """Something of it twice, which files nothing twice."""
    told = received(office, "inbound/ses/1")
    for key in ("inbound/1", "import/1"):
        stored(office, key)
    office.crash_after = call
    with suppress(Crash):
        refiled(office)
    office.crash_after = None
    assert 0 == refiled(office)
    assert {"inbound/1", "inbound/ses/1"} == {arrival.key for arrival in announced(office, "MailQueue")}
    assert told in office.waiting("MailQueue")
    assert {"import/1"} == {arrival.key for arrival in announced(office, "LoadQueue")}


def test_command_and_function_mean_the_same_places() -> None:
    """What is deployed and what is not share no code for it."""
    assert notification_key("inbound/ses/1") == f"{NOTIFICATIONS}{SES}1.json"
