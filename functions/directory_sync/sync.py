"""The life of one run of a directory: begin, gather, plan, check, decide; then it is carried out, or waits, or ends."""

from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from aws_lambda_powertools import Logger

from addresses.check import check
from addresses.directory import Directory
from addresses.directory_items import directories
from addresses.errors import AddressesError, NoInternalDomains, NoSuchDirectory, RunUnderWay
from addresses.items import SETTINGS_KEY, settings_from
from addresses.launch import Launcher
from addresses.mailbox import directory_source
from addresses.order import SyncOrder
from addresses.plan import Note, Plan
from addresses.plan_store import PlanStore
from addresses.reconcile import plan
from addresses.run import Reading, Run, RunKind, RunStatus
from addresses.run_book import Decided, Found, directory_of, read_state, record
from addresses.settings import Settings
from addresses.step import mailboxes
from addresses.sync_state import SyncState
from addresses.table import Table
from addresses.times import stamp
from directory_sync.decision import decision, owned_after
from directory_sync.errors import DirectoryFailed
from directory_sync.gathering import Gathered, Gathering
from directory_sync.metrics import publish_run
from directory_sync.reader import Reader, Resync
from directory_sync.schedule import SCHEDULE
from directory_sync.understanding import understand

SHOWN_BY_TEST = 10
MOST_LOOKED_AT_AGAIN = 500

logger = Logger()


@dataclass(frozen=True)
class Sync:
    """What a run works with. ``open_reader`` logs on to a directory; ``lease`` is how long a run may read and plan."""

    table: Table
    plans: PlanStore
    launcher: Launcher
    executor: Executor
    open_reader: Callable[[Directory], Reader]
    clock: Callable[[], datetime]
    lease: timedelta

    def run(self, order: SyncOrder) -> Run | None:
        """The run as it is when this function has done its part; None if that was done before, or another is at it."""
        try:
            begun = self._begin(order)
        except RunUnderWay as other:
            return self._stepped_back(order, other)
        if begun is None:
            return None
        try:
            if begun.kind is RunKind.TEST:
                return self._tried(begun, order)
            ended = self._decided(begun, *self._planned(order))
        except (DirectoryFailed, NoInternalDomains, NoSuchDirectory) as failure:
            return self._failed(begun, failure)
        if ended:
            logger.info(
                "The run is planned.",
                run=ended.id,
                status=ended.status,
                counts=ended.counts,
                because=ended.because or ended.held_because,
            )
            publish_run(ended)
        return ended

    def _begin(self, order: SyncOrder) -> Run | None:
        """The run, recorded; unless it only looks, the directory is in its hands."""
        new = _begun(order)

        def begin(found: Found) -> Decided | None:
            run = found.run or new
            under_way = [each for each in (*found.others, run) if each.id == found.state.under_way]
            for each in under_way:
                if each.status is RunStatus.APPLYING and found.state.is_busy_at(self.clock()):
                    # Whoever decided to carry it out may have been cut off just before; once started, it is not again.
                    self.launcher.launch(each)
            if run.status is not RunStatus.GATHERING:
                return None
            if directory_of(run) is None:
                return Decided(run, found.state)
            state = found.state.taken_by(run.id, self.clock(), self.lease)
            because = f"It ended without a word. Run {run.id} took its place, and plans what it left undone."
            dead = [
                replace(each, status=RunStatus.FAILED, because=because, finished_at=stamp(self.clock()))
                for each in under_way
                if each is not run and each.status in {RunStatus.GATHERING, RunStatus.APPLYING}
            ]
            return Decided(run, state, dead)

        return record(self.table, order.run, order.directory, begin)

    def _stepped_back(self, order: SyncOrder, other: RunUnderWay) -> Run | None:
        """The schedule comes again, so its order leaves no trace; of a person's, the run says what became of it."""
        logger.info("Another run has the directory.", directory=order.directory, run=order.run, because=str(other))

        def step_back(found: Found) -> Decided | None:
            # Whoever ordered it may record it only now, and must not find it begun for ever.
            run = found.run or (None if order.actor == SCHEDULE else _begun(order))
            # Delivered a second time meanwhile, it may have got the directory after all.
            if run is None or not _is_open(found) or found.state.under_way == run.id:
                return None
            at = stamp(self.clock())
            return Decided(replace(run, status=RunStatus.FAILED, because=str(other), finished_at=at), found.state)

        return record(self.table, order.run, order.directory, step_back)

    def _planned(self, order: SyncOrder) -> tuple[Gathered, Plan, Directory]:
        """What the directory says, and what follows from it."""
        known, settings = self._known(order)
        state = read_state(self.table, order.directory)
        with closing(self.open_reader(known[order.directory])) as reader:
            gathering = Gathering(order.directory, known, settings, self.table, reader, self.executor, state.written)
            gathered = self._gathered(order, gathering, state)
        return gathered, plan(gathered.existing, gathered.desired), known[order.directory]

    def _gathered(self, order: SyncOrder, gathering: Gathering, state: SyncState) -> Gathered:
        """What changed since the last run where that is known, else all of it."""
        cursor = None if order.whole else state.cursor(self.clock(), gathering.read_as)
        if cursor and state.reading:
            try:
                return gathering.changes(cursor, state.reading)
            except Resync as why:
                logger.info("The directory is read whole.", directory=order.directory, run=order.run, because=str(why))
        return gathering.whole()

    def _decided(self, run: Run, gathered: Gathered, wanted: Plan, directory: Directory) -> Run | None:
        """Check the plan, keep it, record what the run comes to, and have it carried out if nothing stands against."""
        held = check(wanted, gathered.reading.owned, directory.limits)
        stored, parts = self.plans.store(wanted)
        planned = replace(
            run,
            digest=wanted.digest,
            counts=wanted.counts,
            plan=stored if parts else None,
            parts=len(parts),
            findings=self.plans.store_findings(run.id, wanted.conflicts, wanted.notes),
            reading=_reading_after(gathered, wanted),
        )
        steps = len(wanted.steps)

        def decide(found: Found) -> Decided | None:
            return decision(found, _again(found, planned), steps, held, self.clock()) if _is_open(found) else None

        decided = record(self.table, run.id, gathered.desired.directory, decide)
        if decided and decided.status is RunStatus.APPLYING:
            self.launcher.launch(decided)
        return decided

    def _tried(self, run: Run, order: SyncOrder) -> Run | None:
        """What the first entries come to: an administrator sees that the directory can be read, and what it says."""
        known, settings = self._known(order)
        directory = known[order.directory]
        with closing(self.open_reader(directory)) as reader:
            found = understand(islice(reader.full(), SHOWN_BY_TEST), directory.disabled_accounts, settings)
        notes = [*found.notes]
        for each in found.mailboxes:
            aliases = ", ".join(sorted(each.aliases)) or "none"
            notes.append(Note("read", f"entry {each.directory_id}: primary {each.primary}, aliases {aliases}"))
        findings = self.plans.store_findings(run.id, (), notes)
        return self._ended(run, RunStatus.PLANNED, None, findings)

    def _failed(self, run: Run, failure: AddressesError) -> Run | None:
        """Nothing was planned, nothing changes, and the directory is free for the next run."""
        logger.warning("The directory was not read.", source=run.source, run=run.id, because=str(failure))
        ended = self._ended(run, RunStatus.FAILED, str(failure), None)
        if ended:
            publish_run(ended)
        return ended

    def _ended(self, run: Run, status: RunStatus, because: str | None, findings: str | None) -> Run | None:
        def end(found: Found) -> Decided | None:
            if not _is_open(found):
                return None
            at = stamp(self.clock())
            ended = replace(_again(found, run), status=status, because=because, findings=findings, finished_at=at)
            return Decided(ended, found.state.left_by(run.id))

        return record(self.table, run.id, directory_of(run), end)

    def _known(self, order: SyncOrder) -> tuple[dict[str, Directory], Settings]:
        known, settings = directories(self.table), settings_from(self.table.get(SETTINGS_KEY))
        if order.directory not in known:
            raise NoSuchDirectory(f"There is no directory {order.directory} any more.")
        if not settings.internal_domains:
            raise NoInternalDomains("No internal domain is set. Name the organisation's own with PUT /settings.")
        return known, settings


def _begun(order: SyncOrder) -> Run:
    kind = RunKind.TEST if order.do == "test" else RunKind.SYNC
    source = directory_source(order.directory)
    return Run(order.run, kind, source, order.actor, order.started_at, dry_run=order.dry_run)


def _is_open(found: Found) -> bool:
    """Whether the run is still to be decided: of an order that is delivered twice at once, both get this far."""
    return found.run is None or found.run.status is RunStatus.GATHERING


def _again(found: Found, run: Run) -> Run:
    """The run on top of the version that was read now."""
    return replace(run, version=found.run.version if found.run else 0)


def _reading_after(gathered: Gathered, wanted: Plan) -> Reading:
    """How the directory was read, once the plan is carried out; every whole reading counts what it owns anew."""
    reading = gathered.reading
    owned = owned_after(reading.owned, wanted.steps)
    contested = gathered.desired.claimants([conflict.address for conflict in wanted.conflicts])
    written = tuple(sorted({each for step in wanted.steps for each in mailboxes(step)}))
    if max(len(contested), len(written)) > MOST_LOOKED_AT_AGAIN:
        # Reading the directory whole is quicker than asking for so many entries again.
        return replace(reading, owned=owned, cursor=None)
    return replace(reading, owned=owned, contested=contested, written=written)
