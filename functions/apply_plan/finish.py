"""Report: a run whose parts were carried out comes to its end, and only now does the directory's cursor move."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from addresses.order import FinishOrder
from addresses.run import Run, RunStatus, total
from addresses.run_book import Decided, Found, directory_of, read_run, record
from addresses.run_items import PART, run_partition, whole_numbers
from addresses.step import KINDS
from addresses.table import Table
from addresses.times import stamp


def finish(order: FinishOrder, table: Table, clock: Callable[[], datetime]) -> Run | None:
    """The run at its end; None if it had ended before.

    If a part is missing, or steps met conflicts, the directory is asked again for the same changes by the next run.
    """
    run = read_run(table, order.run)
    parts = [whole_numbers(item["counts"]) for item in table.partition(run_partition(run.id), PART)]
    applied = total(parts)

    def end(found: Found) -> Decided | None:
        known = found.run
        if known is None or known.status is not RunStatus.APPLYING:
            return None
        at = stamp(clock())
        ended = replace(known, counts=_counts(known, applied), finished_at=at)
        if len(parts) < known.parts:
            because = f"{len(parts)} of {known.parts} parts were carried out ({order.failed or 'the others were not'})."
            because += " What was done is in its steps, and the next run plans what is left."
            return Decided(replace(ended, status=RunStatus.FAILED, because=because), found.state.left_by(run.id))
        reading = None if applied["conflict"] else known.reading
        return Decided(
            replace(ended, status=RunStatus.APPLIED, because=None), found.state.after(run.id, reading, run.started_at)
        )

    return record(table, run.id, directory_of(run), end)


def _counts(planned: Run, applied: dict[str, int]) -> dict[str, int]:
    """What the steps came to, with what was found in planning and has no step."""
    found = {name: number for name, number in planned.counts.items() if name not in KINDS}
    return total([applied, found])
