"""The address book in the table: reading what exists, and writing what should exist, if nobody came between."""

from collections.abc import Callable, Collection, Iterable, Sequence

from addresses.address import Address
from addresses.errors import Unfinished
from addresses.items import address_from, address_key, address_write, mailbox_from, mailbox_key, mailbox_write
from addresses.mailbox import AddressState, Existing, Mailbox, MailboxId, existing
from addresses.table import Item, Key, Table, Write

# Each of them, somebody must have moved an address in the milliseconds between two reads.
_ROUNDS = 8


def read(table: Table, mailboxes: Iterable[MailboxId], addresses: Iterable[Address]) -> Existing:
    """These mailboxes and addresses as they are now. Every address asked for is there, if only as one never seen."""
    return _read(table, (), set(mailboxes), set(addresses))[0]


def read_with(
    table: Table, also: Key, mailboxes: Iterable[MailboxId], addresses: Iterable[Address]
) -> tuple[Existing, Item | None]:
    """The same, and one more item with them, in one call where that is enough."""
    found, items = _read(table, [also], set(mailboxes), set(addresses))
    return found, items.get(also)


def read_holders(table: Table, addresses: Iterable[Address]) -> Existing:
    """These addresses as they are now, and the mailboxes that they belong to: open, and each has the address.

    Raises:
        addresses.errors.Unfinished: others keep moving them; repeating the whole is safe.
    """
    return _settled(table, set(addresses), lambda state: {state.mailbox} if state.mailbox else set())


def read_past(table: Table, address: Address) -> Existing:
    """The address as it is now, and every mailbox that it ever belonged to; the one that it belongs to now has it.

    Raises:
        addresses.errors.Unfinished: others keep moving it; repeating the whole is safe.
    """
    return _settled(table, {address}, lambda state: {start.mailbox for start in state.starts if start.mailbox})


def _settled(table: Table, addresses: set[Address], wanted: Callable[[AddressState], set[MailboxId]]) -> Existing:
    """The addresses and, read after them, the wanted mailboxes; who moved between the two is read again."""
    found, moved = Existing(), addresses
    for _ in range(_ROUNDS):
        states = read(table, (), moved).addresses
        mailboxes = read(table, set().union(*map(wanted, states.values())), ()).mailboxes
        found = Existing({**found.mailboxes, **mailboxes}, {**found.addresses, **states})
        moved = {each.address for each in found.addresses.values() if each.mailbox and not _is_held(each, found)}
        if not moved:
            return found
    raise Unfinished(f"{min(moved)} was moved between two reads {_ROUNDS} times; try again.")


def _is_held(state: AddressState, existing: Existing) -> bool:
    holder = existing.holder(state.address)
    return holder is not None and state.address in holder.addresses


def changes(before: Existing, after: Existing) -> list[Write]:
    """The writes that turn the one into the other."""
    mailboxes: list[Mailbox] = [each for each in after.mailboxes.values() if before.mailboxes.get(each.id) != each]
    states = [each for each in after.addresses.values() if before.addresses.get(each.address) != each]
    return [*map(mailbox_write, mailboxes), *map(address_write, states)]


def write(table: Table, before: Existing, after: Existing, records: Sequence[Item]) -> None:
    """Write what changed, and the records of it, together or not at all.

    Raises:
        addresses.table.Changed: somebody wrote one of the items since it was read.
    """
    writes = changes(before, after)
    if writes:
        table.write_together(writes, records)


def _read(
    table: Table, also: Iterable[Key], mailboxes: Collection[MailboxId], addresses: Collection[Address]
) -> tuple[Existing, dict[Key, Item]]:
    items = table.get_many([*also, *map(mailbox_key, mailboxes), *map(address_key, addresses)])
    found = existing(
        (mailbox_from(items[key]) for key in map(mailbox_key, mailboxes) if key in items),
        (_state(address, items.get(address_key(address))) for address in addresses),
    )
    return found, items


def _state(address: Address, item: Item | None) -> AddressState:
    return address_from(item) if item else AddressState(address)
