"""The steps of a run, a page at a time: what was found without a step, then what was planned or carried out."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from addresses import cursor
from addresses.errors import InvalidCursor
from addresses.plan_store import PlanStore
from addresses.run import Run, RunStatus
from addresses.run_items import STEPS, run_partition
from addresses.step import data
from addresses.table import Table

FINDINGS = "FINDINGS"
CARRIED_OUT = {RunStatus.APPLYING, RunStatus.APPLIED, RunStatus.FAILED}

# A step, as a record of it or a part of a plan has it, and where it stands: its block, and its place there.
type Row = tuple[str, int, dict[str, Any]]


def page(
    run: Run, table: Table, plans: PlanStore, given: str | None, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """At most so many steps, and the cursor that goes on.

    Raises:
        addresses.errors.InvalidCursor: the cursor is not of this run.
    """
    listing = f"steps of {run.id}"
    block, _, place = cursor.take(listing, given).partition("|") if given else ("", "", "0")
    # The checksum of a cursor is no secret, so who wrote this one may be anybody.
    if not re.fullmatch("[0-9]{1,9}", place):
        raise InvalidCursor("This cursor does not belong to this listing. Start again without one.")
    rows = _rows(run, table, plans, block)
    beyond = (row for row in rows if row[0] != block or row[1] >= int(place))
    found = list(islice(beyond, limit + 1))
    more = cursor.give(listing, f"{found[limit][0]}|{found[limit][1]}") if len(found) > limit else None
    return [step for _, _, step in found[:limit]], more


def _rows(run: Run, table: Table, plans: PlanStore, start: str) -> Iterator[Row]:
    """Everything from this block on. The names of blocks sort as they follow each other."""
    if run.findings and start <= FINDINGS:
        for place, found in enumerate(plans.findings(run.findings)):
            yield FINDINGS, place, found | {"outcome": "conflict" if found["step"] == "conflict" else None}
    if run.status in CARRIED_OUT:
        for item in table.partition(run_partition(run.id), STEPS, start if start.startswith(STEPS) else ""):
            for place, step in enumerate(item["steps"]):
                yield item["sk"], place, step
    elif run.plan:
        for key in plans.keys(run.plan):
            if key >= start:
                _, batches = plans.part(key)
                for place, each in enumerate(step for batch in batches for step in batch):
                    yield key, place, data(each) | {"sentence": each.sentence, "outcome": "planned"}
