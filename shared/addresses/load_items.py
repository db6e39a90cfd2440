"""How bulk loads lie in the table: the load, its containers, a result for each message, and their counts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from zlib import crc32

from addresses.load import LISTED, Container, ContainerStatus, LoadName, LoadOutcome, LoadResult
from addresses.table import Item, Key, Write

LOADS = "LOADS"
CONTAINER, COUNT, RESULT = "CONTAINER#", "COUNT#", "RESULT#"
_COUNTERS = 16
# A sort key has at most 1,024 bytes, and so has an object's key alone. Names in an archive may have 64 KiB.
_KEY_BYTES = 900
_NAME_BYTES = 1024


def load_partition(load: LoadName) -> str:
    """Where everything of a load lies."""
    return f"LOAD#{load}"


def load_item(load: LoadName, at: str) -> Item:
    """The load itself, in the list of loads by when its first object came."""
    return {"pk": load_partition(load), "sk": "LOAD", "begun_at": at, "listing": LOADS, "listed_as": f"{at}#{load}"}


def container_item(load: LoadName, container: Container) -> Item:
    """A container and how far it was read."""
    return {
        "pk": load_partition(load),
        "sk": f"{CONTAINER}{_short(container.key)}",
        "status": container.status.value,
        "messages": container.messages,
        "because": container.because or None,
    }


def container_from(item: Item) -> Container:
    """The container that the item holds."""
    key = item["sk"].removeprefix(CONTAINER)
    return Container(key, ContainerStatus(item["status"]), int(item["messages"]), item.get("because", ""))


def result_key(load: LoadName, position: str) -> Key:
    """Where the result of the message at this position lies."""
    return load_partition(load), f"{RESULT}{_short(position)}"


def results_of(load: LoadName, outcome: LoadOutcome) -> str:
    """The list of a load's results with this outcome, one of ``LISTED``, in the index ``by_list``."""
    return f"LOAD#{load}#{outcome}"


def result_write(load: LoadName, result: LoadResult, version: int) -> Write:
    """The result as it should be, on top of the version that was read."""
    listed = result.outcome in LISTED
    return Write(
        result_key(load, result.position),
        {
            "outcome": result.outcome.value,
            "because": result.because or None,
            "name": result.name.encode(errors="replace")[:_NAME_BYTES].decode(errors="ignore") or None,
            "digest": result.digest,
            "archives": result.archives,
            "listing": results_of(load, result.outcome) if listed else None,
            "listed_as": _short(result.position) if listed else None,
        },
        version,
    )


def result_from(item: Item) -> LoadResult:
    """The result that the item holds."""
    return LoadResult(
        position=item["sk"].removeprefix(RESULT),
        outcome=LoadOutcome(item["outcome"]),
        because=item.get("because", ""),
        name=item.get("name", ""),
        digest=item.get("digest"),
        archives=int(item["archives"]),
    )


def counter_key(load: LoadName, position: str) -> Key:
    """Where the results of some positions are counted: one of 16 items, so that writers seldom meet at one."""
    return load_partition(load), f"{COUNT}{crc32(position.encode()) % _COUNTERS:02}"


def counter_write(key: Key, counts: Mapping[str, int], version: int) -> Write:
    """A counter as it should be, on top of the version that was read."""
    return Write(key, {"counts": dict(counts)}, version)


def counts_from(items: Iterable[Item]) -> Counter[str]:
    """How many messages had which outcome, over these counters."""
    total: Counter[str] = Counter()
    for item in items:
        total.update({outcome: int(count) for outcome, count in item["counts"].items()})
    return total


def _short(text: str) -> str:
    """The text, or what of it fits into a key and is still nothing else's."""
    whole = text.encode()
    if len(whole) <= _KEY_BYTES:
        return text
    return f"{whole[: _KEY_BYTES - 66].decode(errors='ignore')}~{sha256(whole).hexdigest()}"
