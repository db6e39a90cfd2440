"""What is known of a directory between runs: who works on it, what waits, and from where to read on. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from addresses.errors import RunUnderWay
from addresses.mailbox import MailboxId, RunId
from addresses.run import Reading
from addresses.times import parse_time, stamp

# At least daily, whatever the increments say. An hour less than a day, so that a run a little early counts.
WHOLE_EVERY = timedelta(hours=23)


@dataclass(frozen=True)
class SyncState:
    """A directory between two runs.

    ``under_way`` is the run that works on it, and is taken for dead after ``until``. ``held`` waits for an
    administrator; ``rejected`` is the digest of the plan that one decided against. ``synced_at`` is when the last run
    began that was applied to its end. ``reading`` is that of the last run that was applied, ``whole_at`` when the last
    of them began that read the directory whole. ``written`` are the mailboxes that the last plan wrote, or is writing.
    """

    directory: str
    under_way: RunId | None = None
    until: str | None = None
    held: RunId | None = None
    rejected: str | None = None
    reading: Reading | None = None
    whole_at: str | None = None
    written: tuple[MailboxId, ...] = ()
    synced_at: str | None = None
    version: int = 0

    def is_busy_at(self, now: datetime) -> bool:
        """Whether a run is under way, as far as one can tell then."""
        return self.until is not None and stamp(now) < self.until

    def require_free(self, now: datetime) -> None:
        """Raise ``RunUnderWay`` while a run has the directory."""
        if self.is_busy_at(now):
            raise RunUnderWay(
                f"Run {self.under_way} of directory {self.directory} is under way. Wait until it has ended."
            )

    def taken_by(self, run: RunId, now: datetime, lease: timedelta) -> "SyncState":
        """The directory in the hands of this run.

        Raises:
            RunUnderWay: another run has it.
        """
        if self.under_way != run:
            self.require_free(now)
        return replace(self, under_way=run, until=stamp(now + lease))

    def writing(self, reading: Reading | None) -> "SyncState":
        """The directory when a plan that was made of this reading is about to be carried out."""
        return replace(self, written=reading.written if reading else ())

    def left_by(self, run: RunId) -> "SyncState":
        """The directory without this run, if it was under way."""
        return replace(self, under_way=None, until=None) if self.under_way == run else self

    def after(self, run: RunId, reading: Reading | None, began_at: str) -> "SyncState":
        """The directory once this run was applied to its end: only now does the cursor move.

        Without a ``reading``, the directory is to be asked for the same changes again.
        """
        if self.under_way != run:
            return self
        # An order that comes late began before what was done since.
        began_at = max(began_at, self.synced_at or "")
        left = replace(self.left_by(run), synced_at=began_at)
        if reading is None:
            return left
        # What it wrote is known to the state since it was decided on, and need not lie there twice.
        read = replace(reading, written=())
        return replace(left, reading=read, whole_at=began_at if reading.whole else left.whole_at)

    def age(self, now: datetime) -> timedelta | None:
        """How long ago the last good sync began; None if there was none yet."""
        # What an older deployment wrote tells at least when the directory was last read whole.
        at = self.synced_at or self.whole_at
        return now - parse_time(at) if at else None

    def cursor(self, now: datetime, read_as: str) -> str | None:
        """From where to ask for changes; None when the directory has to be read whole."""
        if not self.reading or not self.whole_at or self.reading.read_as != read_as:
            return None
        return self.reading.cursor if now - parse_time(self.whole_at) < WHOLE_EVERY else None
