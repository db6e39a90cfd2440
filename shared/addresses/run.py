"""A run: one plan being carried out, and the record that is kept of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from addresses.mailbox import RunId, Source
from addresses.outcome import Outcome, Verdict
from addresses.step import KINDS, data, kind
from addresses.table import Item


class RunStatus(StrEnum):
    """How far a run has come."""

    APPLIED = "applied"


@dataclass(frozen=True)
class Run:
    """Who changed something, when, by which plan. ``actor`` is an administrator's address.

    ``all_or_none``: a conflict of one step leaves undone all that would have been done together with it.
    """

    id: RunId
    kind: str
    source: Source
    actor: str
    started_at: str
    digest: str
    all_or_none: bool = False


def run_item(run: Run, outcomes: Iterable[Outcome], status: RunStatus, finished_at: str) -> Item:
    """The run's item, once it has ended."""
    return {
        "pk": f"RUN#{run.id}",
        "sk": "RUN",
        "run": run.id,
        "kind": run.kind,
        "source": run.source,
        "status": status.value,
        "counts": counts(outcomes),
        "digest": run.digest,
        "actor": run.actor,
        "started_at": run.started_at,
        "finished_at": finished_at,
    }


def steps_item(run: Run, batch: int, outcomes: Iterable[Outcome]) -> Item:
    """What became of the steps of one transaction; written by that same transaction, so it cannot tell otherwise."""
    return {
        "pk": f"RUN#{run.id}",
        "sk": f"STEPS#{batch:06}",
        "steps": [_outcome(outcome) for outcome in outcomes],
    }


def counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many steps of each kind were applied, how many were right already, and how many met a conflict."""
    counted = Counter(
        {Verdict.APPLIED: kind(each.step), Verdict.ALREADY_DONE: "unchanged", Verdict.CONFLICT: "conflict"}[
            each.verdict
        ]
        for each in outcomes
    )
    return {name: counted[name] for name in (*KINDS, "conflict", "unchanged")}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    reason = {"reason": outcome.reason} if outcome.reason else {}
    return {**data(outcome.step), "sentence": outcome.step.sentence, "outcome": outcome.verdict.value, **reason}
