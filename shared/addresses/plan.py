"""A plan: what has to be done so that what exists becomes what a source desires. Data, and how it is made. Pure.

``plan`` is the whole of a directory's reconciliation; requests by hand make plans of their own (``link_api.by_hand``).
"""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Literal

from addresses.address import Address
from addresses.mailbox import Source
from addresses.step import KINDS, Step, data, kind, order

_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode


@dataclass(frozen=True)
class Conflict:
    """A claim that was not met: what is claimed, by whom it is claimed or held, and what was left as it is."""

    address: Address
    claimants: tuple[str, ...]
    reason: str

    @property
    def sentence(self) -> str:
        """The conflict in words."""
        return f"conflict over {self.address}: {self.reason}"


@dataclass(frozen=True)
class Note:
    """Something that was found and asks for no step.

    It was ``ignored``; or is ``kept`` though the source does not have it; or was ``read``, and a test only looks. One
    note may stand for many of a kind: ``count`` says how many.
    """

    kind: Literal["ignored", "kept", "read"]
    sentence: str
    count: int = 1


@dataclass(frozen=True)
class Plan:
    """Steps in the order in which they are carried out, with what was found in making them."""

    source: Source
    steps: tuple[Step, ...]
    conflicts: tuple[Conflict, ...] = ()
    unchanged: int = 0
    notes: tuple[Note, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many of each kind: the seven steps, conflicts, what was ignored, and what is right already."""
        steps = Counter(kind(step) for step in self.steps)
        ignored = sum(note.count for note in self.notes if note.kind == "ignored")
        found = {"conflict": len(self.conflicts), "ignored": ignored, "unchanged": self.unchanged}
        return {name: steps[name] for name in KINDS} | found

    @property
    def sentences(self) -> tuple[str, ...]:
        """The plan in words, a sentence each."""
        return tuple(each.sentence for each in (*self.steps, *self.conflicts, *self.notes))

    @cached_property
    def digest(self) -> str:
        """The sha256 of what the plan does, as JSON: equal digests do equal things, whatever else was found."""
        digest = sha256(f'{{"source":{_json(self.source)},"steps":['.encode())
        # Step by step: the first plan of a large directory has a million of them.
        for position, step in enumerate(self.steps):
            digest.update(f"{',' if position else ''}{_json(data(step))}".encode())
        digest.update(b"]}")
        return digest.hexdigest()


def in_order(
    source: Source,
    steps: Iterable[Step],
    conflicts: Iterable[Conflict] = (),
    unchanged: int = 0,
    notes: Iterable[Note] = (),
) -> Plan:
    """The plan of these steps, sorted so that equal plans print and digest alike."""
    return Plan(
        source,
        tuple(sorted(steps, key=order)),
        tuple(sorted(conflicts, key=lambda each: (each.address, each.reason))),
        unchanged,
        tuple(sorted(notes, key=lambda each: (each.kind, each.sentence))),
    )
