"""What a run comes to once its plan is made and checked. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from addresses.check import Held
from addresses.launch import CARRIED_OUT_WITHIN_MINUTES
from addresses.run import Run, RunStatus
from addresses.run_book import Decided, Found, superseded
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink
from addresses.times import stamp


def decision(found: Found, planned: Run, steps: int, held: Held | None, now: datetime) -> Decided:
    """The run with its new status, the directory's state, and the held run whose place this one takes.

    A dry run ends here. A plan that an administrator rejected before is rejected again, one that takes too much away is
    held, and in both cases the cursor stays, so nothing is lost. Without steps, there is nothing left to do.
    """
    at = stamp(now)
    planned = replace(planned, held_because=held.because if held else None)
    if planned.dry_run:
        return Decided(_ended(planned, RunStatus.PLANNED, at), found.state)
    if found.state.under_way != planned.id:
        because = f"It took too long, and run {found.state.under_way} took its place."
        return Decided(_ended(planned, RunStatus.FAILED, at, because), found.state)
    state, old = superseded(found, planned.id, at)
    if held and planned.digest == state.rejected:
        because = "An administrator rejected just this plan before. PUT the directory again to have it held once more."
        return Decided(_ended(planned, RunStatus.REJECTED, at, because), state.left_by(planned.id), old)
    if held:
        waiting = replace(planned, status=RunStatus.HELD)
        return Decided(waiting, replace(state.left_by(planned.id), held=planned.id), old)
    if steps:
        lease = timedelta(minutes=CARRIED_OUT_WITHIN_MINUTES)
        taken = state.taken_by(planned.id, now, lease).writing(planned.reading)
        return Decided(replace(planned, status=RunStatus.APPLYING), taken, old)
    ended = _ended(planned, RunStatus.APPLIED, at)
    return Decided(ended, state.after(planned.id, planned.reading, planned.started_at).writing(None), old)


def owned_after(owned: int, steps: Iterable[Step]) -> int:
    """How many addresses the directory has once these steps are done, as far as they say; a whole reading counts anew.

    Without this, whatever a run after the first takes away would be a share of what there was before the first.
    """
    return max(0, owned + sum(map(_gained, steps)))


def _gained(step: Step) -> int:
    match step:
        case Link():
            return 1
        case Unlink() | Close():
            return -1
        case Adopt(before=before, after=after):
            return int(before.directory != after.directory)
        case Open(mailbox=ref, holder=holder):
            # A holder's alias is most often the directory's own already; its primary is given up by a step of its own.
            return int(holder is None or holder.primary == ref.primary)
        case Promote(mailbox=ref, holder=holder, keep=keep):
            return int(holder is None or holder.id != ref.id) - int(not keep)
        case Relink():
            return 0


def _ended(planned: Run, status: RunStatus, at: str, because: str | None = None) -> Run:
    return replace(planned, status=status, because=because, finished_at=at)
