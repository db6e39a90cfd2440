"""What one function asks another to do, as the event that it sends."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from addresses.mailbox import RunId

DirectoryName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")]


class SyncOrder(BaseModel):
    """Read a directory: for a sync, a dry run of one, or only to see that it can be read.

    The run's id comes with the order, so that an order that is delivered twice is one run. ``whole``: do not be content
    with what changed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    do: Literal["sync", "test"] = "sync"
    directory: DirectoryName
    run: RunId
    started_at: str
    actor: str
    dry_run: bool = False
    whole: bool = False


class PartOrder(BaseModel):
    """Carry out one part of a run's plan; ``part`` is its key in the plan bucket."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    do: Literal["part"] = "part"
    run: RunId
    part: str


class FinishOrder(BaseModel):
    """End a run whose parts were carried out; ``failed`` says why some were not."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    do: Literal["finish"] = "finish"
    run: RunId
    failed: str | None = None


class ReportOrder(BaseModel):
    """Write the results of an import's rows, as far as it has come."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    do: Literal["report"] = "report"
    run: RunId


class RevertOrder(BaseModel):
    """Plan the opposite of what a run did, and have it carried out as the run ``run``."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    do: Literal["revert"] = "revert"
    reverts: RunId
    run: RunId
    started_at: str
    actor: str
    dry_run: bool = False
