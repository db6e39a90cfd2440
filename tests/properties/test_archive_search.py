"""However little a request may read, the pages of a search are what a filter of the whole listing leaves."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from hypothesis import given
from hypothesis import strategies as st

from addresses.archive import Direction, Entry
from archive_api.access import Window
from archive_api.listing import Listed, page
from archive_api.search import Search
from archive_api.words import LONGEST_TEXT, Words
from tests.properties.test_archive import ADDRESSES, Archives, times, windows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from addresses.table import Item, Table

TEXTS = ("Minutes", "minutes of March", "Lunch", "")
RECIPIENTS = ("alice@example.com", "march@example.com")
entries = st.builds(
    Entry,
    address=st.sampled_from(ADDRESSES),
    received_at=times,
    digest=st.sampled_from([character * 64 for character in "0189af"]),
    direction=st.sampled_from(Direction),
    sender=st.sampled_from(["bob@example.net", "lunch@example.net"]),
    to=st.lists(st.sampled_from(RECIPIENTS), max_size=2).map(tuple),
    subject=st.sampled_from(TEXTS),
    size=st.just(1),
)
archives = st.lists(entries, max_size=30, unique_by=lambda entry: (entry.address, entry.position))
searches = st.sampled_from(["minutes", "MARCH", "march minutes", "lunch", "bob@", "example", "dinner"])
limits, portions = st.integers(1, 6), st.integers(1, 4)


def visible(filed: list[Entry], seen: list[Window]) -> list[Entry]:
    """The entries in the windows."""
    return [
        entry
        for entry in filed
        if any(window.address == entry.address and window.shows(entry.received_at) for window in seen)
    ]


def has(entry: Entry, text: str) -> bool:
    """Whether the entry has every word, plainly."""
    texts = [each.lower() for each in (entry.sender, entry.subject, *entry.to)]
    return all(any(word in each for each in texts) for word in text.lower().split())


@given(archives, windows, searches, limits, st.tuples(st.integers(1, 12), portions))
def test_pages_together_are_what_a_filter_of_the_whole_listing_leaves(
    filed: list[Entry], seen: list[Window], text: str, limit: int, budget: tuple[int, int]
) -> None:
    """Each once, with all of its addresses; no page is larger than asked for, and each one comes further."""
    table = cast("Table", Archives(filed))
    matching = {entry.position for entry in visible(filed, seen) if has(entry, text)}
    search = Search(Words.of(text), *budget)
    found: list[Listed] = []
    turns: list[str | None] = [None]
    with ThreadPoolExecutor(1) as executor:
        whole, _ = page(table, seen, None, len(filed) + 1, executor)
        while len(turns) == 1 or turns[-1]:
            shown, following = search.page(table, seen, turns[-1], limit, executor)
            assert len(shown) <= limit
            found += shown
            turns.append(following)
    assert [each for each in whole if each.entry.position in matching] == found
    assert all(later < earlier for earlier, later in pairwise(filter(None, turns)))


class Counted(Archives):
    """Archives that count the entries that are read of them."""

    def __init__(self, filed: list[Entry]) -> None:
        super().__init__(filed)
        self.read = 0

    def query_newest(self, pk: str, low: str, high: str, limit: int) -> "Iterator[Item]":
        """As ``Table.query_newest``."""
        found = list(super().query_newest(pk, low, high, limit))
        self.read += len(found)
        return iter(found)


@given(archives, windows, limits, st.integers(6, 12), portions)
def test_a_request_reads_no_more_than_it_may(
    filed: list[Entry], seen: list[Window], limit: int, most: int, portion: int
) -> None:
    """Whatever the number of archives, as long as one entry of each may be read."""
    counted = Counted(filed)
    with ThreadPoolExecutor(1) as executor:
        Search(Words.of("dinner"), most, portion).page(cast("Table", counted), seen, None, limit, executor)
    assert counted.read <= most


@given(st.text(max_size=LONGEST_TEXT), st.sampled_from(["", "@", ".", "xn--", "bob@xn--"]))
def test_any_text_can_be_searched_for_and_is_found_where_it_stands(text: str, before: str) -> None:
    """Also one that is no address, no domain and no word."""
    word = "".join(f"{before}{text}".split())
    entry = Entry(ADDRESSES[0], "2026-03-01T09:00:00Z", "0" * 64, Direction.RECEIVED, "", (), f"Re {word}!", 1)
    assert Words.of(word).occur_in(entry)
