"""Gather: what the directory says now, and what the table holds of the mailboxes that this concerns."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from itertools import batched, islice

from addresses.book import read, read_holders
from addresses.desired import Desired
from addresses.directory import Directory
from addresses.items import DIRECTORY_SHARDS, directory_shard, mailbox_from
from addresses.mailbox import Mailbox, MailboxId, directory_mailbox_id, directory_source
from addresses.run import Reading
from addresses.settings import Settings
from addresses.table import Table
from directory_sync.errors import SuddenlyEmpty
from directory_sync.reader import Entry, Reader, Resync
from directory_sync.understanding import Understood, understand

# So many that are missing are asked for one by one; if there are more, the limits hold the run.
MOST_ASKED_FOR = 1000
# So many others are looked for before everybody who changed is believed to be gone.
WITNESSES = 5
# What is read from the table is asked for in portions, several at a time.
SOME = 1000
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

    ``written`` are the mailboxes that the run before has written. The index may not show them as they are yet: a leaver
    whom it does not show would not be missed, and nobody would look again before all is read.
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
        kept = self._kept()
        understood = self._understand(self._everybody({str(each.profile.directory_id) for each in kept.values()}))
        if kept and not understood.mailboxes:
            raise SuddenlyEmpty(
                f"{self.name} answers that it has no account with a usable address, and {len(kept)} of its mailboxes "
                "are open here. Most often a right or a filter is wrong. If it is meant to be empty, delete the "
                "directory here: its mailboxes stay open, and can be closed by hand."
            )
        existing = self._with_holders(kept, understood)
        source = directory_source(self.name)
        owned = sum(1 + sum(how.source == source for how in each.aliases.values()) for each in kept.values())
        reading = Reading(self.reader.cursor(), whole=True, owned=owned, read_as=self.read_as)
        return Gathered(existing.values(), self._desired(understood, gone=None), reading)

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
            existing = self._with_holders({**existing, **self._kept_of(new)}, understood)
            ids |= {
                each.profile.directory_id
                for each in existing.values()
                if each.profile.directory == self.name and each.profile.directory_id
            }
        if existing and not entries:
            self._require_sight(asked)
        understood = self._understand(entries.values())
        reading = replace(before, cursor=found.cursor, whole=False)
        return Gathered(existing.values(), self._desired(understood, gone=frozenset(asked)), reading)

    def _require_sight(self, gone: Collection[str]) -> None:
        """Raise ``Resync`` unless others of the directory can be read, when nobody who changed can.

        A lost right to read looks like that: Active Directory tells of changes in accounts that it does not show.
        """
        kept = (item["directory_id"] for shard in self._shards() for item in self.table.directory_shard(shard))
        witnesses = list(islice((each for each in kept if each not in gone), WITNESSES))
        if not self.reader.entries(witnesses):
            raise Resync("none of the entries that changed can be read, nor any other")

    def _everybody(self, expected: Collection[str]) -> Iterator[Entry]:
        """Every entry; whoever was expected and is not among them is asked for by id before being taken for gone.

        A directory that is read page by page may show an entry on no page if it is renamed or moved meanwhile.
        """
        seen: set[str] = set()
        for entry in self.reader.full():
            seen.add(entry.id)
            yield entry
        missing = set(expected) - seen
        if seen and len(missing) <= MOST_ASKED_FOR:
            yield from self.reader.entries(missing)

    def _understand(self, entries: Iterable[Entry]) -> Understood:
        return understand(entries, self.directory.disabled_accounts, self.settings)

    def _desired(self, understood: Understood, gone: frozenset[str] | None) -> Desired:
        return Desired(
            self.name,
            understood.mailboxes,
            gone=gone,
            unclear=understood.unclear,
            auto_link=self.directory.auto_link,
            authorities={name: frozenset(each.domains) for name, each in self.directories.items()},
            notes=understood.notes,
        )

    def _kept(self) -> dict[MailboxId, Mailbox]:
        return self._as_written(self._in_index([(shard, None) for shard in self._shards()]))

    def _shards(self) -> list[str]:
        return [f"{self.name}#{shard:02}" for shard in range(DIRECTORY_SHARDS)]

    def _kept_of(self, ids: Collection[str]) -> dict[MailboxId, Mailbox]:
        known = self._as_written(self._in_index([(directory_shard(self.name, each), each) for each in ids]))
        return {each.id: each for each in known.values() if each.profile.directory_id in ids}

    def _as_written(self, known: Mapping[MailboxId, Mailbox]) -> dict[MailboxId, Mailbox]:
        """What the index knows, but of what was just written what the table knows."""
        others = {each.id: each for each in known.values() if each.id not in self.written}
        kept = [each for each in self._just_written.values() if each.is_open and each.profile.directory == self.name]
        return others | {each.id: each for each in kept}

    @cached_property
    def _just_written(self) -> Mapping[MailboxId, Mailbox]:
        return read(self.table, self.written, ()).mailboxes

    def _in_index(self, asked: Iterable[tuple[str, str | None]]) -> dict[MailboxId, Mailbox]:
        answers = self.executor.map(
            lambda each: [mailbox_from(item) for item in self.table.directory_shard(*each)], asked
        )
        return {mailbox.id: mailbox for mailboxes in answers for mailbox in mailboxes}

    def _with_holders(self, known: Mapping[MailboxId, Mailbox], understood: Understood) -> dict[MailboxId, Mailbox]:
        """Also the mailboxes that hold an address which is claimed, or have the id that an entry would open.

        The index may lag behind, so what differs from it is read from the table itself.
        """
        held = {address for each in known.values() for address in each.addresses}
        of_entry = {each.profile.directory_id for each in known.values() if each.profile.directory == self.name}
        claimed = {each for entry in understood.mailboxes for each in (entry.primary, *entry.aliases)} - held
        portions = batched(claimed, SOME, strict=False)
        holders = self.executor.map(lambda some: read_holders(self.table, some).mailboxes.values(), portions)
        found = {**known, **{each.id: each for some in holders for each in some}}
        return found | self._with_ids_of({entry.directory_id for entry in understood.mailboxes} - of_entry)

    def _with_ids_of(self, entries: Collection[str]) -> dict[MailboxId, Mailbox]:
        """The mailboxes with the ids that these would open: where others took one over, also with the entry's next."""
        found: dict[MailboxId, Mailbox] = {}
        attempt = 0
        while entries:
            ids = {directory_mailbox_id(self.name, each, attempt): each for each in entries}
            portions = batched(ids, SOME, strict=False)
            answers = self.executor.map(lambda some: read(self.table, some, ()).mailboxes.values(), portions)
            there = [each for some in answers for each in some]
            found |= {each.id: each for each in there}
            entries = [ids[each.id] for each in there if each.is_open]
            attempt += 1
        return found
