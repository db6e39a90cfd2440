"""Addresses first seen in mail become known, so that an administrator finds the archives that nobody reads."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import batched

from addresses.address import Address
from addresses.items import address_key, new_address
from addresses.table import TRANSACTION_ITEMS, Changed, Item, Table

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
        self._put([new_address(address) for address in unseen if address_key(address) not in found])
        if len(self._seen) + len(unseen) > _REMEMBERED:
            self._seen.clear()
        self._seen.update(unseen)

    def _put(self, items: Sequence[Item]) -> None:
        """Put those that are not there. Of thousands, a hundred at a time: one by one they would take a minute."""
        for batch in batched(items, TRANSACTION_ITEMS, strict=False):
            if len(batch) == TRANSACTION_ITEMS:
                with suppress(Changed):
                    self._table.write_together((), batch)
                    continue
            for item in batch:
                self._table.put_new(item)
