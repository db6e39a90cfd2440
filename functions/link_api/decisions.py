"""What an administrator decides of a held run: exactly this plan, once, within 24 hours; or not at all."""

from dataclasses import replace
from datetime import datetime, timedelta

from addresses.address import Address
from addresses.directory_items import directory_key
from addresses.errors import ApprovalTooLate, DigestDiffers, NoSuchDirectory, RunNotHeld
from addresses.launch import CARRIED_OUT_WITHIN_MINUTES
from addresses.mailbox import RunId
from addresses.run import APPROVAL, Run, RunStatus
from addresses.run_book import Decided, Found, directory_of, read_run, record
from addresses.table import Table
from addresses.times import parse_time, stamp


def approve(table: Table, run: RunId, digest: str, by: Address, now: datetime) -> Run | None:
    """The run, which is to be carried out from now on.

    Raises:
        addresses.errors.Conflicting: it is not held, has another plan, is too old, or another run is under way.
        NoSuchDirectory: its directory has been forgotten since.
    """
    directory = directory_of(read_run(table, run))
    if directory and table.get(directory_key(directory)) is None:
        raise NoSuchDirectory(
            f"Directory {directory} is no longer configured, so nothing is done in its name. Reject it."
        )

    def decide(found: Found) -> Decided:
        held = _held(found, run)
        if digest != held.digest:
            raise DigestDiffers(f"The plan of run {run} has the digest {held.digest}. Read it, then approve that one.")
        if now - parse_time(held.started_at) > APPROVAL:
            raise ApprovalTooLate(
                f"Run {run} was planned more than 24 hours ago. Sync again, and decide on the new run."
                if directory
                else f"Run {run} was planned more than 24 hours ago. Upload the file again, and decide on the new run."
            )
        lease = timedelta(minutes=CARRIED_OUT_WITHIN_MINUTES)
        # A spreadsheet has no state: each says what it says, and none takes another's place.
        taken = found.state.taken_by(run, now, lease).writing(held.reading) if directory else found.state
        state = replace(taken, held=None)
        return Decided(replace(held, status=RunStatus.APPLYING, decided_by=by), state)

    return record(table, run, directory, decide)


def reject(table: Table, run: RunId, by: Address, now: datetime) -> Run | None:
    """The run, which will not be carried out; the same plan is not held a second time.

    Raises:
        RunNotHeld: it is not held.
    """

    def decide(found: Found) -> Decided:
        held = _held(found, run)
        because = f"{by} rejected it."
        ended = replace(held, status=RunStatus.REJECTED, because=because, decided_by=by, finished_at=stamp(now))
        return Decided(ended, replace(found.state, held=None, rejected=held.digest))

    return record(table, run, directory_of(read_run(table, run)), decide)


def _held(found: Found, run: RunId) -> Run:
    if found.run is None or found.run.status is not RunStatus.HELD:
        status = found.run.status if found.run else "unknown"
        more = f" {found.run.because}" if found.run and found.run.because else ""
        raise RunNotHeld(f"Run {run} is {status}, not held.{more}")
    return found.run
