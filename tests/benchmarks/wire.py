"""What it costs to put items on the wire and to take them off, beside the AWS library: microseconds of CPU an item."""

import time
from collections.abc import Callable, Iterable
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from addresses.wire import plain, raw
from tests.example_items import EXAMPLES

TIMES, BEST_OF = 500, 5
ITEMS = [*EXAMPLES.values()]


def measured(once: Callable[[Any], Any], items: Iterable[Any]) -> float:
    """Microseconds of CPU for each item: of several rounds the best."""
    items = [*items]
    rounds = []
    for _ in range(BEST_OF):
        began = time.process_time()
        for _ in range(TIMES):
            for item in items:
                once(item)
        rounds.append(time.process_time() - began)
    return min(rounds) / TIMES / len(items) * 1e6


def main() -> None:
    """Each item that the data model has, once."""
    serialize, deserialize = TypeSerializer().serialize, TypeDeserializer().deserialize
    wired = [*map(raw, ITEMS)]
    writing = measured(raw, ITEMS)
    reading = measured(plain, wired)
    library_writing = measured(lambda item: {name: serialize(value) for name, value in item.items()}, ITEMS)
    library_reading = measured(lambda item: {name: deserialize(value) for name, value in item.items()}, wired)
    print(f"writing {writing:.1f} us an item, the library {library_writing:.1f}")
    print(f"reading {reading:.1f} us an item, the library {library_reading:.1f}")


if __name__ == "__main__":
    main()
