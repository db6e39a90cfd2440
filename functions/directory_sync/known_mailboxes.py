"""The table's side of gathering: the mailboxes that a directory keeps, and those that its claims concern."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from itertools import batched

from addresses.book import read, read_holders
from addresses.desired import DesiredMailbox
from addresses.items import DIRECTORY_SHARDS, directory_shard, mailbox_from
from addresses.mailbox import Mailbox, MailboxId, directory_mailbox_id
from addresses.table import Table

# What is read from the table is asked for in portions, several at a time.
SOME = 1000


@dataclass(frozen=True)
class KnownMailboxes:
    """What the table and its index know of the mailboxes of one directory.

    ``written`` are the mailboxes that the run before has written. The index may not show them as they are yet: a leaver
    whom it does not show would not be missed, and nobody would look again before all is read.
    """

    directory: str
    table: Table
    executor: Executor
    written: Collection[MailboxId] = ()

    def kept(self) -> Iterator[Mailbox]:
        """All mailboxes that the directory keeps, as they are read: the next shard only when one is done with."""
        for shard in self._shards():
            for item in self.table.directory_shard(shard):
                if item["mailbox"] not in self.written:
                    yield mailbox_from(item)
        yield from self._just_written

    def kept_of(self, entries: Collection[str]) -> dict[MailboxId, Mailbox]:
        """The mailboxes that the directory keeps for these entries."""

        def found(entry: str) -> list[Mailbox]:
            known = map(mailbox_from, self.table.directory_shard(directory_shard(self.directory, entry), entry))
            return [each for each in known if each.id not in self.written]

        known = [each for some in self.executor.map(found, entries) for each in some]
        written = [each for each in self._just_written if each.profile.directory_id in entries]
        return {each.id: each for each in (*known, *written)}

    def entries(self) -> Iterator[str]:
        """The ids of the entries for which the directory keeps mailboxes, as they are read."""
        return (item["directory_id"] for shard in self._shards() for item in self.table.directory_shard(shard))

    def open(self, ids: Iterable[MailboxId]) -> dict[MailboxId, Mailbox]:
        """Those of these mailboxes that are open, as the table has them."""
        found = self._portions(ids, lambda some: read(self.table, some, ()).mailboxes)
        return {each.id: each for each in found if each.is_open}

    def with_holders(
        self, known: Mapping[MailboxId, Mailbox], entries: Collection[DesiredMailbox]
    ) -> dict[MailboxId, Mailbox]:
        """Also the mailboxes that hold an address which these claim, or have the id that one would open.

        The index may lag behind, so what differs from it is read from the table itself.
        """
        held = {address for each in known.values() for address in each.addresses}
        of_entry = {each.profile.directory_id for each in known.values() if each.profile.directory == self.directory}
        claimed = {each for entry in entries for each in (entry.primary, *entry.aliases)} - held
        holders = self._portions(claimed, lambda some: read_holders(self.table, some).mailboxes)
        found = {**known, **{each.id: each for each in holders}}
        return found | self._with_ids_of({entry.directory_id for entry in entries} - of_entry)

    def _with_ids_of(self, entries: Collection[str]) -> dict[MailboxId, Mailbox]:
        """The mailboxes with the ids that these would open: where others took one over, also with the entry's next."""
        found: dict[MailboxId, Mailbox] = {}
        attempt = 0
        while entries:
            ids = {directory_mailbox_id(self.directory, each, attempt): each for each in entries}
            there = self.open(ids)
            found |= there
            entries = [ids[each] for each in there]
            attempt += 1
        return found

    def _portions[T](
        self, wanted: Iterable[T], ask: Callable[[tuple[T, ...]], Mapping[MailboxId, Mailbox]]
    ) -> list[Mailbox]:
        answers = self.executor.map(ask, batched(wanted, SOME, strict=False))
        return [each for some in answers for each in some.values()]

    @cached_property
    def _just_written(self) -> list[Mailbox]:
        found = read(self.table, self.written, ()).mailboxes.values()
        return [each for each in found if each.is_open and each.profile.directory == self.directory]

    def _shards(self) -> list[str]:
        return [f"{self.directory}#{shard:02}" for shard in range(DIRECTORY_SHARDS)]
