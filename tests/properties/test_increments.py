"""Asking for changes brings about what reading the directory whole would."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import cast

from hypothesis import given, settings
from hypothesis import strategies as st

from addresses.batches import batches
from addresses.effect import effect
from addresses.items import address_write, mailbox_write
from addresses.mailbox import Existing, RunId, Stamp, directory_source
from addresses.outcome import Verdict
from addresses.plan import Plan
from addresses.reconcile import plan
from addresses.table import Item, Key, Table
from directory_sync.gathering import Gathered, Gathering
from directory_sync.reader import Entry
from tests.doubles.listed import Listed
from tests.invariants import check_invariants
from tests.metered import written
from tests.syncing import CORP, SETTINGS, AtOnce

NAMES = [f"{name}@example.com" for name in "abcdefgh"]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Shelf:
    """What exists, read as the table is read."""

    existing: Existing = field(default_factory=Existing)
    runs: int = 0

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items of these keys."""
        wanted = set(keys)
        writes = [
            *map(mailbox_write, self.existing.mailboxes.values()),
            *map(address_write, self.existing.addresses.values()),
        ]
        return {write.key: written(write) for write in writes if write.key in wanted}

    def directory_shard(self, shard: str, directory_id: str | None = None) -> Iterator[Item]:
        """What the index has."""
        for mailbox in self.existing.mailboxes.values():
            item = written(mailbox_write(mailbox))
            if item.get("directory_shard") == shard and directory_id in {None, item["directory_id"]}:
                yield item

    def carry_out(self, wanted: Plan) -> None:
        """Apply the plan, transaction by transaction; nobody came between, so there is no conflict."""
        self.runs += 1
        for batch in batches(wanted.steps):
            stamp = Stamp(directory_source("corp"), RunId(f"run-{self.runs}"), f"2026-03-01T00:00:{self.runs:02}")
            done = effect(batch, self.existing, stamp)
            assert {Verdict.APPLIED} >= {each.verdict for each in done.outcomes}, done.outcomes
            check_invariants(done.after)
            self.existing = done.after


def gathering(shelf: Shelf, directory: Listed) -> Gathering:
    """The directory corp, about to be read."""
    return Gathering("corp", {"corp": CORP}, SETTINGS, cast("Table", shelf), directory, AtOnce())


def planned(gathered: Gathered) -> Plan:
    """What follows from what was gathered."""
    return plan(gathered.existing, gathered.desired)


@st.composite
def apart(draw: st.DrawFn) -> list[Entry]:
    """Entries of which no two claim the same address."""
    names = draw(st.permutations(NAMES))
    entries, taken = [], 0
    for number in range(draw(st.integers(0, 5))):
        size = draw(st.integers(1, 3))
        mine = names[taken : taken + size]
        taken += size
        if mine:
            entries.append(Entry(str(number), (mine[0],), tuple(mine[1:])))
    return draw(st.permutations(entries))


any_entry = st.builds(
    Entry,
    id=st.sampled_from("012345"),
    primaries=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    aliases=st.lists(st.sampled_from(NAMES), max_size=3, unique=True).map(tuple),
)
any_entries = st.lists(any_entry, max_size=6, unique_by=lambda entry: entry.id)


@settings(max_examples=300)
@given(st.lists(apart(), min_size=2, max_size=5))
def test_after_changes_a_whole_reading_finds_nothing_to_do(moments: list[list[Entry]]) -> None:
    """Whatever happens between two runs: joiners, leavers, renames, swaps, addresses handed over."""
    directory, shelf = Listed(), Shelf()
    directory.become(moments[0])
    gathered = gathering(shelf, directory).whole()
    shelf.carry_out(planned(gathered))
    for moment in moments[1:]:
        directory.become(moment)
        if directory.entries_by_id:
            gathered = gathering(shelf, directory).changes(gathered.reading.cursor or "", gathered.reading)
            shelf.carry_out(planned(gathered))
            assert () == planned(gathering(shelf, directory).whole()).steps


@settings(max_examples=300)
@given(st.lists(any_entries, min_size=2, max_size=4))
def test_changes_do_what_the_whole_directory_would(moments: list[list[Entry]]) -> None:
    """Also where entries contradict each other, and where one gives way so that another gets what it claimed."""
    directory, shelf = Listed(), Shelf()
    directory.become(moments[0])
    gathered = gathering(shelf, directory).whole()
    wanted = planned(gathered)
    shelf.carry_out(wanted)
    for moment in moments[1:]:
        directory.become(moment)
        if not any(len(entry.primaries) == 1 for entry in moment):
            return
        whole = planned(gathering(shelf, directory).whole())
        before = replace(
            gathered.reading, contested=gathered.desired.claimants([each.address for each in wanted.conflicts])
        )
        gathered = gathering(shelf, directory).changes(before.cursor or "", before)
        wanted = planned(gathered)
        assert {step.sentence for step in whole.steps} == {step.sentence for step in wanted.steps}
        shelf.carry_out(wanted)
