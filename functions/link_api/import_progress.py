"""How far an import has come: which of its rows have got as far as they will."""

from addresses.run import Run, RunStatus
from addresses.run_items import PART, run_partition
from addresses.table import Table
from link_api.run_models import Progress

CARRIED_OUT = {RunStatus.APPLYING, RunStatus.APPLIED, RunStatus.FAILED}


def progress(run: Run, table: Table) -> Progress | None:
    """None for a run that is no import, or whose rows were not counted yet.

    A row that needs nothing is done once it is planned, another with the part of the plan that brings it about. Of a
    dry run nothing else will be done.
    """
    if run.upload is None or run.upload.rows is None:
        return None
    rows, of_parts = run.upload.rows, run.upload.of_parts
    if run.status is RunStatus.GATHERING:
        return Progress(done=0, rows=rows)
    if run.status is RunStatus.PLANNED:
        return Progress(done=rows, rows=rows)
    done = rows - sum(of_parts)
    if run.status in CARRIED_OUT:
        ended = {int(item["sk"].removeprefix(PART)) for item in table.partition(run_partition(run.id), PART)}
        done += sum(number for part, number in enumerate(of_parts) if part in ended)
    return Progress(done=done, rows=rows)
