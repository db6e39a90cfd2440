"""Addresses first seen in mail become known, so that an administrator finds the archives that nobody reads."""

from collections.abc import Iterable

from addresses.address import Address
from addresses.items import address_key, new_address
from addresses.table import Table

_REMEMBERED = 100_000


class KnownAddresses:
    """Makes addresses known, and remembers which are, so that a warm function neither asks nor writes again."""

    def __init__(self, table: Table) -> None:
        """``table`` is where the addresses lie."""
        self._table = table
        self._seen: set[Address] = set()

    def meet(self, addresses: Iterable[Address]) -> None:
        """Make those addresses known that are not, as unlinked ones; what is known stays as it is."""
        unseen = [address for address in addresses if address not in self._seen]
        found = self._table.get_many(address_key(address) for address in unseen) if unseen else {}
        for address in unseen:
            if address_key(address) not in found:
                self._table.put_new(new_address(address))
        if len(self._seen) + len(unseen) > _REMEMBERED:
            self._seen.clear()
        self._seen.update(unseen)
