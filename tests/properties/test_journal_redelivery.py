"""However the reports of one message come, with whatever crashes between, everybody whom they name has it once."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from addresses.archive import Envelope
from tests.journals import JOURNAL, lines, report
from tests.mail import Crash, PostRoom, post_room, raw_message, ses_notification

PEOPLE = ["alice@example.com", "bob@example.com", "carol@example.net"]
REPORTED = Envelope("reports@exchange.example", (JOURNAL,))
named = st.lists(st.sampled_from([*PEOPLE, "someone@example.org"]), min_size=1, max_size=3, unique=True)
crashes = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 8)), max_size=4)


def deliver(room: PostRoom, key: str, crash_after: int | None = None) -> None:
    """Deliver the event of a report once; after so many calls of AWS the process may end, and a new one start."""
    room.crash_after = crash_after
    try:
        room.take(ses_notification(key, REPORTED, spf="PASS"))
    except Crash:
        room.restart()
    finally:
        room.crash_after = None


@settings(max_examples=15)
@given(st.lists(named, min_size=1, max_size=4), crashes, st.data())
def test_all_recipients_of_all_reports_have_the_one_message(
    reports: list[list[str]], early: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Every report is delivered twice, in any order, after some attempts that came to nothing."""
    with post_room() as room:
        keys = [f"inbound/ses/{number}" for number in range(len(reports))]
        for number, recipients in enumerate(reports):
            told = lines(*(f"Bcc: {each}" for each in recipients))
            stored_at = datetime(2026, 3, 1, 9, tzinfo=UTC) + timedelta(hours=number)
            room.put(keys[number], report(told, raw_message()), stored_at)
        for number, crash_after in early:
            deliver(room, keys[number % len(keys)], crash_after)
        for key in data.draw(st.permutations([*keys, *keys])):
            deliver(room, key)

        everybody = {each for recipients in reports for each in recipients}
        message = room.message()
        assert message.envelope
        assert everybody == set(message.envelope.recipients)
        assert len(everybody) == len(message.envelope.recipients)
        internal = everybody & set(PEOPLE)
        # Of a report that names nobody here, the journal address has it.
        strangers = {JOURNAL} if any(not internal & set(each) for each in reports) else set()
        assert {each: ["received"] for each in internal | strangers} == room.entries()
        assert message.raw.key.startswith("originals/")
