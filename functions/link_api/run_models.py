"""Bodies and answers of the API about directories and runs."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StrictBool, StringConstraints

from addresses.directory import Directory
from addresses.run import Run


class SyncDirectory(BaseModel):
    """``dry_run``: plan only. ``whole``: read all of the directory, and not only what changed."""

    model_config = ConfigDict(extra="forbid")
    dry_run: StrictBool = False
    whole: StrictBool = False


class Directories(BaseModel):
    """Every directory that is configured, by name."""

    directories: dict[str, Directory]


class RunStarted(BaseModel):
    """The run that was ordered; ask for it by this id."""

    run: str


class ApproveRun(BaseModel):
    """``digest``: that of the plan that is approved, as the run tells it."""

    model_config = ConfigDict(extra="forbid")
    digest: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class RevertRun(BaseModel):
    """``dry_run``: plan only, and say what would be taken back."""

    model_config = ConfigDict(extra="forbid")
    dry_run: StrictBool = False


class Progress(BaseModel):
    """How many rows of a spreadsheet have got as far as they will, of how many."""

    done: int
    rows: int


class RunAnswer(BaseModel):
    """A run as administrators see it: who or what began it, how far it has come, and what it came to.

    ``progress`` is that of an import, once its rows were counted; in a list of runs it is null.
    """

    id: str
    kind: str
    source: str
    status: str
    dry_run: bool
    counts: dict[str, int]
    held_because: str | None
    because: str | None
    digest: str
    actor: str
    decided_by: str | None
    reverts: str | None
    started_at: str
    finished_at: str | None
    progress: Progress | None = None

    @classmethod
    def of(cls, run: Run, progress: Progress | None = None) -> Self:
        """The answer that shows this run."""
        return cls(
            id=run.id,
            kind=run.kind,
            source=run.source,
            status=run.status,
            dry_run=run.dry_run,
            counts=dict(run.counts),
            held_because=run.held_because,
            because=run.because,
            digest=run.digest,
            actor=run.actor,
            decided_by=run.decided_by,
            reverts=run.reverts,
            started_at=run.started_at,
            finished_at=run.finished_at,
            progress=progress,
        )


class RunPage(BaseModel):
    """A page of runs, the newest first; ``next`` continues it."""

    runs: list[RunAnswer]
    next: str | None


class StepAnswer(BaseModel):
    """A step and what became of it, or something that was found and has no step.

    ``step``: one of the seven, or ``conflict``, ``ignored``, ``kept``, ``read``. ``outcome``: ``planned``, ``applied``,
    ``already-done`` or ``conflict``. ``data`` is all of it, for programs.
    """

    step: str
    sentence: str
    outcome: str | None
    reason: str | None
    data: dict[str, Any]


class StepPage(BaseModel):
    """A page of a run's steps; ``next`` continues it."""

    steps: list[StepAnswer]
    next: str | None
