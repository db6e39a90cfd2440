"""Whether the history of every address is that of the steps that runs applied: none without a step, none lost. Pure.

A step says from which mailbox it takes an address and to which it gives it. So each place in an address's history must
follow from the place before it by a step that is recorded as applied, of the run that the history names; and what is
recorded as applied must stand in the history.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from addresses.address import Address
from addresses.mailbox import AddressState, MailboxId, RunId
from addresses.outcome import Verdict
from addresses.run_items import STEPS, outcomes_from
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink
from addresses.table import Item

# From which mailbox to which an address goes; None is no mailbox.
type Move = tuple[MailboxId | None, MailboxId | None]
type Moves = Mapping[RunId, Mapping[Address, set[Move]]]


def moves(step: Step) -> dict[Address, Move]:
    """Where the step takes each address that it moves."""
    match step:
        case Unlink(mailbox=ref, alias=alias):
            return {alias: (ref.id, None)}
        case Link(mailbox=ref, alias=alias):
            return {alias: (None, ref.id)}
        case Relink(alias=alias, before=before, after=after):
            return {alias: (before.id, after.id)}
        case Close(mailbox=ref):
            return {ref.primary: (ref.id, None)}
        case Open(mailbox=ref, holder=holder):
            return {ref.primary: (holder.id if holder else None, ref.id)}
        case Promote(mailbox=ref, primary=primary, holder=holder, keep=keep):
            return {primary: (holder.id if holder else None, ref.id), ref.primary: (ref.id, ref.id if keep else None)}
        case Adopt():
            return {}


def recorded(items: Iterable[Item]) -> Moves:
    """Where the applied steps of each run took each address."""
    found: dict[RunId, dict[Address, set[Move]]] = defaultdict(lambda: defaultdict(set))
    for item in items:
        if item["pk"].startswith("RUN#") and item["sk"].startswith(STEPS):
            for outcome in outcomes_from(item):
                if outcome.verdict is Verdict.APPLIED:
                    for address, move in moves(outcome.step).items():
                        found[RunId(item["pk"].removeprefix("RUN#"))][address].add(move)
    return found


def contradictions(states: Iterable[AddressState], moved: Moves) -> list[str]:
    """What a history and the records of runs do not agree in, in sentences."""
    known = {each.address: each for each in states}
    return [*_unexplained(known.values(), moved), *_lost(known, moved)]


def _unexplained(states: Iterable[AddressState], moved: Moves) -> Iterable[str]:
    for state in states:
        before: MailboxId | None = None
        for start in state.starts:
            known = moved.get(start.run, {}).get(state.address, set())
            # Of steps that are carried out together, one gives the address up and another takes it.
            if before not in {each for each, _ in known} or start.mailbox not in {each for _, each in known}:
                moved_by = f"run {start.run}, whose applied steps say {known}"
                yield f"{state.address} went from {before} to {start.mailbox} by {moved_by}"
            before = start.mailbox


def _lost(states: Mapping[Address, AddressState], moved: Moves) -> Iterable[str]:
    for run, addresses in moved.items():
        for address, known in addresses.items():
            if not any(before != after for before, after in known):
                continue
            state = states.get(address, AddressState(address))
            if run not in {start.run for start in state.starts}:
                yield f"{address}: run {run} applied {known}, of which its history knows nothing"
