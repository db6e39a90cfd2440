"""What a directory says of people's addresses, as far as it can be used; and whose word counts for a domain. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from addresses.address import Address, domain_of
from addresses.mailbox import Source
from addresses.plan import Note

_DIRECTORY = "directory:"


@dataclass(frozen=True, slots=True)
class DesiredMailbox:
    """A directory's entry: its immutable id there, its primary, its aliases and its name."""

    directory_id: str
    primary: Address
    aliases: frozenset[Address] = frozenset()
    name: str = ""


@dataclass(frozen=True)
class Desired:
    """What a directory says at one moment.

    ``gone``: None when the directory was read to its end, so that whoever is absent is gone; else the ids that are
    gone, and whoever is not named is as before. ``unclear``: the ids of entries that are there and cannot be used; they
    are left as they are. ``auto_link``: whether the aliases are asserted, or only the primaries. ``authorities``: every
    directory there is, with the domains that it is authoritative for. ``notes``: what was found in reading. ``met``:
    how many claims are met of further entries, which are not among ``mailboxes``.
    """

    directory: str
    mailboxes: tuple[DesiredMailbox, ...]
    gone: frozenset[str] | None = None
    unclear: frozenset[str] = frozenset()
    auto_link: bool = True
    authorities: Mapping[str, frozenset[str]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    met: int = 0

    def claimants(self, addresses: Collection[Address]) -> tuple[str, ...]:
        """The ids of the entries that claim one of these addresses, as primary or as alias."""
        claimed = set(addresses)
        claims = (entry.directory_id for entry in self.mailboxes if claimed & {entry.primary, *entry.aliases})
        return tuple(sorted(claims)) if claimed else ()

    def yields_to(self, source: Source | str, address: Address) -> bool:
        """Whether the address stays with what this source said of it, against what this directory says now.

        A directory's word counts more than a spreadsheet's, an administrator's, and that of a directory which is no
        longer configured. Of two directories, the one counts that alone is authoritative for the address's domain;
        where neither or both are, who holds it keeps it.
        """
        if not source.startswith(_DIRECTORY):
            return False
        other, domain = source.removeprefix(_DIRECTORY), domain_of(address)
        if other == self.directory or other not in self.authorities:
            return False
        mine, theirs = (domain in self.authorities.get(name, ()) for name in (self.directory, other))
        return theirs or not mine
