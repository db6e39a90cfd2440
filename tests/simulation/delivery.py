"""How AWS delivers events: at least once, in any order, again after a failure, to a dead-letter queue in the end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.mail import batch
from tests.simulation.cloud import Invocation
from tests.simulation.services import Sent

# What Lambda and Step Functions try, by the template: an order three times, a part six times, an end nine times.
ORDER_TRIES, PART_TRIES, END_TRIES = 3, 6, 9
# After so many receptions a message goes to the dead-letter queue.
RECEPTIONS = 5


@dataclass
class Delivery:
    """An event on its way to a function; ``ended`` hears of its invocation once that is over, ``given_up`` why not."""

    function: str
    event: dict[str, Any]
    tries: int
    ended: Callable[[Invocation], None] = lambda _invocation: None
    given_up: Callable[[str], None] = lambda _why: None
    # Whether AWS may deliver it once more although it was handled.
    may_come_again: bool = True


@dataclass
class Post:
    """Everything that waits to be delivered, and what was, for delivering it again.

    ``dead`` are the dead letters, and what failed executions ended at; the administrator has them delivered again when
    the cause is mended.
    """

    sent: Sent
    keys: Callable[[str, str], list[str]]
    waiting: list[Delivery] = field(default_factory=list)
    mail: list[tuple[str, int]] = field(default_factory=list)
    dead: list[Delivery] = field(default_factory=list)
    dead_mail: list[str] = field(default_factory=list)
    delivered: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def collect(self) -> None:
        """Take what the functions have sent."""
        while self.sent.orders:
            function, event = self.sent.orders.pop(0)
            self.announce(function.replace("-", "_"), event)
        for run, told in self.sent.executions.items():
            if run not in self.sent.begun:
                self.sent.begun.append(run)
                Execution(self, told).begin()

    def announce(self, function: str, event: dict[str, Any]) -> None:
        """Have an event handled that nobody waits for."""
        delivery = Delivery(function, event, ORDER_TRIES)
        delivery.given_up = lambda _why: self.dead.append(delivery)
        self.waiting.append(delivery)

    def announce_mail(self, body: str) -> None:
        """Put a message on the queue of mail."""
        self.mail.append((body, 0))

    def take_mail(self, most: int) -> None:
        """Hand out some of the messages on the queue, as one batch."""
        taken, self.mail = self.mail[:most], self.mail[most:]
        delivery = Delivery("mail_ingest", batch(*(body for body, _ in taken)), 1)

        def ended(invocation: Invocation) -> None:
            failed = {int(each["itemIdentifier"]) for each in invocation.answer["batchItemFailures"]}
            self._back(each for position, each in enumerate(taken) if position in failed)

        delivery.ended = ended
        delivery.given_up = lambda _why: self._back(iter(taken))
        self.waiting.append(delivery)

    def _back(self, messages: Iterator[tuple[str, int]]) -> None:
        for body, receptions in messages:
            if receptions + 1 < RECEPTIONS:
                self.mail.append((body, receptions + 1))
            else:
                self.dead_mail.append(body)

    def redrive(self) -> bool:
        """Deliver the dead letters again; whether there were any."""
        found = bool(self.dead or self.dead_mail)
        for each in self.dead:
            each.tries = 1
            self.waiting.append(each)
        for body in self.dead_mail:
            self.announce_mail(body)
        self.dead.clear()
        self.dead_mail.clear()
        return found


@dataclass
class Execution:
    """One execution of the state machine of the template: every part, then the end, then the report of an import."""

    post: Post
    told: dict[str, Any]
    left: int = 0
    failed: str = ""
    finishing: bool = False

    def begin(self) -> None:
        """Begin with all the parts."""
        keys = self.post.keys(self.told["bucket"], self.told["plan"])
        self.left = len(keys)
        for key in keys:
            event = {"do": "part", "run": self.told["run"], "part": key}
            self.post.waiting.append(Delivery("apply_plan", event, PART_TRIES, self._part_ended, self._part_failed))

    def _part_ended(self, _invocation: Invocation) -> None:
        self.left -= 1
        if not self.left:
            self._finish()

    def _part_failed(self, why: str) -> None:
        """One part that fails ends the map, and those that were not begun are not."""
        self.failed = why
        self.post.waiting = [each for each in self.post.waiting if each.event.get("run") != self.told["run"]]
        self._finish()

    def _finish(self) -> None:
        if not self.finishing:
            self.finishing = True
            event = {"do": "finish", "run": self.told["run"], "failed": self.failed}
            self._ask("apply_plan", event, self._finished)

    def _finished(self, _invocation: Invocation) -> None:
        if self.told["kind"] == "import":
            self._ask("spreadsheet_import", {"do": "report", "run": self.told["run"]}, lambda _: None)

    def _ask(self, function: str, event: dict[str, Any], then: Callable[[Invocation], None]) -> None:
        delivery = Delivery(function, event, END_TRIES, then)
        delivery.given_up = lambda _why: self.post.dead.append(delivery)
        self.post.waiting.append(delivery)
