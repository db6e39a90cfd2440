"""Everything that a sync needs, in moto: the table, the bucket of plans, a directory, and what carries out plans."""

from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto import mock_aws

from addresses.directory import LdapDirectory, LdapProfile
from addresses.directory_items import directory_item
from addresses.items import settings_item
from addresses.mailbox import Existing, RunId
from addresses.order import FinishOrder, PartOrder, RevertOrder, SyncOrder
from addresses.plan_store import PlanStore
from addresses.run import Run, new_run_id
from addresses.run_book import read_run
from addresses.run_items import run_from
from addresses.settings import Settings
from addresses.table import Item, Table
from addresses.times import stamp
from apply_plan.finish import finish
from apply_plan.part import carry_out
from apply_plan.revert import revert
from directory_sync.sync import Sync
from tests.doubles.listed import Listed
from tests.invariants import check_invariants
from tests.table import address_book, create_table, everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

    from addresses.launch import Launcher

TABLE, PLANS = "addresses", "plans"
SETTINGS = Settings(internal_domains=["example.com", "example.org"])
CORP = LdapDirectory(
    kind="ldap",
    url="ldaps://dc1.example.com",
    base_dn="dc=example,dc=com",
    bind_dn="cn=archive,dc=example,dc=com",
    secret_name="corp",
    profile=LdapProfile.ACTIVE_DIRECTORY,
)


class Crash(BaseException):
    """The function's process ends here; nothing it is made of may catch that."""


class AtOnce(Executor):
    """Does everything in the calling thread, since moto is for one."""

    def submit[T](self, fn: "Callable[..., T]", /, *args: Any, **kwargs: Any) -> Future[T]:
        """Done before it is returned."""
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@dataclass
class StateMachine:
    """Takes executions as Step Functions does: one of a name."""

    executions: dict[str, str] = field(default_factory=dict)
    note: "Callable[[], None]" = lambda: None

    def launch(self, run: Run) -> None:
        """Start the run's execution, unless it was."""
        self.executions.setdefault(run.id, cast("str", run.plan))
        self.note()


@dataclass
class SyncRoom:
    """One table, one directory ``corp``; every order is a method, every method is one invocation.

    After ``crash_after`` more calls of AWS the process ends, that last call having been carried out.
    """

    dynamodb: "DynamoDBClient"
    table: Table
    plans: PlanStore
    s3: "S3Client"
    directory: Listed = field(default_factory=Listed)
    machine: StateMachine = field(default_factory=StateMachine)
    now: datetime = datetime(2026, 3, 1, 9, tzinfo=UTC)
    calls: int = 0
    crash_after: int | None = None

    def __post_init__(self) -> None:
        """Listen to what is called."""
        self.machine.note = self._end

    def order(self, number: int, *, dry_run: bool = False, whole: bool = False) -> SyncOrder:
        """The order of the run of this number, which begins a minute after the one before."""
        at = self.now + timedelta(minutes=number)
        run = new_run_id(at, f"{number:012}")
        return SyncOrder(
            directory="corp", run=run, started_at=stamp(at), actor="schedule", dry_run=dry_run, whole=whole
        )

    def sync(self, order: SyncOrder) -> Run | None:
        """What directory_sync does with the order."""
        clock = lambda: datetime.fromisoformat(order.started_at) + timedelta(seconds=5)  # noqa: E731 - one clock
        work = Sync(
            table=self.table,
            plans=self.plans,
            launcher=cast("Launcher", self.machine),
            executor=AtOnce(),
            open_reader=lambda _directory: self.directory,
            clock=clock,
            lease=timedelta(minutes=10),
        )
        return work.run(order)

    def carry_out(self, run: RunId) -> None:
        """What the state machine does with a run that was started: every part, then the end."""
        if run in self.machine.executions:
            for key in self.plans.keys(self.machine.executions[run]):
                carry_out(PartOrder(run=run, part=key), self.table, self.plans, lambda: self.now)
            finish(FinishOrder(run=run), self.table, lambda: self.now)

    def synced(self, number: int, *, dry_run: bool = False, whole: bool = False) -> Run:
        """The run of this number, at its end; the invariants hold."""
        order = self.order(number, dry_run=dry_run, whole=whole)
        self.sync(order)
        self.carry_out(order.run)
        check_invariants(self.book())
        return read_run(self.table, order.run)

    def reverted(self, run: Run, number: int, *, dry_run: bool = False) -> Run:
        """The run of this number that took the other back, at its end."""
        order = RevertOrder(
            reverts=run.id,
            run=self.order(number).run,
            started_at=self.order(number).started_at,
            actor="admin@example.com",
            dry_run=dry_run,
        )
        revert(order, self.table, self.plans, cast("Launcher", self.machine), lambda: self.now)
        self.carry_out(order.run)
        check_invariants(self.book())
        return read_run(self.table, order.run)

    def load(self, items: Iterable[Item]) -> None:
        """Put these items as they are."""
        self.table.put_all(items)
        self.calls = 0

    def items(self) -> list[Item]:
        """Every item of the table."""
        return everything(self.dynamodb, TABLE)

    def runs(self) -> list[Run]:
        """Every run, as they began."""
        return [run_from(item) for item in self.items() if item["sk"] == "RUN"]

    def book(self) -> Existing:
        """The mailboxes and addresses."""
        return address_book(self.items())

    def links(self) -> dict[str, str]:
        """Every address that belongs to a mailbox, with that mailbox's primary."""
        book = self.book()
        return {each: found.primary for each in sorted(book.addresses) if (found := book.holder(each))}

    def _end(self) -> None:
        self.calls += 1
        if self.crash_after is not None:
            self.crash_after -= 1
            if self.crash_after < 0:
                self.crash_after = None
                raise Crash


@contextmanager
def sync_room(directory: LdapDirectory = CORP) -> Iterator[SyncRoom]:
    """An empty table with settings and this directory, and an empty bucket."""
    with mock_aws():
        dynamodb, s3 = boto3.client("dynamodb"), boto3.client("s3")
        onlooker = boto3.client("dynamodb")
        s3.create_bucket(Bucket=PLANS, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        create_table(onlooker, TABLE)
        table = Table(dynamodb, TABLE, wait=lambda _attempt: None)
        table.put(settings_item(SETTINGS))
        table.put(directory_item("corp", directory))
        room = SyncRoom(onlooker, table, PlanStore(s3, PLANS), s3)
        for client in (dynamodb, s3):
            client.meta.events.register("after-call", lambda **_: room._end())  # noqa: SLF001
        yield room
