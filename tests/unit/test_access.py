"""Which part of an address's archive a mailbox sees, and how long a delegate does: to the second."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from addresses.delegation import Delegation, Target
from addresses.mailbox import MANUAL, AddressState, MailboxId, RunId, TenureStart
from archive_api.access import EVER, Window, tenure_windows
from tests.people import A1, ALICE

SINCE, UNTIL = "2026-03-01T05:00:00Z", "2026-03-01T06:00:00Z"
M_ALICE, M_BOB = MailboxId("m-alice"), MailboxId("m-bob")


@pytest.mark.parametrize(
    ("received_at", "shown"),
    [
        ("2026-03-01T04:59:59Z", False),
        (SINCE, True),
        ("2026-03-01T05:59:59Z", True),
        (UNTIL, False),
    ],
)
def test_a_window_shows_what_was_received_from_its_beginning_on_and_before_its_end(
    received_at: str, *, shown: bool
) -> None:
    """So a message that came in the second in which an address changed hands is seen by one of the two."""
    assert shown is Window(A1, SINCE, UNTIL).shows(received_at)
    assert Window(A1).shows(received_at)


def test_a_narrowed_window_shows_nothing_that_it_did_not() -> None:
    """Whatever time is asked for."""
    window = Window(A1, SINCE, UNTIL)
    assert window == window.narrowed("2026", EVER)
    assert Window(A1, "2026-03-01T05:10:00Z", "2026-03-01T05:20:00Z") == window.narrowed(
        "2026-03-01T05:10:00Z", "2026-03-01T05:20:00Z"
    )


def test_a_mailbox_sees_an_address_through_its_own_tenures_alone() -> None:
    """Each ends where the address went to somebody else, or to nobody; the last lasts."""
    starts = [
        TenureStart(holder, f"2026-03-01T0{hour}:00:00.000000Z", MANUAL, RunId("run"))
        for hour, holder in enumerate((M_BOB, M_ALICE, M_BOB, None, M_ALICE), start=1)
    ]
    state = AddressState(A1, tuple(starts))
    hours = [f"2026-03-01T0{hour}:00:00Z" for hour in range(6)]
    assert (Window(A1, hours[2], hours[3]), Window(A1, hours[5], EVER)) == tenure_windows(state, M_ALICE)
    assert (Window(A1, hours[1], hours[2]), Window(A1, hours[3], hours[4])) == tenure_windows(state, M_BOB)
    assert () == tenure_windows(state, MailboxId("m-carol"))


def test_a_delegation_gives_nothing_from_the_second_on_in_which_it_expires_or_once_it_was_ended() -> None:
    """Without a moment to expire it lasts."""
    lasting = Delegation(Target(M_ALICE), M_BOB, ALICE, "2026-03-01T05:00:00.000000Z")
    expiring = replace(lasting, expires_at=1_000)
    assert lasting.holds_at(datetime(9999, 1, 1, tzinfo=UTC))
    assert expiring.holds_at(datetime.fromtimestamp(999.9, UTC))
    assert not expiring.holds_at(datetime.fromtimestamp(1_000, UTC))
    assert not replace(lasting, ended_at="2026-03-01T06:00:00.000000Z").holds_at(datetime.fromtimestamp(0, UTC))
