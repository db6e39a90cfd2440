"""Nobody sees what is not theirs to see, by any route; and what they are told of it is what is told of nothing at all.

How long an answer takes is not looked at: a message that is there and hidden costs one more read than one that is not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from addresses import cursor as cursors
from addresses.address import parse
from addresses.archive import Envelope
from addresses.times import stamp
from tests.archive_world import World, archive_world, ask
from tests.gateway import ADMIN, Answer, routes, send
from tests.mail import raw_message
from tests.people import A1, ALICE, B1, BOB, CAROL

NOBODY = parse("nobody@example.com")
NOTHING = "0" * 64
BOSS = {"email": "boss@example.com", "cognito:groups": "[address-admins delegation-admins]"}


@pytest.fixture(scope="module")
def deployed() -> Iterator[World]:
    """Both APIs."""
    with archive_world() as found:
        yield found


@pytest.fixture
def world(deployed: World) -> World:
    """Alice has the alias a1, Bob has b1, Carol none. Each address has a message, a minute after the one before."""
    deployed.empty()
    settings()
    for primary in (ALICE, BOB, CAROL):
        do(f"PUT /mailboxes/{primary}")
    do(f"PUT /mailboxes/{ALICE}/aliases/{A1}")
    do(f"PUT /mailboxes/{BOB}/aliases/{B1}")
    for address in (ALICE, A1, BOB, B1, CAROL):
        receive(deployed, address)
    return deployed


def do(request: str, body: Any = None) -> None:
    """What an administrator asks for is done."""
    assert send(request, body, claims=BOSS).status in {200, 201, 204}


def settings(history: str = "whole") -> None:
    """Set how much of an address's mail is seen."""
    do("PUT /settings", {"internal_domains": ["example.com"], "archive_history": history})


def receive(world: World, address: str) -> None:
    """A message to the address arrives, and a minute goes by."""
    world.clock.moment += timedelta(minutes=1)
    key = f"inbound/{world.clock.moment}"
    world.room.put(key, raw_message(message_id=f"<{key}>", subject=f"to {address}"), world.clock.moment)
    world.room.file(key, Envelope("someone@example.org", (address,)))


def message(world: World, address: str) -> str:
    """The id of the first message to the address."""
    return str(next(world.table.partition(f"ARCHIVE#{address}", ""))["sk"]).partition("#")[2]


def delegate(archive: str, to: str = BOB, **body: str) -> None:
    """An archive is delegated."""
    do(f"PUT /archives/{archive}/delegates/{to}", body or None)


def link(alias: str, to: str) -> None:
    """An address of nobody is linked."""
    do(f"PUT /mailboxes/{to}/aliases/{alias}")


def take(alias: str, holder: str, to: str) -> None:
    """An alias is relinked."""
    do(f"PUT /mailboxes/{to}/aliases/{alias}", {"from": holder})


@dataclass(frozen=True)
class Situation:
    """What was done, and what is hidden from Bob by it: the first message to an address.

    By the name ``archive`` he has none to open; None where he has one, in which the message is not.
    """

    done: tuple[Callable[[World], None], ...]
    hidden: str = ALICE
    archive: str | None = ALICE


def act(what: Callable[..., None], *arguments: Any) -> Callable[[World], None]:
    """Something that an administrator does."""
    return lambda _world: what(*arguments)


def expire(world: World) -> None:
    """Alice's archive is delegated for a minute, which goes by."""
    delegate(ALICE, expires_at=stamp(world.clock.moment + timedelta(minutes=1)))
    world.clock.moment += timedelta(minutes=1)


def receive_at_nobody(world: World) -> None:
    """Mail comes for an address that Bob gets afterwards."""
    receive(world, NOBODY)
    # What comes in the second in which an address changes hands is the new holder's.
    world.clock.moment += timedelta(seconds=1)
    link(NOBODY, BOB)


WHOLE, ONE = act(delegate, ALICE), act(delegate, A1)
UNLINK, RELINK = act(do, f"DELETE /mailboxes/{ALICE}/aliases/{A1}"), act(take, A1, ALICE, CAROL)
CLOSE = act(do, f"DELETE /mailboxes/{ALICE}")
SINCE_LINKED = act(settings, "since_linked")

SITUATIONS: dict[str, Situation] = {
    "somebody else's": Situation(()),
    "delegated to somebody else": Situation((act(delegate, ALICE, CAROL),)),
    "delegated to somebody whose archive was delegated": Situation(
        (act(delegate, ALICE, CAROL), act(delegate, CAROL)),
    ),
    "one other address delegated": Situation((ONE,)),
    "the delegation ended": Situation((WHOLE, act(do, f"DELETE /archives/{ALICE}/delegates/{BOB}"))),
    "the delegation expired": Situation((expire,)),
    "unlinked from what was delegated": Situation((WHOLE, UNLINK), A1, A1),
    "relinked to somebody else": Situation((WHOLE, RELINK), A1, A1),
    "delegated alone, then relinked": Situation((ONE, RELINK), A1, A1),
    "delegated alone, then relinked and unlinked": Situation(
        (ONE, RELINK, act(do, f"DELETE /mailboxes/{CAROL}/aliases/{A1}")), A1, A1
    ),
    "made the primary of a new mailbox": Situation(
        (WHOLE, ONE, act(do, f"PUT /mailboxes/{A1}", {"from": ALICE})), A1, A1
    ),
    "a leaver's alias": Situation((WHOLE, CLOSE), A1, A1),
    "a leaver's primary, given to somebody else": Situation((WHOLE, CLOSE, act(link, ALICE, CAROL))),
    "a leaver's primary, had by somebody else": Situation(
        (WHOLE, CLOSE, act(do, f"PUT /mailboxes/{ALICE}"), act(do, f"DELETE /mailboxes/{ALICE}"))
    ),
    "one's own until it was unlinked": Situation((act(do, f"DELETE /mailboxes/{BOB}/aliases/{B1}"),), B1, B1),
    "one's own until it was relinked": Situation((act(take, B1, BOB, CAROL),), B1, B1),
    "from before it was linked": Situation((SINCE_LINKED, receive_at_nobody), NOBODY, None),
    "of whose address it was before": Situation((SINCE_LINKED, RELINK, act(delegate, CAROL)), A1, None),
    "one's own until one left": Situation((act(do, f"DELETE /mailboxes/{BOB}"),), BOB, None),
}


def tells_nothing_of_a_message(situation: Situation, hidden: str, rest: str = "") -> None:
    """The id of a hidden message is answered as one that there is not, however it is written."""
    nothing = ask(f"GET /archive/messages/{NOTHING}{rest}", BOB)
    assert 404 == nothing.status, situation
    for each in (hidden, hidden.upper(), hidden[:63], f"{hidden}0", f"{hidden}%0A", f"%20{hidden}", f"..%2F{hidden}"):
        assert nothing == ask(f"GET /archive/messages/{each}{rest}", BOB)


def lists_nothing(situation: Situation, hidden: str) -> None:
    """The message is in no archive, and of the hidden archive is said what is said of one that there is not."""
    if situation.archive:
        nothing, told = (ask(f"GET /archive?mailbox={each}", BOB) for each in (NOBODY, situation.archive))
        assert nothing == renamed(told, situation.archive)
        assert 404 == nothing.status
    for name in ("", *(f"&mailbox={each}" for each in (ALICE, A1, BOB, B1, CAROL, NOBODY))):
        # Every subject begins so.
        for searched in ("", "&q=to"):
            assert hidden not in str(ask(f"GET /archive?limit=50{name}{searched}", BOB).body)


def names_nothing(situation: Situation, _hidden: str) -> None:
    """The hidden archive is neither one's own nor among those that were delegated."""
    if situation.archive:
        assert f"'{situation.archive}'" not in str(ask("GET /me", BOB).body)


def renamed(answer: Answer, name: str) -> Answer:
    """The answer, had it been asked for by the name of an address that there is not."""
    body = {
        field: str(text).replace(name, NOBODY) if field == "detail" else text for field, text in answer.body.items()
    }
    return Answer(answer.status, body, answer.content_type, answer.headers)


BY_ROUTE: dict[str, Callable[[Situation, str], None]] = {
    "GET /me": names_nothing,
    "GET /archive": lists_nothing,
    "GET /archive/messages/{id}": tells_nothing_of_a_message,
    "GET /archive/messages/{id}/raw": lambda situation, hidden: tells_nothing_of_a_message(situation, hidden, "/raw"),
}


def test_every_route_for_mail_users_is_looked_at() -> None:
    """A new one needs its own way to tell nothing."""
    assert BY_ROUTE.keys() == {route for route, (function, _) in routes().items() if function == "archive_api"}


@pytest.mark.parametrize("name", SITUATIONS)
def test_what_is_not_one_s_own_is_by_every_route_as_if_it_were_not_there(world: World, name: str) -> None:
    """Whatever came before, and whoever may see it."""
    situation = SITUATIONS[name]
    for each in situation.done:
        world.clock.moment += timedelta(seconds=1)
        each(world)
    for tells_nothing in BY_ROUTE.values():
        tells_nothing(situation, message(world, situation.hidden))


def refused(cursor: str, listing: str = "") -> bool:
    """Whether Bob is told of the cursor what he is told of any that was never given."""
    answers = [ask(f"GET /archive?cursor={each}{listing}", BOB) for each in (cursor, "never-given")]
    return answers[0] == answers[1] and (422, "invalid-cursor") == (answers[0].status, answers[0].body["type"])


def test_a_cursor_of_anybody_or_anything_else_is_as_one_that_was_never_given(world: World) -> None:
    """Another person's, also for the same archive; one's own of another archive or other times; a damaged one."""
    assert world
    for each in (BOB, CAROL):
        delegate(ALICE, each)
    theirs = [ask(f"GET /archive?limit=1{each}", CAROL).body["next"] for each in (f"&mailbox={ALICE}",)]
    theirs.append(ask("GET /archive?limit=1", ALICE).body["next"])
    times = "&since=2026-01-01T00:00:00Z"
    own, of_alice, since = (
        ask(f"GET /archive?limit=1{each}", BOB).body["next"] for each in ("", f"&mailbox={ALICE}", times)
    )
    for listing, cursors_of_others in {
        "": [*theirs, of_alice, since, own[:-1], own.swapcase(), f"{own}A"],
        f"&mailbox={ALICE}": [*theirs, own, since],
        times: [*theirs, own, of_alice],
    }.items():
        assert [True] * len(cursors_of_others) == [refused(each, listing) for each in cursors_of_others]


def test_a_cursor_that_was_given_shows_nothing_that_was_hidden_since(world: World) -> None:
    """Of a delegation that ended, and of an alias that was unlinked, both since the first page."""
    delegate(ALICE)
    of_alice = ask(f"GET /archive?limit=1&mailbox={ALICE}", BOB).body["next"]
    own = ask("GET /archive?limit=1", BOB).body["next"]
    assert message(world, BOB) in str(ask(f"GET /archive?cursor={own}", BOB).body)
    do(f"DELETE /archives/{ALICE}/delegates/{BOB}")
    do(f"PUT /mailboxes/{B1}", {"from": BOB})
    nothing = ask(f"GET /archive?limit=1&mailbox={NOBODY}&cursor={of_alice}", BOB)
    assert nothing == renamed(ask(f"GET /archive?limit=1&mailbox={ALICE}&cursor={of_alice}", BOB), ALICE)
    assert [message(world, BOB)] == [each["id"] for each in ask(f"GET /archive?cursor={own}", BOB).body["messages"]]


def test_a_made_up_cursor_at_somebody_else_s_message_shows_no_more_than_one_s_own(world: World) -> None:
    """Whoever knows their mailbox's id can make one with the right checksum: it says from where on, not of whom."""
    mailbox = send(f"GET /mailboxes/{BOB}", claims=BOSS).body["id"]
    made_up = cursors.give(f"archive of {mailbox} from  until ~", f"2026-03-01T09:35:00Z#{message(world, CAROL)}")
    shown = ask(f"GET /archive?cursor={made_up}", BOB).body["messages"]
    assert [message(world, B1), message(world, BOB)] == [each["id"] for each in shown]


@pytest.mark.parametrize("groups", [None, "[address-admins]", "[delegation-admin]", "[]"])
@pytest.mark.parametrize("route", [each for each in routes() if "/delegates" in each])
def test_who_may_not_delegate_learns_nothing_of_delegations(world: World, route: str, groups: str | None) -> None:
    """Neither whether an address is known, nor whether it is one; not by linking addresses either."""
    assert world
    delegate(ALICE)
    pairs = [(ALICE, BOB), (ALICE, CAROL), (NOBODY, BOB), (ALICE, NOBODY), ("x", "y")]
    answers = [
        send(route.format(address=address, delegate=reader), claims={**ADMIN, "cognito:groups": groups})
        for address, reader in pairs
    ]
    assert [403] * len(pairs) == [each.status for each in answers]
    assert all(answers[0] == each for each in answers)
