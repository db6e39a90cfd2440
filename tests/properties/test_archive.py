"""Paging through many archives at once shows what sorting all of them would."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from addresses.archive import Direction, Entry
from addresses.items import archive_partition, entry_item
from addresses.table import Item, Table
from archive_api.access import EVER, Window
from archive_api.listing import page
from tests.people import A1, ALICE, B1

ADDRESSES = (ALICE, A1, B1)
times = st.integers(0, 5).map(lambda second: f"2026-03-01T09:00:0{second}Z")
entries = st.builds(
    Entry,
    address=st.sampled_from(ADDRESSES),
    received_at=times,
    digest=st.sampled_from([character * 64 for character in "0189af"]),
    direction=st.sampled_from(Direction),
    sender=st.just("x@example.net"),
    to=st.just(()),
    subject=st.just(""),
    size=st.just(1),
)
windows = st.lists(
    st.builds(Window, st.sampled_from(ADDRESSES), times | st.just(""), times | st.just(EVER)),
    max_size=3,
    unique_by=lambda window: window.address,
)


class Archives:
    """The table's one question, answered from a list."""

    def __init__(self, found: list[Entry]) -> None:
        self.items = [entry_item(entry) for entry in found]

    def query_newest(self, pk: str, low: str, high: str, limit: int) -> Iterator[Item]:
        """As ``Table.query_newest``."""
        inside = [item for item in self.items if item["pk"] == pk and low <= item["sk"] <= high]
        return iter(sorted(inside, key=lambda item: str(item["sk"]), reverse=True)[:limit])


@given(
    st.lists(entries, max_size=25, unique_by=lambda entry: (entry.address, entry.position)),
    windows,
    st.integers(1, 6),
)
def test_pages_together_are_every_visible_message_once_newest_first(
    filed: list[Entry], seen: list[Window], limit: int
) -> None:
    """Each with all the addresses through which it is seen; no page is larger than asked for."""
    visible = {
        (entry.position, archive_partition(entry.address))
        for entry in filed
        for window in seen
        if window.address == entry.address and window.shows(entry.received_at)
    }
    expected = sorted({position for position, _ in visible}, reverse=True)
    shown: list[tuple[str, int]] = []
    below: str | None = None
    with ThreadPoolExecutor(1) as executor:
        while True:
            found, below = page(cast("Table", Archives(filed)), seen, below, limit, executor)
            assert len(found) <= limit
            shown += [(each.entry.position, len(each.via)) for each in found]
            if below is None:
                break
    assert [(each, sum(position == each for position, _ in visible)) for each in expected] == shown
