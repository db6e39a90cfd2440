"""Runs and the directories that they are of: what is decided of both is written together, or not at all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from addresses.errors import NoSuchRun, TableBusy
from addresses.mailbox import RunId
from addresses.run import Run, RunKind, RunStatus
from addresses.run_items import run_from, run_key, run_write
from addresses.sync_state import SyncState
from addresses.sync_state_items import state_from, state_key, state_write
from addresses.table import Changed, Table

ATTEMPTS = 8


@dataclass(frozen=True)
class Found:
    """A run (None: it is not recorded yet), the state of its directory, and the other runs that the state names."""

    run: Run | None
    state: SyncState
    others: Sequence[Run] = ()


@dataclass(frozen=True)
class Decided:
    """What becomes of the run, of the state of its directory, and of other runs."""

    run: Run
    state: SyncState
    others: Sequence[Run] = ()


def read_run(table: Table, run: RunId) -> Run:
    """The run as it is now.

    Raises:
        NoSuchRun: there is none of this id.
    """
    item = table.get(run_key(run))
    if item is None:
        raise NoSuchRun(f"There is no run {run}. GET /runs lists those that there are.")
    return run_from(item)


def read_state(table: Table, directory: str) -> SyncState:
    """The directory's state as it is now."""
    return state_from(directory, table.get(state_key(directory)))


def directory_of(run: Run) -> str | None:
    """The directory whose state the run has a part in; a dry run, a trial and a revert have in none."""
    only_looks = run.dry_run or run.kind is not RunKind.SYNC
    return None if only_looks else run.source.removeprefix("directory:")


def record(table: Table, run: RunId, directory: str | None, decide: Callable[[Found], Decided | None]) -> Run | None:
    """Decide on a run and its directory as they are now, and write what was decided; None if nothing is to be done.

    Without a ``directory``, the run alone is decided on.

    Raises:
        TableBusy: others wrote the same items every time.
    """
    for attempt in range(ATTEMPTS):
        keys = [run_key(run), *([state_key(directory)] if directory else [])]
        items = table.get_many(keys)
        state = state_from(directory or "", items.get(keys[-1]) if directory else None)
        named = {run_key(each) for each in (state.held, state.under_way) if each and each != run}
        others = tuple(run_from(item) for item in table.get_many(named).values())
        found = Found(run_from(items[run_key(run)]) if run_key(run) in items else None, state, others)
        decided = decide(found)
        if decided is None:
            return None
        writes = [run_write(each) for each in (decided.run, *decided.others)]
        if directory and decided.state != state:
            writes.append(state_write(decided.state))
        try:
            table.write_together(writes)
        except Changed:
            table.wait(attempt)
        else:
            return replace(decided.run, version=decided.run.version + 1)
    raise TableBusy(f"{ATTEMPTS} tries to write run {run} met other writers each time. Send it again.")


def superseded(found: Found, by: RunId, at: str) -> tuple[SyncState, list[Run]]:
    """The state without the run that is held, and that run as one whose place a newer plan took."""
    because = f"Run {by} planned anew what the directory says; look at that one."
    old = [
        replace(each, status=RunStatus.SUPERSEDED, because=because, finished_at=at)
        for each in found.others
        if each.id == found.state.held and each.status is RunStatus.HELD
    ]
    return replace(found.state, held=None), old
