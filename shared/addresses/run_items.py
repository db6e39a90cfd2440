"""How runs lie in the table: the run, what became of the steps of each transaction, the counts of each part."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from addresses.mailbox import RunId, Source
from addresses.outcome import Outcome, Verdict
from addresses.run import Reading, Run, RunKind, RunStatus, Upload
from addresses.step import data, from_data
from addresses.table import Item, Key, Write

STEPS, PART = "STEPS#", "PART#"


def run_partition(run: RunId) -> str:
    """Where everything of a run lies."""
    return f"RUN#{run}"


def run_key(run: RunId) -> Key:
    """Where the run's own item lies."""
    return run_partition(run), "RUN"


def runs_of(source: Source) -> str:
    """The list of a source's runs in the index ``by_list``, in the order in which they began."""
    return f"RUNS#{source}"


def run_write(run: Run) -> Write:
    """The run's item as it should be, on top of the version that was read."""
    attributes: dict[str, Any] = {name: value for name, value in asdict(run).items() if name not in {"id", "version"}}
    attributes |= {"run": run.id, "kind": run.kind.value, "status": run.status.value, "counts": dict(run.counts)}
    attributes |= {name: None for name in ("dry_run", "parts", "digest") if not attributes[name]}
    return Write(run_key(run.id), {**attributes, "listing": runs_of(run.source), "listed_as": run.id}, run.version)


def run_item(run: Run) -> Item:
    """The item of a run that is recorded once and never changes: a request by hand."""
    pk, sk = run_key(run.id)
    return {"pk": pk, "sk": sk, **run_write(run).attributes, "version": 1}


def run_from(item: Item) -> Run:
    """The run that the item holds."""
    return Run(
        id=RunId(item["run"]),
        kind=RunKind(item["kind"]),
        source=Source(item["source"]),
        actor=item["actor"],
        started_at=item["started_at"],
        status=RunStatus(item["status"]),
        dry_run=item.get("dry_run", False),
        digest=item.get("digest", ""),
        counts=whole_numbers(item["counts"]),
        held_because=item.get("held_because"),
        because=item.get("because"),
        decided_by=item.get("decided_by"),
        finished_at=item.get("finished_at"),
        plan=item.get("plan"),
        parts=int(item.get("parts", 0)),
        findings=item.get("findings"),
        reading=reading_from(item.get("reading")),
        upload=upload_from(item.get("upload")),
        reverts=item.get("reverts"),
        version=int(item["version"]),
    )


def reading_from(found: Mapping[str, Any] | None) -> Reading | None:
    """How the directory was read, as the table gives it back."""
    if not found:
        return None
    contested, written = tuple(found["contested"]), tuple(found.get("written", ()))
    return Reading(found["cursor"], found["whole"], int(found["owned"]), found["read_as"], contested, written)


def upload_from(found: Mapping[str, Any] | None) -> Upload | None:
    """The spreadsheet of an import, as the table gives it back."""
    if not found:
        return None
    return Upload(
        key=found["key"],
        filename=found["filename"],
        version=found["version"],
        rows=None if found["rows"] is None else int(found["rows"]),
        of_parts=tuple(map(int, found["of_parts"])),
        results=found["results"],
        copies=tuple(found["copies"]),
    )


def steps_key(run: RunId, part: int, batch: int) -> Key:
    """Where the record of one transaction lies."""
    return run_partition(run), f"{STEPS}{part:06}#{batch:06}"


def steps_item(run: RunId, part: int, batch: int, outcomes: Iterable[Outcome]) -> Item:
    """What became of the steps of one transaction; written by that same transaction, so it cannot tell otherwise."""
    pk, sk = steps_key(run, part, batch)
    return {"pk": pk, "sk": sk, "steps": [outcome_data(outcome) for outcome in outcomes]}


def outcomes_from(item: Item) -> tuple[Outcome, ...]:
    """What became of the steps of one transaction, as recorded."""
    return tuple(
        Outcome(from_data(each), Verdict(each["outcome"]), each.get("reason", ""), each.get("linked_by"))
        for each in item["steps"]
    )


def part_item(run: RunId, part: int, counts: Mapping[str, int]) -> Item:
    """That a part of the plan was carried out to its end, and what it came to."""
    return {"pk": run_partition(run), "sk": f"{PART}{part:06}", "counts": dict(counts)}


def outcome_data(outcome: Outcome) -> dict[str, Any]:
    """A step and what became of it, as JSON carries it."""
    reason = {"reason": outcome.reason} if outcome.reason else {}
    linked_by = {"linked_by": outcome.linked_by} if outcome.linked_by else {}
    told = {"sentence": outcome.step.sentence, "outcome": outcome.verdict.value}
    return {**data(outcome.step), **told, **reason, **linked_by}


def whole_numbers(counts: Mapping[str, Any]) -> dict[str, int]:
    """Counts as the table gives them back, in which every number is a decimal."""
    return {name: int(number) for name, number in counts.items()}
