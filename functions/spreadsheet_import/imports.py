"""The life of one import: begin, gather, plan, check, decide; then it is carried out, or waits, or ends."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from addresses.address import Address
from addresses.batches import Batch
from addresses.check import Limits, check
from addresses.directory_items import directories
from addresses.errors import NoInternalDomains
from addresses.items import SETTINGS_KEY, settings_from
from addresses.launch import Launcher
from addresses.mailbox import SPREADSHEET
from addresses.plan import Conflict, Note
from addresses.plan_store import PlanStore
from addresses.row_result import CHANGES, RowResult
from addresses.row_store import RowStore
from addresses.run import Run, RunKind, RunStatus, Upload
from addresses.run_book import Decided, Found, read_run, record
from addresses.run_items import run_from, run_key
from addresses.settings import Settings
from addresses.step import moved
from addresses.table import Table
from addresses.times import stamp
from spreadsheet_import.arrival import Arrival
from spreadsheet_import.errors import SpreadsheetRefused
from spreadsheet_import.gathering import Asked, asked, known
from spreadsheet_import.planning import Planned, planned
from spreadsheet_import.report import Report
from spreadsheet_import.uploads import Uploads, require_size

# What a spreadsheet takes away, it names: so no share of anything is too much, only a number that a person looks at.
LIMITS = Limits(count=500, percent=100)
# So many conflicts are among a run's steps; the results of the rows have all of them.
CONFLICTS_FOUND = 1000
# What CloudWatch is told of an import that waits for an administrator; an alarm of template.yaml watches it.
IMPORT_HELD = "ImportHeld"

logger = Logger()


@dataclass(frozen=True)
class Import:
    """What an import works with."""

    table: Table
    uploads: Uploads
    plans: PlanStore
    rows: RowStore
    launcher: Launcher
    executor: Executor
    report: Report
    clock: Callable[[], datetime]

    def run(self, arrival: Arrival) -> Run | None:
        """The run as it is when this function has done its part; None if that was done before."""
        begun = self._begin(arrival)
        logger.append_keys(run=begun.id)
        # So that the id of a request that never came back leads to its run.
        logger.info("A file has arrived.")
        if begun.status is not RunStatus.GATHERING:
            # Whoever decided may have been cut off just before going on.
            self._go_on(begun)
            return None
        try:
            require_size(arrival.size)
            ended = self._decided(begun, *self._planned(begun))
        except (SpreadsheetRefused, NoInternalDomains) as refusal:
            # Not in its own words, which quote cells, and who knows what was uploaded; the run has them.
            logger.warning("The file was not read.", because=refusal.slug())
            return self._ended(begun, RunStatus.FAILED, str(refusal))
        if ended:
            logger.info("The import is planned.", status=ended.status, counts=ended.counts, because=ended.held_because)
            if ended.status is RunStatus.HELD:
                # Twice if this is called again: the alarm asks for the largest value, never for a sum.
                with single_metric(IMPORT_HELD, MetricUnit.Count, 1) as metric:
                    metric.add_metadata("run", ended.id)
            self._go_on(ended)
        return ended

    def _begin(self, arrival: Arrival) -> Run:
        """The run of this file, recorded: the one that gave the link by which it came, or one of its own."""
        own = Run(arrival.run, RunKind.IMPORT, SPREADSHEET, arrival.actor, arrival.at, upload=arrival.upload)
        ordered = self._ordered(arrival)
        if ordered:
            run = self._taken(ordered, arrival)
            if _upload(run).version == arrival.upload.version:
                return run
            # By a link that had brought another file before: what was asked for then is asked for now.
            own = replace(own, actor=ordered.actor, dry_run=ordered.dry_run)
        return self._taken(own, arrival)

    def _ordered(self, arrival: Arrival) -> Run | None:
        item = self.table.get(run_key(arrival.ordered)) if arrival.ordered else None
        run = run_from(item) if item else None
        return run if run and run.upload and run.upload.key == arrival.upload.key else None

    def _taken(self, new: Run, arrival: Arrival) -> Run:
        """The run as it is now; it has this file, unless it had another before."""

        def take(found: Found) -> Decided | None:
            run = found.run or new
            upload = replace(_upload(run), version=_upload(run).version or arrival.upload.version)
            is_so = run == found.run and upload == run.upload
            return None if is_so else Decided(replace(run, upload=upload), found.state)

        return record(self.table, new.id, None, take) or read_run(self.table, new.id)

    def _planned(self, run: Run) -> tuple[Asked, Planned, int]:
        """What the sheet asks for, what follows from it, and how many of its addresses somebody has."""
        settings = self._settings()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "upload"
            self.uploads.fetch(_upload(run), path)
            sheet = asked(path, settings)
        self._counted(run, len(sheet.rows))
        exist = known(self.table, sheet.rows, directories(self.table), self.executor)
        return sheet, planned(sheet.rows, exist), len(exist.holder)

    def _decided(self, run: Run, sheet: Asked, wanted: Planned, owned: int) -> Run | None:
        """Check the plan, keep it and the results, and record what the run comes to."""
        plan = wanted.plan
        held = check(plan, owned, LIMITS)
        stored, parts = self.plans.store(plan)
        upload = replace(
            _upload(run),
            rows=len(sheet.rows),
            of_parts=_of_parts(wanted.results, parts),
            results=self.rows.store(run.id, plan.digest, wanted.results),
        )
        done = replace(
            run,
            digest=plan.digest,
            counts=plan.counts,
            held_because=held.because if held else None,
            plan=stored if parts else None,
            parts=len(parts),
            findings=self.plans.store_findings(run.id, *_findings(plan.conflicts, [*sheet.notes, *plan.notes])),
            upload=upload,
        )
        if run.dry_run:
            return self._ended(done, RunStatus.PLANNED)
        if held:
            return self._becomes(done, RunStatus.HELD)
        return self._becomes(done, RunStatus.APPLYING) if parts else self._ended(done, RunStatus.APPLIED)

    def _go_on(self, run: Run) -> None:
        """What follows from a decision; safe to do again."""
        if run.status is RunStatus.APPLYING:
            self.launcher.launch(run)
        elif run.status in {RunStatus.PLANNED, RunStatus.APPLIED} and run.upload and not run.upload.copies:
            self.report.write(run.id)

    def _counted(self, run: Run, rows: int) -> None:
        """Tell how many rows there are, so that whoever waits sees that it goes on."""

        def count(found: Found) -> Decided | None:
            known = found.run
            if known is None or known.upload is None or known.status is not RunStatus.GATHERING:
                return None
            return Decided(replace(known, upload=replace(known.upload, rows=rows)), found.state)

        record(self.table, run.id, None, count)

    def _ended(self, run: Run, status: RunStatus, because: str | None = None) -> Run | None:
        return self._becomes(replace(run, because=because, finished_at=stamp(self.clock())), status)

    def _becomes(self, run: Run, status: RunStatus) -> Run | None:
        """The run with this status; None if somebody decided in the meantime, who had the same file."""

        def become(found: Found) -> Decided | None:
            if found.run is None or found.run.status is not RunStatus.GATHERING:
                return None
            return Decided(replace(run, status=status, version=found.run.version), found.state)

        return record(self.table, run.id, None, become)

    def _settings(self) -> Settings:
        settings = settings_from(self.table.get(SETTINGS_KEY))
        if not settings.internal_domains:
            raise NoInternalDomains("No internal domain is set. Name the organisation's own with PUT /settings.")
        return settings


def _upload(run: Run) -> Upload:
    if run.upload is None:
        raise ValueError(f"run {run.id} is no import")
    return run.upload


def _of_parts(results: Iterable[RowResult], parts: Sequence[Sequence[Batch]]) -> tuple[int, ...]:
    """How many rows are done once each part is: a row that several parts bring about, with the last of them."""
    part_of = {
        address: number
        for number, part in enumerate(parts)
        for batch in part
        for step in batch
        if (address := moved(step))
    }
    last: dict[int, int] = {}
    for each in results:
        if each.outcome in CHANGES:
            last[each.row] = max(last.get(each.row, 0), part_of[Address(each.alias or each.primary or "")])
    counted = Counter(last.values())
    return tuple(counted[number] for number in range(len(parts)))


def _findings(conflicts: Sequence[Conflict], notes: Sequence[Note]) -> tuple[Sequence[Conflict], Sequence[Note]]:
    """What is told among the run's steps."""
    more = len(conflicts) - CONFLICTS_FOUND
    if more <= 0:
        return conflicts, notes
    sentence = f"{more} more conflicts are not listed here; the results of the rows have them all"
    return conflicts[:CONFLICTS_FOUND], [*notes, Note("ignored", sentence, more)]
