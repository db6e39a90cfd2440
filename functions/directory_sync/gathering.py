"""Gather: what the directory says now, and what the table holds of the mailboxes that this concerns."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import islice

from addresses.desired import Desired, DesiredMailbox
from addresses.directory import Directory
from addresses.mailbox import Mailbox, MailboxId
from addresses.run import Reading
from addresses.settings import Settings
from addresses.settled import Comparison
from addresses.table import Table
from directory_sync.errors import SuddenlyEmpty
from directory_sync.known_mailboxes import KnownMailboxes
from directory_sync.reader import Entry, Reader, Resync
from directory_sync.understanding import Understood, understand

# So many that are missing are asked for one by one; if there are more, the limits hold the run.
MOST_ASKED_FOR = 1000
# So many others are looked for before everybody who changed is believed to be gone.
WITNESSES = 5
# Beyond so many changes, reading the directory whole is quicker than asking for each entry.
MOST_CHANGES = 5000


@dataclass(frozen=True)
class Gathered:
    """What exists, what the directory desires, and how it was read."""

    existing: Collection[Mailbox]
    desired: Desired
    reading: Reading


@dataclass(frozen=True)
class Gathering:
    """One directory, about to be read, with everything by which its words are understood.

    ``written`` are the mailboxes that the run before has written.
    """

    name: str
    directories: Mapping[str, Directory]
    settings: Settings
    table: Table
    reader: Reader
    executor: Executor
    written: Collection[MailboxId] = ()

    @property
    def directory(self) -> Directory:
        """The configuration of the directory that is read."""
        return self.directories[self.name]

    @cached_property
    def _known(self) -> KnownMailboxes:
        return KnownMailboxes(self.name, self.table, self.executor, self.written)

    @property
    def read_as(self) -> str:
        """A digest of all by which the directory's words are understood: with another, a cursor is worth nothing."""
        domains = [f"{name}: {sorted(each.domains)}" for name, each in sorted(self.directories.items())]
        how = [self.directory.model_dump_json(), *sorted(self.settings.internal_domains), *domains]
        return sha256("\n".join(how).encode()).hexdigest()[:16]

    def whole(self) -> Gathered:
        """The directory read to its end, beside all mailboxes that it keeps.

        Raises:
            SuddenlyEmpty: nobody is left of those that it had.
        """
        comparison = Comparison(self.name, auto_link=self.directory.auto_link)
        comparison.remember(self._known.kept())
        known = len(comparison.unseen)
        understood = self._understand(self._everybody(comparison), comparison.settles)
        if known and not (understood.mailboxes or comparison.settled):
            raise SuddenlyEmpty(
                f"{self.name} answers that it has no account with a usable address, and {known} of its mailboxes "
                "are open here. Most often a right or a filter is wrong. If it is meant to be empty, delete the "
                "directory here: its mailboxes stay open, and can be closed by hand."
            )
        reading = Reading(self.reader.cursor(), whole=True, owned=comparison.owned, read_as=self.read_as)
        entries, existing = self._unsettled(comparison, understood)
        return Gathered(existing.values(), self._desired(entries, understood, met=comparison.met), reading)

    def changes(self, cursor: str, before: Reading) -> Gathered:
        """The entries that changed since the cursor, as they are now, beside the mailboxes that they concern.

        Whoever holds an address that they claim is read too, so that a claim is never judged by half of its claimants.

        Raises:
            Resync: the directory has to be read whole.
        """
        found = self.reader.changes(cursor)
        if len(found.ids) > MOST_CHANGES:
            raise Resync(f"{len(found.ids)} entries changed")
        ids: set[str] = {*found.ids, *before.contested}
        entries: dict[str, Entry] = {}
        existing: dict[MailboxId, Mailbox] = {}
        asked: set[str] = set()
        while ids - asked:
            new = ids - asked
            asked |= new
            entries |= {entry.id: entry for entry in self.reader.entries(new)}
            understood = self._understand(entries.values())
            existing = self._known.with_holders({**existing, **self._known.kept_of(new)}, understood.mailboxes)
            ids |= {
                each.profile.directory_id
                for each in existing.values()
                if each.profile.directory == self.name and each.profile.directory_id
            }
        if existing and not entries:
            self._require_sight(asked)
        understood = self._understand(entries.values())
        reading = replace(before, cursor=found.cursor, whole=False)
        desired = self._desired(understood.mailboxes, understood, gone=frozenset(asked))
        return Gathered(existing.values(), desired, reading)

    def _require_sight(self, gone: Collection[str]) -> None:
        """Raise ``Resync`` unless others of the directory can be read, when nobody who changed can.

        A lost right to read looks like that: Active Directory tells of changes in accounts that it does not show.
        """
        witnesses = list(islice((each for each in self._known.entries() if each not in gone), WITNESSES))
        if not self.reader.entries(witnesses):
            raise Resync("none of the entries that changed can be read, nor any other")

    def _everybody(self, comparison: Comparison) -> Iterator[Entry]:
        """Every entry; whoever's mailbox is unseen at the end is asked for by id before being taken for gone.

        A directory that is read page by page may show an entry on no page if it is renamed or moved meanwhile.
        """
        somebody, without_mailbox = False, set[str]()
        for entry in self.reader.full():
            somebody = True
            yield entry
            # By now it was understood; whoever asks for no mailbox leaves theirs unseen.
            if entry.id in comparison.unseen:
                without_mailbox.add(entry.id)
        missing = comparison.unseen.keys() - without_mailbox
        if somebody and len(missing) <= MOST_ASKED_FOR:
            yield from self.reader.entries(missing)

    def _unsettled(
        self, comparison: Comparison, understood: Understood
    ) -> tuple[list[DesiredMailbox], dict[MailboxId, Mailbox]]:
        """What has to be planned: the entries that are not settled, and the mailboxes that this concerns.

        An entry that is settled, and that holds what another claims, has to be planned with it.
        """
        entries, back = list(understood.mailboxes), comparison.taken_back(())
        existing = self._known.open(comparison.differing | comparison.leaving(understood.unclear))
        new = [*entries, *back]
        while new:
            existing = self._known.with_holders(existing, new)
            entries += back
            new = back = comparison.taken_back(
                each.profile.directory_id
                for each in existing.values()
                if each.profile.directory == self.name and each.profile.directory_id
            )
        return entries, existing

    def _understand(
        self, entries: Iterable[Entry], settled: Callable[[DesiredMailbox], bool] = lambda _: False
    ) -> Understood:
        return understand(entries, self.directory.disabled_accounts, self.settings, settled)

    def _desired(
        self,
        entries: Iterable[DesiredMailbox],
        understood: Understood,
        gone: frozenset[str] | None = None,
        met: int = 0,
    ) -> Desired:
        return Desired(
            self.name,
            tuple(entries),
            gone=gone,
            unclear=understood.unclear,
            auto_link=self.directory.auto_link,
            authorities={name: frozenset(each.domains) for name, each in self.directories.items()},
            notes=understood.notes,
            met=met,
        )
