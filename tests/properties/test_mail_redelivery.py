"""However often, in whatever order and cut short by whatever crash mail events come, they leave the same archive."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from addresses.archive import Envelope
from addresses.table import Item
from tests.mail import Crash, PostRoom, post_room, raw_message, ses_notification

PEOPLE = ["alice@example.com", "bob@example.com", "carol@example.net"]
STRANGERS = ["someone@example.org", "no address", ""]
envelopes = st.builds(
    Envelope,
    st.sampled_from([*PEOPLE, *STRANGERS]),
    st.lists(st.sampled_from([*PEOPLE, *STRANGERS]), max_size=4).map(tuple),
)


@dataclass(frozen=True)
class Copy:
    """A message that came by one way, at its own time, with its own envelope; copies of one have the same number.

    ``spf`` is SES's verdict on its sender, None if it gave none.
    """

    number: int
    way: int
    envelope: Envelope
    spf: str | None

    @property
    def key(self) -> str:
        """Where it lies."""
        return f"inbound/ses/{self.number}-{self.way}"


@dataclass(frozen=True)
class Delivery:
    """The event of one copy is delivered; after so many calls of AWS the process may end, and a new one start."""

    copy: int
    crash_after: int | None


verdicts = st.sampled_from(["PASS", "FAIL", "GRAY", "PROCESSING_FAILED", None])
copies = st.lists(envelopes, min_size=1, max_size=4).flatmap(
    lambda envelopes: st.tuples(
        *(
            st.builds(Copy, st.integers(0, 2), st.just(way), st.just(envelope), verdicts)
            for way, envelope in enumerate(envelopes)
        )
    )
)
deliveries = st.lists(st.builds(Delivery, st.integers(0, 3), st.none() | st.integers(0, 8)), max_size=8)


def arrive(copies: tuple[Copy, ...], room: PostRoom) -> None:
    """Store every copy in the bucket, an hour after the one before."""
    for copy in copies:
        raw = f"Received: by way {copy.way}\r\n".encode() + raw_message(message_id=f"<{copy.number}@example.org>")
        room.put(copy.key, raw, datetime(2026, 3, 1, copy.way, tzinfo=UTC) + timedelta(minutes=copy.number))


def deliver(copy: Copy, room: PostRoom, crash_after: int | None = None) -> None:
    """Deliver the copy's event once."""
    room.crash_after = crash_after
    try:
        room.take(ses_notification(copy.key, copy.envelope, **({"spf": copy.spf} if copy.spf else {})))
    except Crash:
        room.restart()
    finally:
        room.crash_after = None


def told_by_the_rules(copies: tuple[Copy, ...]) -> list[tuple[str, int, str]]:
    """Who has which message, and which way: whoever any copy was delivered to, then whoever only sent it.

    Of a copy whose sender SPF denies, nobody knows who sent it.
    """
    found: dict[tuple[str, int], str] = {}
    for copy in copies:
        for address in set(copy.envelope.recipients) & set(PEOPLE):
            found[address, copy.number] = "received"
    for copy in copies:
        if copy.envelope.sender in PEOPLE and copy.spf != "FAIL":
            found.setdefault((copy.envelope.sender, copy.number), "sent")
    return sorted((address, number, direction) for (address, number), direction in found.items())


def told_by_the_table(items: list[Item]) -> list[tuple[str, int, str]]:
    """The same from what was written; every entry stands where its message says."""
    messages = {item["digest"]: item for item in items if item["sk"] == "MESSAGE"}
    found = []
    for item in items:
        if item["pk"].startswith("ARCHIVE#"):
            received_at, _, digest = item["sk"].partition("#")
            assert messages[digest]["received_at"] == received_at
            number = int(messages[digest]["message_id"].strip("<>").partition("@")[0])
            found.append((item["pk"].removeprefix("ARCHIVE#"), number, item["direction"]))
    return sorted(found)


@settings(max_examples=40)
@given(copies, deliveries, st.data())
def test_the_archive_is_what_the_rules_say(
    copies: tuple[Copy, ...], early: list[Delivery], data: st.DataObject
) -> None:
    """Some deliveries, crashes among them, then every event at least once in any order, twice over."""
    with post_room() as room:
        arrive(copies, room)
        for delivery in early:
            deliver(copies[delivery.copy % len(copies)], room, delivery.crash_after)
        for copy in data.draw(st.permutations([*copies, *copies])):
            deliver(copy, room)

        assert told_by_the_rules(copies) == told_by_the_table(room.items())
        assert len({copy.number for copy in copies}) == len([item for item in room.items() if item["sk"] == "MESSAGE"])
        assert {address for address, _, _ in told_by_the_rules(copies)} == set(room.known())


@settings(max_examples=20)
@given(copies, deliveries)
def test_redelivery_changes_nothing(copies: tuple[Copy, ...], again: list[Delivery]) -> None:
    """Once every event was delivered, no item ever changes, however often and with what crashes they come again."""
    with post_room() as room:
        arrive(copies, room)
        for copy in copies:
            deliver(copy, room)
        before = room.items()

        for delivery in again:
            deliver(copies[delivery.copy % len(copies)], room, delivery.crash_after)

        assert before == room.items()
