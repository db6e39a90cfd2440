"""Which claims of a directory are granted: who gets which primary, and who which alias. Pure.

Doubt never moves an address: a claim that cannot be granted for certain is a conflict that names everyone who makes it,
and what exists stays.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from addresses.address import Address
from addresses.desired import DesiredMailbox
from addresses.mailbox import Mailbox, Source, directory_source
from addresses.matching import Matched
from addresses.plan import Conflict


def granted_primaries(matched: Matched) -> tuple[list[DesiredMailbox], list[Conflict]]:
    """The entries that get the primary which they claim.

    A primary claim beats an alias, but not another open mailbox's primary, unless that mailbox gives it up in the same
    plan; whether it does may hang on further claims, in chains and rings. So: grant all, then withdraw what cannot
    stand until nothing more falls.
    """
    granted = {entry.directory_id: entry for entry in matched.certain}
    entry_of = {mailbox.id: directory_id for directory_id, mailbox in matched.match.items()}
    conflicts: list[Conflict] = []
    while True:
        stands: dict[str, DesiredMailbox] = {}
        for directory_id, entry in granted.items():
            at = matched.holder.get(entry.primary)
            if at is None or _is(at, matched.match.get(directory_id)):
                stands[directory_id] = entry
                continue
            mover = granted.get(entry_of.get(at.id, ""))
            moves = at.id in matched.gone or (mover is not None and mover.primary != entry.primary)
            reason = _primary_stays(matched, entry.primary, at, moves=moves)
            if reason:
                conflicts.append(Conflict(entry.primary, (directory_id, at.primary), reason))
            else:
                stands[directory_id] = entry
        if len(stands) == len(granted):
            overruled = (_overruled(matched, entry.primary, entry) for entry in stands.values())
            return list(stands.values()), [*conflicts, *(each for each in overruled if each)]
        granted = stands


def granted_aliases(
    matched: Matched, granted: Sequence[DesiredMailbox]
) -> tuple[dict[Address, DesiredMailbox], list[Conflict]]:
    """Who gets which alias: its only claimant or, of several, the one that holds it."""
    if not matched.desired.auto_link:
        return {}, []
    ids = {entry.directory_id for entry in granted}
    primaries = {entry.primary for entry in matched.desired.mailboxes}
    given_up = {mailbox.primary for mailbox in matched.leaving} | {
        own.primary
        for entry in granted
        if (own := matched.match.get(entry.directory_id)) and own.primary != entry.primary
    }
    aliases: dict[Address, DesiredMailbox] = {}
    conflicts: list[Conflict] = []
    for alias, claimants in _claims(matched).items():
        if alias in primaries:
            reason = f"it is the primary of an entry of {matched.desired.directory}, which beats being an alias"
            conflicts.append(Conflict(alias, _names(claimants), reason))
            continue
        at = matched.holder.get(alias)
        winner = claimants[0]
        if len(claimants) > 1:
            holding = [each for each in claimants if at and _is(at, matched.match.get(each.directory_id))]
            outcome = f"{holding[0].primary} holds it and keeps it" if holding else "nobody gets it"
            names = _names(claimants)
            conflicts.append(Conflict(alias, names, f"{' and '.join(names)} both claim it; {outcome}"))
            if not holding:
                continue
            winner = holding[0]
        if winner.directory_id not in ids:
            continue
        reason = _alias_stays(matched, alias, at, winner, given_up)
        if reason and at:
            conflicts.append(Conflict(alias, (*_names(claimants), at.primary), reason))
        else:
            aliases[alias] = winner
            overruled = _overruled(matched, alias, winner)
            if overruled:
                conflicts.append(overruled)
    return aliases, conflicts


def _names(claimants: Iterable[DesiredMailbox]) -> tuple[str, ...]:
    return tuple(sorted(entry.primary for entry in claimants))


def _claims(matched: Matched) -> dict[Address, list[DesiredMailbox]]:
    claims: dict[Address, list[DesiredMailbox]] = defaultdict(list)
    for entry in matched.desired.mailboxes:
        for alias in entry.aliases:
            if alias != entry.primary:
                claims[alias].append(entry)
    return claims


def _primary_stays(matched: Matched, primary: Address, at: Mailbox, *, moves: bool) -> str:
    """Why the primary cannot be had from the mailbox that has the address; empty when it can."""
    if at.primary == primary:
        return "" if moves else f"it is the primary of an open mailbox of {_keeper(at)}, and stays so"
    if at.id in matched.gone:
        return ""
    source = at.aliases[primary].source
    return f"{source} linked it to {at.primary}, which keeps it" if matched.desired.yields_to(source, primary) else ""


def _alias_stays(
    matched: Matched, alias: Address, at: Mailbox | None, winner: DesiredMailbox, given_up: Collection[Address]
) -> str:
    """Why the alias stays with the mailbox that has it; empty when the winner gets it."""
    if at is None or _is(at, matched.match.get(winner.directory_id)):
        return ""
    if at.primary == alias:
        return "" if alias in given_up else f"it is the primary of an open mailbox of {_keeper(at)}, and stays so"
    if at.id in matched.gone:
        return ""
    source = at.aliases[alias].source
    return f"{source} linked it to {at.primary}, which keeps it" if matched.desired.yields_to(source, alias) else ""


def _overruled(matched: Matched, address: Address, winner: DesiredMailbox) -> Conflict | None:
    """The report that another source's link to another mailbox gives way, if the address has one."""
    at = matched.holder.get(address)
    if at is None or address not in at.aliases or _is(at, matched.match.get(winner.directory_id)):
        return None
    if at.id in matched.gone:
        return None
    source, own = at.aliases[address].source, directory_source(matched.desired.directory)
    if source == own:
        return None
    said = "its own primary" if address == winner.primary else f"an alias of {winner.primary}"
    return Conflict(
        address,
        (winner.primary, at.primary),
        f"{source} linked it to {at.primary}; {own} says that it is {said}, and counts more",
    )


def _is(mailbox: Mailbox, other: Mailbox | None) -> bool:
    return other is not None and mailbox.id == other.id


def _keeper(mailbox: Mailbox) -> Source:
    return directory_source(mailbox.profile.directory) if mailbox.profile.directory else mailbox.source
