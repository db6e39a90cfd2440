"""A message that arrived becomes one Message item, and an entry for every internal address that it reached."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from addresses.address import parse
from addresses.archive import Envelope
from addresses.errors import NoInternalDomains
from addresses.items import new_address
from addresses.settings import Settings
from mail_ingest.arrival import Arrival
from mail_ingest.errors import NoSuchObject
from tests.mail import BUCKET, SETTINGS, Crash, PostRoom, post_room, raw_message, ses_notification
from tests.people import ALICE, BOB, CAROL

KEY = "inbound/one.eml"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TO_ALICE_AND_BOB = Envelope("carol@example.com", ("alice@example.com", "bob@example.com"))


@pytest.fixture
def room() -> Iterator[PostRoom]:
    """An empty post room."""
    with post_room() as room:
        yield room


def test_keeps_what_the_header_says_and_where_the_raw_message_lies(room: PostRoom) -> None:
    """The raw message stays in its object; the item says which version of it."""
    raw = raw_message(cc="Carol <carol@example.com>", subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    room.put(KEY, raw, NOON)

    room.file(KEY, TO_ALICE_AND_BOB)

    message = room.message()
    version = room.s3.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    assert ("bob@example.org", ("alice@example.com", "carol@example.com")) == (message.sender, message.to)
    assert ("Grüße", "<minutes-1@example.org>") == (message.subject, message.message_id)
    assert "Sun, 01 Mar 2026 10:29:58 +0100" == message.date
    assert ("2026-03-01T12:00:00Z", len(raw)) == (message.received_at, message.size)
    assert (BUCKET, KEY, version) == (message.raw.bucket, message.raw.key, message.raw.version)
    assert (TO_ALICE_AND_BOB, None) == (message.envelope, message.unparsed)


def test_files_for_every_envelope_recipient_and_for_the_sender(room: PostRoom) -> None:
    """Each has it in the archive of the address: no address is resolved to a primary."""
    room.put(KEY, raw_message())

    room.file(KEY, TO_ALICE_AND_BOB)

    expected = {"alice@example.com": ["received"], "bob@example.com": ["received"], "carol@example.com": ["sent"]}
    assert expected == room.entries()


FROM_CAROL = Envelope("carol@example.com", ("alice@example.com",))


def test_a_stranger_puts_nothing_into_the_archive_of_whom_they_say_they_are(room: PostRoom) -> None:
    """SPF says that their server may not send for Carol: Alice received it, and Carol sent nothing."""
    room.put(KEY, raw_message(**{"from": "carol@example.com"}))

    room.take(ses_notification(KEY, FROM_CAROL, spf="FAIL"))

    assert {"alice@example.com": ["received"]} == room.entries()
    assert [ALICE] == room.known()
    assert "FAIL" == getattr(room.message().verdicts, "spf", None)


@pytest.mark.parametrize("spf", ["PASS", "GRAY", "PROCESSING_FAILED", "DISABLED", None])
def test_a_sender_is_believed_unless_spf_denies_it(room: PostRoom, spf: str | None) -> None:
    """A domain without an SPF record loses no mail of its people. What DKIM and DMARC ask for is From."""
    room.put(KEY, raw_message())

    room.take(ses_notification(KEY, FROM_CAROL, dkim="FAIL", dmarc="FAIL", **({"spf": spf} if spf else {})))

    assert {"alice@example.com": ["received"], "carol@example.com": ["sent"]} == room.entries()


@pytest.mark.parametrize("order", [("PASS", "FAIL"), ("FAIL", "PASS")])
def test_a_copy_that_a_stranger_sends_again_takes_nothing_from_the_sender(
    room: PostRoom, order: tuple[str, str]
) -> None:
    """Whichever of the two came first."""
    for spf in order:
        room.put(f"inbound/ses/{spf}", raw_message())
        room.take(ses_notification(f"inbound/ses/{spf}", FROM_CAROL, spf=spf))

    assert {"alice@example.com": ["received"], "carol@example.com": ["sent"]} == room.entries()


def test_an_entry_shows_what_a_list_row_needs(room: PostRoom) -> None:
    """Its key says when it was received, and which message it is."""
    room.put(KEY, raw_message(), NOON)

    digest = room.file(KEY).message.digest

    (entry,) = [item for item in room.items() if item["pk"] == "ARCHIVE#alice@example.com"]
    assert f"2026-03-01T12:00:00Z#{digest}" == entry["sk"]
    assert ("bob@example.org", ["alice@example.com"], "Minutes") == (entry["sender"], entry["to"], entry["subject"])


def test_a_message_that_reaches_nobody_is_kept(room: PostRoom) -> None:
    """It was given to the archive, so it stays, though in nobody's archive."""
    room.put(KEY, raw_message(to="carol@example.org"))

    filed = room.file(KEY)

    assert () == filed.addressees.all
    assert {} == room.entries()
    assert "carol@example.org" == room.message().to[0]


def test_addresses_first_seen_in_mail_become_known(room: PostRoom) -> None:
    """An administrator finds them; what an address was before stays."""
    before = new_address(ALICE) | {"tenures": [{"mailbox": "m-1", "from": "x", "source": "manual", "run": "r"}]}
    room.table.put_new(before)
    room.put(KEY, raw_message())

    room.file(KEY, TO_ALICE_AND_BOB)

    assert [ALICE, BOB, CAROL] == room.known()
    assert before in room.items()


def test_addresses_of_a_large_distribution_become_known_many_at_a_time(room: PostRoom) -> None:
    """Also when some of them are known already, or become so at the same moment."""
    recipients = tuple(f"p{number}@example.com" for number in range(250))
    room.table.put_new(new_address(parse(recipients[17])))
    room.put(KEY, raw_message(to="all@example.com"))
    room.calls.clear()

    room.file(KEY, Envelope("", recipients))

    assert sorted(recipients) == sorted(room.known())
    called = Counter(name for name, _ in room.calls)
    # The message, and those that are less than a hundred.
    assert (2, 1 + 49) == (called["TransactWriteItems"], called["PutItem"])


def test_a_warm_function_writes_one_item_for_the_message_and_one_an_entry(room: PostRoom) -> None:
    """Nothing is read from the table, and an address is made known once per container."""
    for key in ("inbound/1", "inbound/2"):
        room.put(key, raw_message(message_id=f"<{key}@example.org>"))
    room.file("inbound/1", TO_ALICE_AND_BOB)
    room.calls.clear()

    room.file("inbound/2", TO_ALICE_AND_BOB)

    assert [("GetObject", 0), ("PutItem", 1), ("BatchWriteItem", 2), ("PutItem", 1)] == room.calls


def test_a_copy_is_filed_where_the_first_one_stands(room: PostRoom) -> None:
    """The copy came later, to another address, by another way: one message, one position in both archives."""
    room.put("inbound/1", b"Received: by one\r\n" + raw_message(), NOON)
    other_way = b"Received: by another way\n" + raw_message().replace(b"\r\n", b"\n")
    room.put("inbound/2", other_way, NOON + timedelta(days=1))

    room.file("inbound/1", Envelope("bob@example.org", ("alice@example.com",)))
    filed = room.file("inbound/2", Envelope("bob@example.org", ("alice.smith@example.com",)))

    positions = {item["sk"] for item in room.items() if item["pk"].startswith("ARCHIVE#")}
    assert filed.copy
    assert "inbound/1" == room.message().raw.key
    assert {f"2026-03-01T12:00:00Z#{filed.message.digest}"} == positions
    assert {"alice@example.com": ["received"], "alice.smith@example.com": ["received"]} == room.entries()


def test_an_envelope_that_comes_later_is_added(room: PostRoom) -> None:
    """S3 told of the object first; what SES tells then is kept, and not replaced by a third."""
    room.put(KEY, raw_message())

    room.file(KEY)
    room.file(KEY, TO_ALICE_AND_BOB)
    room.file(KEY, Envelope("", ("alice@example.com",)))

    assert TO_ALICE_AND_BOB == room.message().envelope


def test_a_recipient_who_is_named_twice_is_kept_once(room: PostRoom) -> None:
    """So that the same event again changes nothing."""
    room.put(KEY, raw_message())
    twice = Envelope("", ("alice@example.com", "alice@example.com"))

    for _ in range(2):
        room.file(KEY, twice)
        assert ("alice@example.com",) == room.message().envelope.recipients  # type: ignore[union-attr]


def test_who_sent_and_received_has_received_in_either_order(room: PostRoom) -> None:
    """A list brings Carol's message back to her: the copy that she sent and the one that she got are one entry."""
    sent = Envelope("carol@example.com", ("alice@example.com",))
    back = Envelope("list@example.org", ("carol@example.com",))
    for key, order in (("inbound/1", (sent, back)), ("inbound/2", (back, sent))):
        room.put(key, raw_message(message_id=f"<{key}@example.org>"))
        for envelope in order:
            room.file(key, envelope)

    assert ["received", "received"] == room.entries()["carol@example.com"]


def test_the_version_that_was_announced_is_read(room: PostRoom) -> None:
    """The object was overwritten meanwhile; each version is a message of its own."""
    room.put(KEY, raw_message(subject="First"))
    first = room.s3.head_object(Bucket=BUCKET, Key=KEY)["VersionId"]
    room.put(KEY, raw_message(subject="Second"))

    room.file_arrival(Arrival(BUCKET, KEY, first), SETTINGS)

    assert ("First", first) == (room.message().subject, room.message().raw.version)


@pytest.mark.parametrize("version", [None, "096fKKXTRTtl3on89fVO.nfljtsv6qko"])
def test_an_object_that_is_gone_goes_back_to_the_queue(room: PostRoom, version: str | None) -> None:
    """It was deleted between the event and the reading: that is loud, never taken for done."""
    if version:
        room.put(KEY, raw_message())

    with pytest.raises(NoSuchObject, match="restore it"):
        room.file_arrival(Arrival(BUCKET, KEY, version), SETTINGS)

    assert [] == room.items()


def test_mail_waits_until_there_is_an_internal_domain(room: PostRoom) -> None:
    """Nobody can say whose it is, so it is not even read."""
    with pytest.raises(NoInternalDomains, match="PUT /settings"):
        room.file_arrival(Arrival(BUCKET, KEY), Settings())

    assert [] == room.calls


def test_a_crash_after_any_call_is_made_good_by_the_redelivery() -> None:
    """The process ends after each call in turn and the event comes again: the table is as after one undisturbed run."""

    def outcome(crash_after: int | None) -> tuple[bool, list[object]]:
        with post_room() as room:
            room.put(KEY, raw_message(), NOON)
            room.crash_after = crash_after
            try:
                room.file(KEY, TO_ALICE_AND_BOB)
            except Crash:
                crashed = True
            else:
                crashed = False
            room.crash_after = None
            room.restart()
            room.file(KEY, TO_ALICE_AND_BOB)
            # The version of the object is new in every room.
            return crashed, [item | {"raw": None} if "raw" in item else item for item in room.items()]

    _, undisturbed = outcome(None)
    for calls in count():
        crashed, items = outcome(calls)
        assert undisturbed == items, f"crashed after {calls + 1} calls"
        if not crashed:
            break
    # The object, the message, two entries in one call, the sender's, which are known, and three that are not.
    assert 8 == calls
