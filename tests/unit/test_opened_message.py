"""What whoever opens a message is told of how it came: by whose checks, and to which of their own addresses."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from addresses.archive import Envelope
from tests.archive_world import World, archive_world, ask
from tests.gateway import send
from tests.mail import SETTINGS, raw_message, ses_notification
from tests.people import ALICE, BOB, CAROL

KEY = "inbound/ses/1"
TAGGED = "Alice+news@example.com"
VERDICTS = {"spf": "PASS", "dkim": "FAIL", "dmarc": "GRAY", "spam": "PASS", "virus": "PASS"}


@pytest.fixture
def world() -> Iterator[World]:
    """Alice and Bob have mailboxes; mail to ``alice+news`` is Alice's."""
    with archive_world() as world:
        assert 200 == send("PUT /settings", SETTINGS.model_dump(mode="json")).status
        for primary in (ALICE, BOB):
            assert 201 == send(f"PUT /mailboxes/{primary}").status
        yield world


def opened(who: str) -> dict[str, Any]:
    """The one message of this person's archive, opened."""
    (line,) = ask("GET /archive", who).body["messages"]
    message: dict[str, Any] = ask(f"GET /archive/messages/{line['id']}", who).body
    return message


@pytest.mark.parametrize("history", ["whole", "since_linked"])
def test_one_s_own_recipients_are_shown_as_they_were_written_and_no_others(world: World, history: str) -> None:
    """With the tag; Bob and Carol were on Bcc, and each may know that of themselves alone."""
    settings = SETTINGS.model_dump(mode="json") | {"archive_history": history}
    assert 200 == send("PUT /settings", settings).status
    world.room.put(KEY, raw_message(to="list@example.org"))
    world.room.take(ses_notification(KEY, Envelope("x@example.org", (TAGGED, BOB, CAROL))))

    assert [[TAGGED], [BOB]] == [opened(each)["delivered_to"] for each in (ALICE, BOB)]


def test_a_message_that_came_without_an_envelope_tells_nothing_of_it(world: World) -> None:
    """Its header may name anybody."""
    world.room.put("inbound/1", raw_message())
    world.room.file("inbound/1")

    assert ([], None) == (opened(ALICE)["delivered_to"], opened(ALICE)["verdicts"])


def test_the_verdicts_of_ses_are_shown(world: World) -> None:
    """As it says them."""
    world.room.put(KEY, raw_message())
    world.room.take(ses_notification(KEY, Envelope("x@example.org", (ALICE,)), **VERDICTS))

    assert VERDICTS == opened(ALICE)["verdicts"]


@pytest.mark.parametrize("order", [("plain", "checked"), ("checked", "plain"), ("checked", "checked")])
def test_verdicts_are_kept_whichever_copy_comes_first(world: World, order: tuple[str, ...]) -> None:
    """One by SES with them, one put into the bucket without; each may come twice."""
    told: dict[str, Callable[[], object]] = {
        "plain": lambda: world.room.file("inbound/1"),
        "checked": lambda: world.room.take(ses_notification(KEY, Envelope("x@example.org", (ALICE,)), **VERDICTS)),
    }
    for key in ("inbound/1", KEY):
        world.room.put(key, raw_message())

    for each in order:
        told[each]()

    assert ([ALICE], VERDICTS) == (opened(ALICE)["delivered_to"], opened(ALICE)["verdicts"])
