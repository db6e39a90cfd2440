"""Lists that run through the internal domains one after the other, a page at a time."""

from collections.abc import Callable, Sequence

from addresses import cursor
from addresses.address import Address, domain_of
from addresses.table import Table

# Sorts before every address; a key must not be empty.
BEFORE_ALL = " "


def page(
    table: Table, listing: Callable[[str], str], domains: Sequence[str], given: str | None, limit: int
) -> tuple[list[str], str | None]:
    """The partition keys of at most ``limit`` items in the order of domain and address, and the cursor that goes on.

    Raises:
        addresses.errors.InvalidCursor: the cursor is not of this list.
    """
    name = listing(",".join(domains))
    position = Address(cursor.take(name, given)) if given else Address("")
    found: list[tuple[str, Address]] = []
    for domain in sorted(domains):
        if domain < domain_of(position):
            continue
        after = position if domain == domain_of(position) else BEFORE_ALL
        items = table.list_page(listing(domain), after, limit - len(found))
        found += [(item["pk"], Address(item["listed_as"])) for item in items]
        if len(found) == limit:
            return [pk for pk, _ in found], cursor.give(name, found[-1][1])
    return [pk for pk, _ in found], None
