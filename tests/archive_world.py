"""Both APIs and the post room on one table and one clock, in moto; and everything that a person is shown there."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from addresses.address import Address
from addresses.table import Table
from tests.cloud import ENVIRONMENT
from tests.gateway import TABLE, Answer, forget_clients, send
from tests.mail import PostRoom, post_room
from tests.table import create_table

BEGIN = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
# Where the functions ask what time it is.
ASKING = ("archive_api.routes", "link_api.delegates", "link_api.change")


class Now:
    """An executor that does everything at once, in order: moto is for one thread."""

    map = staticmethod(map)


@dataclass
class Clock:
    """Stands in the place of ``datetime`` where the functions ask what time it is."""

    moment: datetime = BEGIN

    def now(self, _zone: Any = UTC) -> datetime:
        """The moment to which it is set."""
        return self.moment


@dataclass(frozen=True)
class World:
    """The post room, whose table the APIs share, and the clock that they look at."""

    room: PostRoom
    clock: Clock

    @property
    def table(self) -> Table:
        """The table."""
        return self.room.table

    def empty(self) -> None:
        """Begin again, with nothing in the table and at the first moment."""
        self.clock.moment = BEGIN
        self.room.dynamodb.delete_table(TableName=TABLE)
        create_table(self.room.dynamodb, TABLE)
        self.room.restart()


@contextmanager
def archive_world() -> Iterator[World]:
    """An empty one."""
    with ExitStack() as stack:
        world = World(stack.enter_context(post_room()), Clock())
        stack.enter_context(patch.dict(os.environ, {"TABLE_NAME": TABLE, **ENVIRONMENT}))
        stack.enter_context(patch("archive_api.routes._executor", Now))
        for module in ASKING:
            stack.enter_context(patch(f"{module}.datetime", world.clock))
        forget_clients()
        yield world


def ask(request: str, who: str) -> Answer:
    """What a mail user is answered."""
    return send(request, claims={"email": who, "cognito:groups": None})


def shown(person: Address, addresses: Sequence[Address], messages: Sequence[str]) -> dict[str, Any] | None:
    """All that the API shows a person who asks for every address's archive and every message; None if nothing."""
    me = ask("GET /me", person)
    lists = {each: ask(f"GET /archive?mailbox={each}", person) for each in addresses}
    opened = {each: ask(f"GET /archive/messages/{each}", person) for each in messages}
    own = ask("GET /archive", person)
    if me.status == 404:
        assert all(me == each for each in (own, *lists.values(), *opened.values()))
        return None
    archives = [(each["address"], each["expires_at"]) for each in me.body["archives"]]
    return {
        "me": (me.body["primary"], me.body["aliases"], sorted(archives, key=str)),
        "own": _lines(own),
        "lists": {each: _lines(answer) for each, answer in lists.items()},
        "opened": {each: _via(answer) for each, answer in opened.items()},
    }


def _lines(answer: Answer) -> list[tuple[str, list[str]]] | None:
    if answer.status == 404:
        return None
    assert 200 == answer.status
    return [(each["id"], sorted(each["via"])) for each in answer.body["messages"]]


def _via(answer: Answer) -> list[str] | None:
    assert answer.status in {200, 404}
    return sorted(answer.body["via"]) if answer.status == 200 else None
