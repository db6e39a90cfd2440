"""A run: one plan on its way from being made to being carried out, and what is remembered of it. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from addresses.mailbox import MailboxId, RunId, Source
from addresses.outcome import Outcome, Verdict
from addresses.step import KINDS, kind
from addresses.times import parse_time

APPROVAL = timedelta(hours=24)
# Lambda tries an order three times, each for a quarter of an hour at most.
LOST_AFTER = timedelta(hours=1)


class RunStatus(StrEnum):
    """How far a run has come.

    ``gathering``: it reads and plans. ``planned``: a dry run, at its end. ``held``: it would take too much away, and
    waits for an administrator. ``rejected``: an administrator decided against it. ``superseded``: a newer plan of the
    same source took the place of a held one.
    """

    GATHERING = "gathering"
    PLANNED = "planned"
    HELD = "held"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"
    REJECTED = "rejected"
    SUPERSEDED = "superseded"


class RunKind(StrEnum):
    """What a run comes from: a directory, one that is being tried, a spreadsheet, a request, a run to take back."""

    SYNC = "sync"
    IMPORT = "import"
    TEST = "test"
    MANUAL = "manual"
    REVERT = "revert"


@dataclass(frozen=True)
class Reading:
    """How a directory was read: from where to ask for changes next, and what the cursor stands on.

    ``whole``: it was read to its end, and not only asked for changes. ``owned``: how many addresses the directory has
    in the table once the run is applied. ``contested``: the ids of entries with a claim that was in conflict; they are
    read again by every run, since whoever gives way may be another. ``written``: the mailboxes that its steps write,
    which the next run reads from the table, since the index may not show them as they are. ``read_as``: a digest of
    everything that its words were understood by; if that changes, a cursor is worth nothing.
    """

    cursor: str | None
    whole: bool
    owned: int
    read_as: str
    contested: tuple[str, ...] = ()
    written: tuple[MailboxId, ...] = ()


@dataclass(frozen=True)
class Upload:
    """The spreadsheet of an import, and how many rows it has.

    ``key`` and ``version`` are its object's in the import bucket; without a version nothing has arrived yet. ``rows``:
    how many have a result; None until it was read. ``of_parts``: how many of them each part of the plan brings about;
    the others need nothing to be done. ``results``: where the results of the rows are kept; ``copies``: the keys of the
    file with its results, as a workbook and as CSV.
    """

    key: str
    filename: str
    version: str | None = None
    rows: int | None = None
    of_parts: tuple[int, ...] = ()
    results: str | None = None
    copies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Run:
    """Who changed something, when, by which plan, and how far that has come.

    ``actor`` is an administrator's address, or ``schedule``; ``decided_by`` is who approved or rejected it. ``digest``
    is the plan's; ``plan`` is where its parts are kept, ``parts`` how many there are (none where a request's few steps
    were carried out at once), and ``findings`` where the conflicts and notes are that have no step. ``held_because``
    says why it was held or, of a dry run, would be; ``because`` why it failed, was rejected or superseded. ``reading``
    is how its directory was read, ``upload`` its spreadsheet. ``reverts`` is the run that this one takes back.
    ``version`` counts its writes.
    """

    id: RunId
    kind: RunKind
    source: Source
    actor: str
    started_at: str
    status: RunStatus = RunStatus.GATHERING
    dry_run: bool = False
    digest: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    held_because: str | None = None
    because: str | None = None
    decided_by: str | None = None
    finished_at: str | None = None
    plan: str | None = None
    parts: int = 0
    findings: str | None = None
    reading: Reading | None = None
    upload: Upload | None = None
    reverts: RunId | None = None
    version: int = 0


def seen_at(run: Run, now: datetime) -> Run:
    """The run as it is shown: one that was only begun, and of which nothing was heard for an hour, has failed."""
    if run.status is not RunStatus.GATHERING or now - parse_time(run.started_at) < LOST_AFTER:
        return run
    because = "It ended without a word, and changed nothing. The log of its function says more; order it again."
    if run.upload and not run.upload.version:
        because = "No file came by the link that it gave, which was good for an hour. POST /imports again."
    return replace(run, status=RunStatus.FAILED, because=because)


def new_run_id(started: datetime, unique: str) -> RunId:
    """An id that begins with the run's time, so that ids sort as runs began. ``unique``: 12 letters or digits."""
    return RunId(f"{started.astimezone(UTC):%Y%m%dT%H%M%SZ}-{unique}")


def counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many steps of each kind were applied, how many were right already, and how many met a conflict."""
    counted = Counter(
        {Verdict.APPLIED: kind(each.step), Verdict.ALREADY_DONE: "unchanged", Verdict.CONFLICT: "conflict"}[
            each.verdict
        ]
        for each in outcomes
    )
    return {name: counted[name] for name in (*KINDS, "conflict", "ignored", "unchanged")}


def total(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """The sums of such counts."""
    added: Counter[str] = Counter()
    for each in parts:
        added.update(each)
    return {name: added[name] for name in (*KINDS, "conflict", "ignored", "unchanged")}
