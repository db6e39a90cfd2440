"""Records what became of messages of a load, and counts each once, however often it is loaded."""

from collections.abc import Sequence
from dataclasses import replace

from addresses.errors import Unfinished
from addresses.items import version_of
from addresses.load import Container, LoadName, LoadOutcome, LoadResult
from addresses.load_items import (
    container_item,
    counter_key,
    counter_write,
    counts_from,
    load_item,
    result_from,
    result_key,
    result_write,
)
from addresses.table import Changed, Item, Key, Table, Write

_ROUNDS = 8


class Recording:
    """The table's record of loads."""

    def __init__(self, table: Table) -> None:
        """``table`` is where loads lie."""
        self._table = table
        self._begun: set[LoadName] = set()

    def begin(self, load: LoadName, at: str) -> None:
        """Have the load in the list of loads, from this time on, unless it is there."""
        if load not in self._begun:
            self._table.put_new(load_item(load, at))
            self._begun.add(load)

    def container(self, load: LoadName, container: Container) -> None:
        """Record how far a container was read."""
        self._table.put(container_item(load, container))

    def record(self, load: LoadName, results: Sequence[LoadResult]) -> None:
        """Record these results, which are at most some 90, and their counts, in one transaction.

        Raises:
            Unfinished: others kept counting at the same moment; repeating the whole is safe.
        """
        if not results:
            return None
        counter = counter_key(load, results[0].position)
        keys = {result.position: result_key(load, result.position) for result in results}
        for attempt in range(_ROUNDS):
            items = self._table.get_many([counter, *keys.values()])
            writes = _writes(load, {each: items.get(keys[each.position]) for each in results}, counter, items)
            if not writes:
                return None
            try:
                return self._table.write_together(writes)
            except Changed:
                self._table.wait(attempt)
        raise Unfinished(f"The results of a load could not be counted in {_ROUNDS} attempts; try again.")


def _writes(load: LoadName, before: dict[LoadResult, Item | None], counter: Key, items: dict[Key, Item]) -> list[Write]:
    """The results that differ from what was recorded of their messages before, and the counts with them."""
    writes: list[Write] = []
    counts = counts_from([items[counter]] if counter in items else [])
    for result, item in before.items():
        known = result_from(item) if item else None
        # It was archived by this load, at its first attempt.
        again = known and (known.outcome, result.outcome) == (LoadOutcome.FILED, LoadOutcome.ALREADY)
        now = replace(result, outcome=LoadOutcome.FILED) if again else result
        if now == known:
            continue
        writes.append(result_write(load, now, version_of(item)))
        counts[now.outcome] += 1
        if known:
            counts[known.outcome] -= 1
    return [*writes, counter_write(counter, counts, version_of(items.get(counter)))] if writes else []
