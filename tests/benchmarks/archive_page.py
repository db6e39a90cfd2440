"""A page of 50 messages out of twelve archives, beside the queries for it and a merge of lists in memory."""

import json
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from heapq import merge
from itertools import islice
from typing import Any, cast
from unittest.mock import patch

from addresses.address import Address
from addresses.archive import Direction, Entry
from addresses.items import entry_from, entry_item
from addresses.table import Item, Table, connected
from addresses.times import second
from addresses.wire import plain
from archive_api.access import Window
from archive_api.app import QUERIES_AT_ONCE
from archive_api.listing import page
from tests.benchmarks.canned import Canned, body
from tests.benchmarks.row import Row, at_most, cpu
from tests.capacity import stored

ARCHIVES, PAGE, PAGES = 12, 50, 1000
TIMES = 20


def entries(address: Address) -> list[Entry]:
    """An archive in which a message arrives every quarter of an hour; the newest first."""
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    count = PAGES * PAGE // ARCHIVES + 2 * PAGE
    return [
        Entry(
            address,
            second(begin + timedelta(minutes=15 * number)),
            sha256(f"{number} {address}".encode()).hexdigest(),
            Direction.RECEIVED,
            "bob@example.org",
            (address, "carol@example.com"),
            "Minutes of the meeting",
            5000,
        )
        for number in reversed(range(count))
    ]


class Shelf:
    """Twelve archives, of which a query is answered as DynamoDB does."""

    def __init__(self) -> None:
        """All are full."""
        addresses = [Address(f"alice{number}@example.com") for number in range(ARCHIVES)]
        self.entries = {each: entries(each) for each in addresses}
        self.items = {f"ARCHIVE#{each}": [stored(entry_item(e)) for e in found] for each, found in self.entries.items()}

        self.asked: dict[bytes, bytes] = {}

    def answer(self, _operation: str, request: bytes) -> bytes:
        """The newest entries that are asked for; what was asked for before is at hand."""
        if request not in self.asked:
            self.asked[request] = self._found(json.loads(request))
        return self.asked[request]

    def _found(self, asked: dict[str, Any]) -> bytes:
        low, high = (asked["ExpressionAttributeValues"][name]["S"] for name in (":low", ":high"))
        items = self.items[asked["ExpressionAttributeValues"][":pk"]["S"]]
        found = list(islice((each for each in items if low <= each["sk"]["S"] <= high), asked["Limit"]))
        return body({"Items": found, "Count": len(found)})


class Answered(Table):
    """What the table asked once: its items, as they come from the client."""

    def __init__(self, table: Table, items: dict[str, list[Any]]) -> None:
        self._items = items
        super().__init__(cast("Any", table), "table")

    def query_newest(self, pk: str, low: str, high: str, limit: int) -> Iterator[Item]:
        """The newest of all, whatever is asked for."""
        del low, high
        return map(plain, self._items[pk][:limit])


class InLine(Executor):
    """Threads would be most of what takes so little."""

    def map(self, fn: Any, *iterables: Any, **_: Any) -> Any:
        """One after the other."""
        return map(fn, *iterables)


def rows() -> Iterator[Row]:
    """Of one page the first, and of a thousand the last."""
    shelf = Shelf()
    canned = Canned(shelf.answer)
    with patch("boto3.client", canned.client):
        table = connected("table", QUERIES_AT_ONCE)
    windows = [Window(each) for each in shelf.entries]
    everything = sorted((e for found in shelf.entries.values() for e in found), key=lambda e: e.position, reverse=True)
    seconds = []
    with ThreadPoolExecutor(QUERIES_AT_ONCE) as executor:
        for begin in (0, PAGE * (PAGES - 1)):
            below = everything[begin - 1].position if begin else None
            canned.calls.clear()
            shown, _ = page(table, windows, below, PAGE, executor)
            assert everything[begin : begin + PAGE] == [each.entry for each in shown]
            assert {"Query": ARCHIVES} == dict(canned.calls), "each archive is read once, whatever the page"
            seconds.append(cpu(partial(page, table, windows, below, PAGE, executor), TIMES))
    answered = Answered(table, {key: items[: PAGE + 1] for key, items in shelf.items.items()})
    beyond = cpu(partial(page, answered, windows, None, PAGE, InLine()), TIMES)
    lists = [found[: PAGE + 1] for found in shelf.entries.values()]
    merged = cpu(lambda: list(islice(merge(*lists, key=lambda e: e.position, reverse=True), PAGE)), TIMES)
    work = f"a page of {PAGE} out of {ARCHIVES} archives"
    told = f"{beyond * 1e3:.2f} ms of {seconds[0] * 1e3:.1f}, the rest for the queries"
    peer = f"heapq.merge of lists in memory: {merged * 1e3:.2f} ms"
    yield Row(f"{work}: beyond the queries", told, peer, f"{beyond / merged:.1f} x", "<= 3 x", beyond <= 3 * merged)
    # Of each archive one more is made than is shown: what the merge has at hand.
    items = [item for found in shelf.items.values() for item in found[: PAGE // ARCHIVES + 1]][: PAGE + ARCHIVES]
    made = merged + cpu(lambda: [entry_from(plain(each)) for each in items], TIMES)
    peer = f"the same, and making the {len(items)} entries that it looks at: {made * 1e3:.2f} ms"
    yield Row(f"{work}: beyond the queries", told, peer, f"{beyond / made:.1f} x", "<= 3 x", beyond <= 3 * made)
    yield at_most(f"{work}: the {PAGES:,}th", seconds[1], "the first", seconds[0], 1.2)
