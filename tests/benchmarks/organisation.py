"""An organisation of any size, out of a seed: what its directory says, and the mailboxes that are open for it.

Of every 1,000 people 700 have two aliases, 250 three and 50 four, at two domains: 300,000 have 1,005,000 addresses.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from uuid import UUID

from addresses.address import Address
from addresses.desired import DesiredMailbox
from addresses.mailbox import (
    Alias,
    Mailbox,
    Primacy,
    Profile,
    RunId,
    Status,
    directory_mailbox_id,
    directory_source,
)

DIRECTORY = "corp"
SINCE = "2026-03-01T09:00:00.000000Z"
RUN = RunId("20260301T090000-2f7c1d8a")


def entry(number: int) -> DesiredMailbox:
    """The person of this number, as the directory has them."""
    name, place = f"person{number:07}", number % 1000
    aliases = 2 + (place >= 700) + (place >= 950)
    texts = [f"{name}@example.org", f"p{number:07}@example.com", f"{name}.old@example.com", f"{name}.older@example.org"]
    return DesiredMailbox(
        str(UUID(int=Random(number).getrandbits(128))),  # noqa: S311 - figures that are made again, not secrets
        Address(f"{name}@example.com"),
        frozenset(map(Address, texts[:aliases])),
        f"Person {number}",
    )


def mailbox(entry: DesiredMailbox) -> Mailbox:
    """The mailbox that a sync opened for the entry as it is."""
    source = directory_source(DIRECTORY)
    return Mailbox(
        directory_mailbox_id(DIRECTORY, entry.directory_id),
        Status.OPEN,
        entry.primary,
        Profile(entry.name, DIRECTORY, entry.directory_id),
        source,
        {alias: Alias(source, SINCE) for alias in sorted(entry.aliases)},
        (Primacy(entry.primary, SINCE, source, RUN),),
        1,
    )


def entries(people: int) -> Iterator[DesiredMailbox]:
    """The whole directory."""
    return map(entry, range(people))


def later(people: int, every: int) -> Iterator[DesiredMailbox]:
    """The directory a while later: of ``every`` so many addresses about one was linked, relinked or unlinked.

    One in ``every`` people has an alias less, one another more, and one gives one to the person before, so three of
    ``every`` people differ, and of each some addresses.
    """
    for number in range(people):
        each = entry(number)
        place = number % every
        alias = Address(f"p{number:07}@example.com")
        if place == 0:
            each = replace(each, aliases=each.aliases - {alias})
        elif place == 1:
            each = replace(each, aliases=each.aliases | {Address(f"new{number:07}@example.com")})
        elif place == 2:
            each = replace(each, aliases=each.aliases | {Address(f"p{number + 1:07}@example.com")})
        elif place == 3:
            each = replace(each, aliases=each.aliases - {alias})
        yield each
