"""What a table comes to, whatever ids were made up and however often something was tried: for comparing worlds."""

from collections import Counter
from typing import Any

from addresses.step import KINDS
from tests.simulation.quiet import Quiet

# What tells when and how often something was done, and which id it was given, and not what.
_INCIDENTAL = frozenset(
    (
        *("since", "from", "run", "version", "at", "granted_at", "ended_at", "started_at", "finished_at", "whole_at"),
        *("until", "expires_at", "findings", "results", "copies", "listed_as", "under_way", "held", "reverts"),
        *("digest", "plan"),
    )
)


def meaning(quiet: Quiet, *, runs: bool = True) -> list[str]:
    """Every item but for what is incidental; with ``runs``, also what became of each run and of its steps."""
    items = quiet.items()
    called = {
        item["mailbox"]: f"mailbox {item['primaries'][0]['address']}" for item in items if item["sk"] == "MAILBOX"
    }
    told = Counter(
        str(_plain(item, called))
        for item in items
        if runs or not item["pk"].startswith("RUN#")
        if item["sk"] != "STATE" and not _came_to_nothing(item)
    )
    return sorted(f"{number} x {text}" for text, number in told.items())


def _came_to_nothing(item: dict[str, Any]) -> bool:
    """Whether it is a scheduled run that found nothing to do, of which there may be any number."""
    return item["sk"] == "RUN" and item["actor"] == "schedule" and not any(item["counts"].get(kind) for kind in KINDS)


def _plain(value: Any, called: dict[str, str]) -> Any:
    match value:
        case dict():
            kept = {name: each for name, each in value.items() if name not in _INCIDENTAL}
            if str(kept.get("pk", "")).startswith("RUN#"):
                kept["pk"] = "RUN"
            return {_plain(name, called): _plain(each, called) for name, each in sorted(kept.items())}
        case list():
            return [_plain(each, called) for each in value]
        case str():
            for mailbox, name in called.items():
                value = value.replace(mailbox, name)
            return value
        case _:
            return value
