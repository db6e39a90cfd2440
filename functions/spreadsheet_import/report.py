"""Report: the results of the rows as they came out, and the file itself with its results beside each row."""

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from addresses.address import Address
from addresses.book import read_holders
from addresses.mailbox import RunId
from addresses.outcome import Outcome, Verdict
from addresses.plan_store import PlanStore
from addresses.row_result import CHANGES, RowOutcome, RowResult
from addresses.row_store import RowStore
from addresses.run import Run, RunStatus, Upload
from addresses.run_book import Decided, Found, read_run, record
from addresses.run_items import PART, STEPS, outcomes_from, run_partition, whole_numbers
from addresses.step import moved
from addresses.table import Table
from spreadsheet_import import copies
from spreadsheet_import.errors import FileMissing
from spreadsheet_import.layout import header
from spreadsheet_import.sheets.file import opened
from spreadsheet_import.uploads import Uploads

RESULTS = "results/"

type Otherwise = dict[Address, tuple[RowOutcome, str]]


@dataclass(frozen=True)
class Report:
    """What a report works with."""

    table: Table
    plans: PlanStore
    rows: RowStore
    uploads: Uploads

    def write(self, run: RunId) -> None:
        """Write what became of the rows of this run. Safe to do again."""
        ended = read_run(self.table, run)
        if ended.upload is None or ended.upload.results is None:
            return
        reported = ended.upload
        otherwise = self._otherwise(ended)
        if otherwise:
            results = [_as_it_came_out(each, otherwise) for _, each in self.rows.results(ended.upload.results)]
            reported = replace(reported, results=self.rows.store(run, "reported", results))
        reported = replace(reported, copies=self._copied(run, reported))

        def told(found: Found) -> Decided | None:
            if found.run is None or found.run.upload == reported:
                return None
            return Decided(replace(found.run, upload=reported), found.state)

        record(self.table, run, None, told)

    def _otherwise(self, run: Run) -> Otherwise:
        """The addresses whose step came out otherwise than it was planned, and how."""
        if run.status not in {RunStatus.APPLIED, RunStatus.FAILED} or not run.plan:
            return {}
        partition = run_partition(run.id)
        ended = {
            int(item["sk"].removeprefix(PART)): Counter(whole_numbers(item["counts"]))
            for item in self.table.partition(partition, PART)
        }
        otherwise: Otherwise = {}
        for key in self.plans.keys(run.plan):
            number = int(PurePosixPath(key).stem)
            if number in ended and not (ended[number]["conflict"] or ended[number]["unchanged"]):
                continue
            if number not in ended:
                because = "it was not carried out; upload the file again"
                _, batches = self.plans.part(key)
                for address in filter(None, (moved(step) for batch in batches for step in batch)):
                    otherwise[address] = RowOutcome.IGNORED, because
            for item in self.table.partition(partition, f"{STEPS}{number:06}#"):
                for outcome in outcomes_from(item):
                    _note(outcome, otherwise)
        return otherwise | self._met(each for each, (outcome, _) in otherwise.items() if outcome is RowOutcome.CONFLICT)

    def _met(self, addresses: Iterable[Address]) -> Otherwise:
        """Why these conflict, for people: a step's own reason names a mailbox that it had not read by its id."""
        addresses = list(addresses)
        existing = read_holders(self.table, addresses)
        return {
            address: (
                RowOutcome.CONFLICT,
                f"others made it an address of {at.primary} meanwhile; upload the file again",
            )
            for address in addresses
            if (at := existing.holder(address))
        }

    def _copied(self, run: RunId, upload: Upload) -> tuple[str, ...]:
        """The keys of the copies of the file with its results."""
        name = PurePosixPath(upload.key).stem or "import"
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder)
            try:
                self.uploads.fetch(upload, path / "upload")
            except FileMissing:
                return ()
            copies.write(header.table(opened(path / "upload")), path / "xlsx", path / "csv", self._results(upload))
            kinds = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
            for kind, content_type in kinds.items():
                self.uploads.put(path / kind, f"{RESULTS}{run}/{name}.{kind}", content_type)
        return tuple(f"{RESULTS}{run}/{name}.{kind}" for kind in kinds)

    def _results(self, upload: Upload) -> Iterator[RowResult]:
        return (result for _, result in self.rows.results(upload.results or ""))


def _note(outcome: Outcome, otherwise: Otherwise) -> None:
    address = moved(outcome.step)
    if address is None:
        return
    match outcome.verdict:
        case Verdict.APPLIED:
            otherwise.pop(address, None)
        case Verdict.ALREADY_DONE:
            otherwise[address] = RowOutcome.ALREADY, outcome.reason
        case Verdict.CONFLICT:
            otherwise[address] = RowOutcome.CONFLICT, f"{outcome.reason}; upload the file again"


def _as_it_came_out(result: RowResult, otherwise: Otherwise) -> RowResult:
    found = otherwise.get(Address(result.alias or result.primary or "")) if result.outcome in CHANGES else None
    return replace(result, outcome=found[0], reason=found[1]) if found else result
