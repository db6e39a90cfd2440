"""Everything that one schedule happens to: the cloud, what waits to be delivered, the directories, what was seen."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from addresses.address import Address
from addresses.archive import Envelope
from addresses.order import SyncOrder
from addresses.run import new_run_id
from addresses.times import second, stamp
from addresses.wire import plain
from tests.cloud import IMPORT_BUCKET
from tests.doubles.listed import Listed
from tests.gateway import answered, asked
from tests.simulation.acts import arrival, message, uploaded
from tests.simulation.cloud import Cloud, Invocation, Violated
from tests.simulation.container import MAIL, TABLE
from tests.simulation.delivery import Delivery, Post
from tests.simulation.directory import Reader
from tests.simulation.reading import require_allowed
from tests.simulation.watching import Watch

# By so much a container's clock may differ from the world's.
MOST_SKEW = timedelta(seconds=3)


@dataclass
class World:
    """The cloud and what is around it. ``breaks`` is how likely a directory fails to answer."""

    cloud: Cloud
    watch: Watch
    post: Post
    directories: dict[str, Listed] = field(default_factory=lambda: {"corp": Listed(), "other": Listed()})
    running: list[tuple[Invocation, Delivery]] = field(default_factory=list)
    mails: list[tuple[str, int, Envelope]] = field(default_factory=list)
    breaks: float = 0.0
    events: int = 0
    statuses: Counter[str] = field(default_factory=Counter)

    def reader(self, modules: Any, directory: Any) -> Reader:
        """What reads the directory of this configuration."""
        listed = self.directories[directory.secret_name]
        return Reader(listed, modules, self.cloud.sleep, self.cloud.random, self.breaks)

    # What acts need to know, and to do.

    def holder(self, address: str) -> str | None:
        """The primary of the mailbox that the address belongs to now."""
        found = self.watch.book.holder(Address(address))
        return found.primary if found else None

    def given(self) -> list[tuple[str, str]]:
        """Who was given which archive, by an address of each, as far as anybody remembers."""
        mailboxes = self.watch.book.mailboxes
        found = []
        for each in self.watch.granted.values():
            archive = each.target.address or mailboxes[each.target.mailbox or each.delegate].primary
            found.append((mailboxes[each.delegate].primary, archive))
        return sorted(found)

    def runs(self) -> list[dict[str, Any]]:
        """Every run as it is now, in the order of their ids."""
        found = sorted(key for key in self.cloud.store.items if key[1] == "RUN")
        return [plain(self.cloud.store.items[key]) for key in found]

    def digests(self) -> list[str]:
        """Of every message that is filed."""
        return sorted(key[0].removeprefix("MESSAGE#") for key in self.cloud.store.items if key[1] == "MESSAGE")

    def in_seconds(self, seconds: int) -> str:
        """A moment to come."""
        return second(self.cloud.now + timedelta(seconds=seconds))

    def pass_seconds(self, seconds: float) -> None:
        """Time passes."""
        self.cloud.now += timedelta(seconds=seconds)

    def schedule(self, *, whole: bool = False) -> None:
        """EventBridge's schedule comes; or orders as it gives them, but to read everything."""
        self.events += 1
        if not whole:
            self.post.announce("directory_sync", {"id": str(self.events), "time": second(self.cloud.now)})
            return
        for name in self.directories:
            run = new_run_id(self.cloud.now, f"{self.events:06}{name:>6}".replace(" ", "0"))
            order = SyncOrder(directory=name, run=run, started_at=self.moment, actor="schedule", whole=True)
            self.post.announce("directory_sync", order.model_dump())

    def upload(self, content: bytes) -> None:
        """Put a spreadsheet into its bucket."""
        key = "uploads/list.csv"
        stored = self.cloud.s3.put_object(Bucket=IMPORT_BUCKET, Key=key, Body=content)
        event = uploaded(key, stored["VersionId"], len(content), second(self.cloud.now))
        self.post.announce("spreadsheet_import", event)

    def receive(self, number: int, envelope: Envelope) -> None:
        """Put a copy of the message of this number into the bucket of mail, and announce it."""
        key = f"inbound/ses/{number}-{len(self.mails)}"
        self.mails.append((key, number, envelope))
        self.store_mail(key, message(number), envelope)

    def store_mail(self, key: str, raw: bytes, envelope: Envelope | None) -> None:
        """Put an object into the bucket of mail, and announce it."""
        stored = self.cloud.s3.put_object(Bucket=MAIL, Key=key, Body=raw)
        self.post.announce_mail(arrival(key, stored["VersionId"], envelope))

    def remove_expired(self, random: Random) -> None:
        """Remove one item whose time is over."""
        now = self.cloud.now.timestamp()
        items = self.cloud.store.items
        over = sorted(key for key, item in items.items() if "expires_at" in item and int(item["expires_at"]["N"]) < now)
        if over:
            pk, sk = random.choice(over)
            self.cloud.dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": pk}, "sk": {"S": sk}})

    def read(self, request: str, who: str) -> None:
        """Send a request of a mail user, and look whether they may see what they are shown."""
        function, event = asked(request, claims={"email": who, "cognito:groups": None})

        def ended(invocation: Invocation) -> None:
            self.answered(invocation)
            moments = self.watch.moments[invocation.began :]
            require_allowed(moments, answered(invocation.answer), Address(who), invocation.began_at - MOST_SKEW)

        self.post.waiting.append(Delivery(function, event, 1, ended, self.unanswered, may_come_again=False))

    def answered(self, invocation: Invocation) -> None:
        """A client got an answer: whatever AWS does, none that says that the function does not know what happened."""
        status: int = invocation.answer["statusCode"]
        self.statuses[f"{invocation.event['requestContext']['http']['method']} {status}"] += 1
        if status >= 500 and status != 503:
            raise Violated(f"{invocation.event['routeKey']} was answered with {status}")

    def unanswered(self, _why: str) -> None:
        """A client hears nothing, and has to look what became of the request."""
        self.statuses["unanswered"] += 1

    def dead_runs_are_over(self) -> None:
        """So much time passes that no run keeps its directory any more."""
        self.pass_seconds(3 * 3600)

    @property
    def moment(self) -> str:
        """The time, as the table writes it."""
        return stamp(self.cloud.now)
