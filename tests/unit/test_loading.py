"""A bulk load: every message of what was put under ``import/`` is filed, and its result told."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from addresses.errors import NoInternalDomains
from addresses.load import Container, ContainerStatus, LoadName, LoadOutcome, LoadResult
from addresses.load_items import CONTAINER, COUNT, RESULT, container_from, counts_from, load_partition, result_from
from addresses.settings import Settings
from mail_ingest.arrival import Arrival, arrivals, left
from mail_ingest.errors import NoSuchObject
from mail_ingest.load.loading import Loading
from mail_ingest.load.recording import Recording
from tests.containers import mbox, zipped
from tests.journals import lines, report
from tests.mail import BUCKET, SETTINGS, Crash, PostRoom, post_room, raw_message

ALICES = "import/alice@example.com"


@pytest.fixture
def room() -> Iterator[PostRoom]:
    """An empty post room."""
    with post_room() as room:
        yield room


def loading(room: PostRoom) -> Loading:
    """What loads into the room, one message at a time, since moto can no more."""
    return Loading(room.s3, room.filing, Recording(room.table), ThreadPoolExecutor(1))


def load(room: PostRoom, key: str, raw: bytes, settings: Settings = SETTINGS) -> None:
    """Put an object and load it."""
    room.put(key, raw)
    assert loading(room).load(Arrival(BUCKET, key), settings, lambda: True) is None


def results(room: PostRoom, name: str) -> list[LoadResult]:
    """The results of a load, by their positions."""
    return [result_from(item) for item in room.table.partition(load_partition(LoadName(name)), RESULT)]


def counts(room: PostRoom, name: str) -> dict[str, int]:
    """How many messages of a load have which outcome."""
    return dict(+counts_from(room.table.partition(load_partition(LoadName(name)), COUNT)))


def containers(room: PostRoom, name: str) -> list[Container]:
    """The containers of a load."""
    return [container_from(item) for item in room.table.partition(load_partition(LoadName(name)), CONTAINER)]


def numbered(count: int, **changed: str) -> list[bytes]:
    """So many messages to Alice."""
    return [raw_message(message_id=f"<{number}@example.org>", **changed) for number in range(count)]


def test_a_container_s_messages_are_filed_for_whom_they_name(room: PostRoom) -> None:
    """Each lies in an object of its own, so it can be fetched."""
    messages = numbered(3, cc="bob@example.com")

    load(room, "import/old.mbox", mbox(*messages))

    assert {"alice@example.com": ["received"] * 3, "bob@example.com": ["received"] * 3} == room.entries()
    assert {"filed": 3} == counts(room, "old.mbox")
    assert [Container("import/old.mbox", ContainerStatus.READ, 3)] == containers(room, "old.mbox")
    kept = room.s3.list_objects_v2(Bucket=BUCKET, Prefix="originals/")["Contents"]
    assert set(messages) == {room.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in kept}


def test_every_message_has_its_result(room: PostRoom) -> None:
    """By where it stands; with what is wrong, if anything is."""
    files = {"1.eml": raw_message(), "2.eml": raw_message(to="x@example.org"), "photo.jpg": b"\xff\xd8\xff\xe0\x00\x10"}

    load(room, "import/old.zip", zipped(**files))

    filed, nobody, ignored = results(room, "old.zip")
    assert ("import/old.zip#00000001", "inbox/1.eml") == (filed.position, filed.name)
    assert (LoadOutcome.FILED, 1) == (filed.outcome, filed.archives)
    assert (LoadOutcome.NOBODY, True) == (nobody.outcome, "names no internal address" in nobody.because)
    assert (LoadOutcome.IGNORED, True) == (ignored.outcome, "no header" in ignored.because)


def test_loading_again_files_nothing_twice(room: PostRoom) -> None:
    """Neither entries nor objects nor counts."""
    load(room, "import/old.mbox", mbox(*numbered(3)))
    before = room.items()

    load(room, "import/old.mbox", mbox(*numbered(3)))

    assert before == room.items()
    assert 3 == len(room.s3.list_object_versions(Bucket=BUCKET, Prefix="originals/")["Versions"])


def test_what_was_archived_before_is_said_to_be(room: PostRoom) -> None:
    """It came as mail, or by another load; its time stays what it was."""
    room.put("inbound/1", raw_message())
    room.file("inbound/1")

    load(room, "import/old.mbox", mbox(raw_message(), raw_message(message_id="<new@example.org>")))

    assert {"already": 1, "filed": 1} == counts(room, "old.mbox")


def test_a_load_that_is_mended_is_counted_anew(room: PostRoom) -> None:
    """A domain was missing in the settings, so its mail was nobody's; it is loaded again."""
    missing = Settings(internal_domains=["example.net"])
    load(room, "import/old.mbox", mbox(*numbered(2)), missing)
    assert {"nobody": 2} == counts(room, "old.mbox")

    load(room, "import/old.mbox", mbox(*numbered(2)))

    assert {"already": 2} == counts(room, "old.mbox")
    assert {"alice@example.com": ["received"] * 2} == room.entries()


def test_a_maildir_is_loaded_object_by_object(room: PostRoom) -> None:
    """Each stays where it was put. The server's own files beside them are no mail."""
    load(room, f"{ALICES}/cur/1772357400.M1.host:2,S", raw_message())
    load(room, f"{ALICES}/.Sent/cur/1772357401.M2.host:2,S", b"\x00\x01 neither header nor body")
    load(room, f"{ALICES}/dovecot-uidlist", b"3 V1772357400 N3\n1 :1772357400.M1.host\n")

    assert {"filed": 2, "ignored": 1} == counts(room, "alice@example.com")
    assert {"alice@example.com": ["received"] * 2} == room.entries()


@pytest.mark.parametrize(
    "key",
    [f"{ALICES}/cur/1:2,S", f"{ALICES}.mbox", "import/2026/ALICE@example.com.tar.gz", "import/alice+x@example.com/1"],
)
def test_a_mailbox_named_after_an_address_is_filed_for_it_alone(room: PostRoom, key: str) -> None:
    """What lies in it was received there, also by Bcc or a list; others' mailboxes are loaded for themselves."""
    load(room, key, raw_message(to="list@example.org", cc="bob@example.com", **{"from": "carol@example.com"}))

    assert {"alice@example.com": ["received"]} == room.entries()


def test_what_the_mailbox_s_owner_wrote_is_sent(room: PostRoom) -> None:
    """Unless it was to themselves."""
    load(room, f"{ALICES}/1", raw_message(to="bob@example.org", **{"from": "Alice <alice@example.com>"}))
    load(room, f"{ALICES}/2", raw_message(message_id="<2@x>", **{"from": "Alice <alice@example.com>"}))

    assert ["received", "sent"] == sorted(room.entries()["alice@example.com"])


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Received: by mx.example.com; Tue, 3 Feb 2015 10:00:01 +0100\r\n", "2015-02-03T09:00:01Z"),
        (
            "Received: by b; Tue, 3 Feb 2015 10:00:01 GMT\r\nReceived: by a; Mon, 2 Feb 2015 10:00:01 GMT\r\n",
            "2015-02-03T10:00:01Z",
        ),
        ("", "2026-03-01T09:29:58Z"),
        ("Received: by mx.example.com; yesterday\r\n", "2026-03-01T09:29:58Z"),
        ("Received: by mx.example.com; Tue, 3 Feb 2099 10:00:01 GMT\r\n", "2026-03-01T09:29:58Z"),
    ],
)
def test_loaded_mail_stands_where_it_was_received(room: PostRoom, header: str, expected: str) -> None:
    """By its topmost Received; by Date, where that says nothing that can be true."""
    load(room, f"{ALICES}/1", header.encode() + raw_message())

    assert expected == room.message().received_at


def test_without_any_time_it_stands_where_it_was_loaded(room: PostRoom) -> None:
    """No place is better."""
    load(room, f"{ALICES}/1", raw_message(date=None))

    assert "2026-03-01T09:30:00Z" == room.message().received_at


def test_a_journal_mailbox_is_loaded_report_by_report(room: PostRoom) -> None:
    """What Exchange collected: each report stands for its original."""
    original = raw_message()

    load(room, "import/journal.mbox", mbox(report(lines("Bcc: carol@example.com"), original)))

    assert {"carol@example.com": ["received"]} == room.entries()
    assert len(original) == room.message().size


def test_when_the_time_is_over_it_goes_on_where_it_was(room: PostRoom) -> None:
    """Through the queue, in containers that can be read from the middle, and in those that cannot."""
    messages = numbered(40)
    for key, raw in (("import/old.mbox", mbox(*messages)), ("import/old.zip", zipped(mail=mbox(*messages)))):
        room.put(key, raw)
        rounds, arrival = 0, Arrival(BUCKET, key)
        while rest := loading(room).load(arrival, SETTINGS, lambda: False):
            (arrival,) = arrivals(left(rest), BUCKET)
            rounds += 1

        assert 3 == rounds
        assert 40 == sum(counts(room, key.removeprefix("import/")).values())
    assert 40 == len(room.entries()["alice@example.com"])


def test_a_damaged_container_is_said_to_be_and_what_can_be_read_is_filed(room: PostRoom) -> None:
    """Nothing is lost: the container stays."""
    load(room, "import/old.zip", zipped(mail=mbox(*numbered(2)))[:200] + b"PK")

    (container,) = containers(room, "old.zip")
    assert (ContainerStatus.FAILED, True) == (container.status, "damaged" in container.because)


def test_a_load_is_listed_by_when_it_began(room: PostRoom) -> None:
    """However many objects it has."""
    load(room, f"{ALICES}/cur/1", raw_message())
    load(room, f"{ALICES}/cur/2", raw_message(message_id="<2@x>"))

    assert ["2026-03-01T09:30:00Z#alice@example.com"] == [
        item["listed_as"] for item in room.table.list_page("LOADS", " ", 10)
    ]


def test_an_object_that_is_gone_goes_back_to_the_queue(room: PostRoom) -> None:
    """It was removed before it was loaded: that is loud."""
    with pytest.raises(NoSuchObject, match="put it there again"):
        loading(room).load(Arrival(BUCKET, "import/old.mbox"), SETTINGS, lambda: True)


def test_a_load_waits_until_there_is_an_internal_domain(room: PostRoom) -> None:
    """Or all of it would be nobody's."""
    with pytest.raises(NoInternalDomains, match="PUT /settings"):
        loading(room).load(Arrival(BUCKET, "import/old.mbox"), Settings(), lambda: True)


def test_an_object_that_shows_a_folder_is_no_message(room: PostRoom) -> None:
    """Some programs put one there, with nothing in it."""
    load(room, f"{ALICES}/", b"")

    assert {} == counts(room, "alice@example.com")


def test_after_a_crash_at_any_call_the_next_attempt_leaves_what_one_run_does(room: PostRoom) -> None:
    """The queue announces the object again."""
    messages = numbered(3)
    room.put("import/old.mbox", mbox(*messages))
    crashed = 0
    for call in range(200):
        room.crash_after = call
        try:
            loading(room).load(Arrival(BUCKET, "import/old.mbox"), SETTINGS, lambda: True)
            break
        except Crash:
            crashed += 1
        finally:
            room.crash_after = None
    assert crashed > 10
    assert {"alice@example.com": ["received"] * 3} == room.entries()
    assert 3 == sum(counts(room, "old.mbox").values())


def test_what_is_left_is_announced_as_json_of_a_known_form() -> None:
    """And comes back as it was."""
    arrival = Arrival(BUCKET, "import/old.mbox", "v1")

    assert [arrival] == arrivals(left(arrival), BUCKET)
    assert {"left"} == set(json.loads(left(arrival)))
