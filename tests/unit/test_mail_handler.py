"""The function as Lambda calls it: batches from the queue in, ids of failed messages out."""

import io
import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

import boto3
import pytest

from addresses.archive import Envelope
from addresses.errors import Unfinished
from addresses.items import settings_item
from addresses.settings import Settings
from addresses.table import Item, Table
from mail_ingest import app, handler
from mail_ingest.handler import handle
from tests.containers import mbox
from tests.mail import (
    BUCKET,
    CONTEXT,
    NO_TIME,
    TABLE,
    PostRoom,
    batch,
    post_room,
    raw_message,
    s3_event,
    ses_notification,
)

EVENTS = Path(__file__).parents[2] / "events"
ENVELOPE = Envelope("carol@example.com", ("alice@example.com",))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Iterator[PostRoom]:
    """An empty post room, and a container that starts in it."""
    monkeypatch.setenv("TABLE_NAME", TABLE)
    monkeypatch.setenv("MAIL_BUCKET", BUCKET)
    with post_room() as room:
        app.table.cache_clear()
        app.s3.cache_clear()
        app.filing.cache_clear()
        app.loading.cache_clear()
        yield room


@pytest.fixture
def log(room: PostRoom) -> Iterator[io.StringIO]:
    """What the function logs, one JSON object a line."""
    assert room
    written = io.StringIO()
    listener = logging.StreamHandler(written)
    listener.setFormatter(handler.logger.registered_formatter)
    logger = logging.getLogger(handler.logger.name)
    logger.addHandler(listener)
    yield written
    logger.removeHandler(listener)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    """The lines of the log."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def failed(answer: object) -> list[str]:
    """The ids of the messages that go back to the queue."""
    assert isinstance(answer, dict)
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.mark.parametrize(
    ("event", "key", "expected"),
    [
        (
            "s3_object_created.json",
            "inbound/exchange/Board minutes (March).eml",
            {"alice@example.com": ["received"]},
        ),
        (
            "ses_received.json",
            "inbound/ses/d6iitobk75ur44p8kdnnp7g2n800lq4h8trm7fg1",
            {"alice@example.com": ["received"], "alice.smith@example.com": ["received"]},
        ),
    ],
)
def test_files_what_a_real_event_announces(
    room: PostRoom, event: str, key: str, expected: dict[str, list[str]]
) -> None:
    """Each trigger's example event, with the bucket and the version of this test in the place of its own."""
    room.put(key, raw_message())
    version = room.s3.head_object(Bucket=BUCKET, Key=key)["VersionId"]
    told = (EVENTS / event).read_text().replace("alias-addresses-mail-123456789012-0a1b2c3d", BUCKET)

    answer = handle(json.loads(told.replace("096fKKXTRTtl3on89fVO.nfljtsv6qko", version)), CONTEXT)

    assert [] == failed(answer)
    assert expected == room.entries()


def test_a_container_is_loaded_in_as_many_calls_as_it_takes(room: PostRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is left when the time is over goes back to the queue, until nothing is."""
    sqs = boto3.client("sqs")
    queue = sqs.create_queue(QueueName="loads")["QueueUrl"]
    monkeypatch.setenv("LOAD_QUEUE", queue)
    monkeypatch.setattr("mail_ingest.app.LOADED_AT_ONCE", 1)
    room.put("import/2026/alice@example.com.mbox", mbox(*(raw_message(message_id=f"<{n}@x>") for n in range(40))))
    version = room.s3.head_object(Bucket=BUCKET, Key="import/2026/alice@example.com.mbox")["VersionId"]
    told = (
        (EVENTS / "load_object_created.json").read_text().replace("alias-addresses-mail-123456789012-0a1b2c3d", BUCKET)
    )
    event, calls = json.loads(told.replace("096fKKXTRTtl3on89fVO.nfljtsv6qko", version)), 0

    while event:
        assert [] == failed(handle(event, NO_TIME))
        left = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        event, calls = batch(left[0]["Body"]) if left else None, calls + 1

    assert {"alice@example.com": ["received"] * 40} == room.entries()
    # Sixteen messages at a time; after the last eight there was no time to find that they were the last.
    assert 4 == calls


def test_a_poison_message_does_not_hold_up_its_neighbours(room: PostRoom, log: io.StringIO) -> None:
    """Only what failed goes back to the queue; the log says which and why."""
    room.put("inbound/1", raw_message())
    room.put("inbound/ses/2", raw_message(message_id="<2@example.org>"))

    answer = handle(
        batch(s3_event("inbound/1"), "poison", s3_event("inbound/gone"), ses_notification("inbound/ses/2", ENVELOPE)),
        CONTEXT,
    )

    assert ["1", "2"] == failed(answer)
    assert {"alice@example.com": ["received", "received"], "carol@example.com": ["sent"]} == room.entries()
    errors = [line for line in lines(log) if line["level"] == "ERROR"]
    assert [("1", "UnknownNotification"), ("2", "NoSuchObject")] == [
        (line["itemIdentifier"], line["exception_name"]) for line in errors
    ]


def test_the_entries_of_a_batch_go_in_as_few_calls_as_they_need(
    room: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message is a write of its own, since it may be there; 26 entries of 13 messages are two calls, not 13."""
    monkeypatch.setattr(handler, "filing", lambda: room.filing)
    keys = [f"inbound/ses/{number}" for number in range(13)]
    for key in keys:
        room.put(key, raw_message(message_id=f"<{key}@x>"))
    envelope = Envelope("bob@example.org", ("alice@example.com", "alice.smith@example.com"))
    event = batch(*(ses_notification(key, envelope) for key in keys))
    assert [] == failed(handle(event, CONTEXT))
    room.calls.clear()

    assert [] == failed(handle(event, CONTEXT))

    assert [("BatchWriteItem", 25), ("BatchWriteItem", 1)] == [call for call in room.calls if call[0][:5] == "Batch"]


def test_a_message_that_comes_twice_in_a_batch_is_entered_once(room: PostRoom) -> None:
    """A call of DynamoDB must not name an item twice, or it refuses all of them."""
    for key in ("inbound/1", "inbound/2"):
        room.put(key, raw_message())
    assert [] == failed(handle(batch(*map(s3_event, ("inbound/1", "inbound/2"))), CONTEXT))
    assert {"alice@example.com": ["received"]} == room.entries()


@pytest.mark.parametrize("refusal", [Unfinished, TypeError])
def test_an_entry_that_is_refused_does_not_hold_up_its_neighbours(
    room: PostRoom, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, refusal: type[Exception]
) -> None:
    """Entries of several messages go in one call; if that fails, be it by a mistake of ours, each goes by itself."""
    for key, to in (("inbound/1", "alice@example.com"), ("inbound/2", "carol@example.com")):
        room.put(key, raw_message(message_id=f"<{key}@x>", to=to))
    put_all = Table.put_all

    def refusing(table: Table, items: Iterable[Item]) -> None:
        written = list(items)
        if any(item["pk"] == "ARCHIVE#carol@example.com" for item in written):
            raise refusal("Not this one.")
        put_all(table, written)

    with monkeypatch.context() as patched:
        patched.setattr(Table, "put_all", refusing)
        assert ["1"] == failed(handle(batch(*map(s3_event, ("inbound/1", "inbound/2"))), CONTEXT))

    assert {"alice@example.com": ["received"]} == room.entries()
    assert [("WARNING", None), ("INFO", "inbound/1"), ("ERROR", "inbound/2")] == [
        (line["level"], line.get("object_key")) for line in lines(log)
    ]
    assert [] == failed(handle(batch(s3_event("inbound/2")), CONTEXT))
    assert {"alice@example.com": ["received"], "carol@example.com": ["received"]} == room.entries()


def test_a_batch_of_nothing_but_poison_goes_back_message_by_message(room: PostRoom) -> None:
    """The function itself does not fail, so Lambda does not slow down the queue."""
    assert room

    assert ["0", "1"] == failed(handle(batch("poison", "{}"), CONTEXT))


def test_what_announces_nothing_is_acknowledged(room: PostRoom) -> None:
    """S3's test event, and S3's event for what SES announces itself."""
    assert [] == failed(handle(batch('{"Event": "s3:TestEvent"}', s3_event("inbound/ses/1")), CONTEXT))
    assert [] == room.items()


def test_mail_stays_in_the_queue_until_an_internal_domain_is_set(room: PostRoom) -> None:
    """Settings are read with every batch, so a domain that was just set counts at once."""
    room.put("inbound/1", raw_message())
    ours = settings_item(Settings(internal_domains=["example.com"]))
    room.table.put_all([settings_item(Settings())])
    assert ["0"] == failed(handle(batch(s3_event("inbound/1")), CONTEXT))

    room.table.put_all([ours])

    assert [] == failed(handle(batch(s3_event("inbound/1")), CONTEXT))
    assert {"alice@example.com": ["received"]} == room.entries()


def test_one_line_says_what_was_filed_and_nothing_of_what_it_says(room: PostRoom, log: io.StringIO) -> None:
    """Digest, key and counts; never subject, body or whom it names."""
    room.put("inbound/ses/1", raw_message("Nobody may know.", subject="A secret"))
    envelope = Envelope("carol@example.com", ("alice@example.com", "nonsense", "x@example.org", "y@example.org"))

    handle(batch(ses_notification("inbound/ses/1", envelope)), CONTEXT)

    (line,) = lines(log)
    counts = {name: line[name] for name in ("object_key", "received", "sent", "invalid", "external", "copy")}
    assert {
        "object_key": "inbound/ses/1",
        "received": 1,
        "sent": 1,
        "invalid": 1,
        "external": 2,
        "copy": False,
    } == counts
    assert room.message().digest == line["digest"]
    for secret in ("secret", "Nobody may", "alice", "example.com", "example.org"):
        assert secret not in log.getvalue()


def kept(room: PostRoom) -> dict[str, bytes]:
    """What SES told, by where it is kept; of each object there is one version."""
    versions = room.s3.list_object_versions(Bucket=BUCKET, Prefix="notifications/").get("Versions", [])
    assert len(versions) == len({each["Key"] for each in versions})
    return {each["Key"]: room.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in versions}


def test_what_ses_tells_is_kept_beside_the_message_once_however_often_it_is_delivered(room: PostRoom) -> None:
    """To the letter: the envelope and the verdicts stand nowhere else but in the table."""
    room.put("inbound/ses/1", raw_message())
    told = ses_notification("inbound/ses/1", ENVELOPE, spf="PASS")
    for _ in range(2):
        assert [] == failed(handle(batch(told), CONTEXT))
    assert {"notifications/inbound/ses/1.json": told.encode()} == kept(room)


def test_what_s3_tells_is_not_kept(room: PostRoom) -> None:
    """The object itself says all of it."""
    room.put("inbound/1", raw_message())
    assert [] == failed(handle(batch(s3_event("inbound/1")), CONTEXT))
    assert {} == kept(room)


def test_mail_that_reaches_nobody_is_a_warning(room: PostRoom, log: io.StringIO) -> None:
    """Somebody may have forgotten a domain."""
    room.put("inbound/1", raw_message(to="someone@example.org"))

    handle(batch(s3_event("inbound/1")), CONTEXT)

    (line,) = lines(log)
    assert "WARNING" == line["level"]
    assert "nobody's archive" in str(line["message"])
