"""Writes delegations: the item with the archive, and its mirror with who reads it, together or not at all."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from addresses.address import Address
from addresses.delegation import Delegation, Target
from addresses.delegation_items import delegation_from, delegation_key, delegation_writes, mirror_key
from addresses.errors import TableBusy
from addresses.mailbox import MailboxId
from addresses.table import Changed, Table

ATTEMPTS = 8


def grant(table: Table, granted: Delegation, now: datetime) -> bool:
    """Put the delegation in force; whether there was one in force before, which it replaces."""
    before = _written(table, granted.target, granted.delegate, lambda _: granted)
    return before is not None and before.holds_at(now)


def end(table: Table, target: Target, delegate: MailboxId, by: Address, at: str) -> bool:
    """End the delegation, if there is one; whether there was."""

    def ended(before: Delegation | None) -> Delegation | None:
        return replace(before, ended_by=by, ended_at=at) if before and before.ended_at is None else None

    before = _written(table, target, delegate, ended)
    return before is not None and before.ended_at is None


def _written(
    table: Table, target: Target, delegate: MailboxId, become: Callable[[Delegation | None], Delegation | None]
) -> Delegation | None:
    """What there was before; afterwards there is what it was to become, or the same if that is nothing.

    Raises:
        TableBusy: others wrote the same delegation every time.
    """
    keys = delegation_key(target, delegate), mirror_key(target, delegate)
    for attempt in range(ATTEMPTS):
        items = table.get_many(keys)
        first, second = (int(items[key]["version"]) if key in items else 0 for key in keys)
        before = next((delegation_from(items[key]) for key in keys if key in items), None)
        after = become(before)
        if after is None:
            return before
        try:
            table.write_together(delegation_writes(after, (first, second)))
        except Changed:
            table.wait(attempt)
        else:
            return before
    raise TableBusy(f"{ATTEMPTS} tries to write this delegation met other writers each time. Send it again.")
