"""The simulation with nothing going wrong by chance: for looking at one thing that does, at a time."""

from collections.abc import Callable
from typing import Any

from addresses.wire import plain
from tests.gateway import Answer, answered, asked
from tests.simulation.acts import BOSS
from tests.simulation.cloud import Invocation
from tests.simulation.delivery import Delivery
from tests.simulation.schedule import Schedule
from tests.simulation.world import World


class Quiet:
    """A world in which things happen one after the other."""

    def __init__(self, world: World) -> None:
        """Begin as the world is."""
        self.world = world
        self.schedule = Schedule(world, 0)
        self.schedule.left = 0
        self.schedule.calm()

    def ask(self, request: str, body: Any = None, who: str | None = None) -> Answer:
        """What an administrator is answered or, with ``who``, a mail user; then everything comes to rest."""
        claims: Any = {"email": who, "cognito:groups": None} if who else BOSS
        function, event = asked(request, body, claims=claims)
        found: list[Answer] = []

        def ended(invocation: Invocation) -> None:
            found.append(answered(invocation.answer))

        self.world.post.waiting.append(Delivery(function, event, 1, ended, may_come_again=False))
        self.rest()
        return found[0]

    def do(self, what: Callable[[World], None]) -> None:
        """Do something to the world; then everything comes to rest."""
        what(self.world)
        self.rest()

    def sync(self, *, whole: bool = False) -> list[dict[str, Any]]:
        """The runs of a sync of every directory, at their end."""
        before = {run["run"] for run in self.world.runs()}
        self.world.pass_seconds(60)
        self.do(lambda world: world.schedule(whole=whole))
        return [run for run in self.world.runs() if run["run"] not in before]

    def rest(self) -> None:
        """Let everything come to rest."""
        self.schedule.come_to_rest()

    def items(self) -> list[dict[str, Any]]:
        """Every item, by key."""
        return [plain(item) for _, item in sorted(self.world.cloud.store.items.items())]

    def links(self) -> dict[str, str]:
        """Every address that belongs to a mailbox, with that mailbox's primary."""
        book = self.world.watch.book
        return {each: found.primary for each in sorted(book.addresses) if (found := book.holder(each))}
