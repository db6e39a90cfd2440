"""Where a kind of LDAP directory keeps what is read of an account, and how an entry of it is understood."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from directory_sync.errors import IncompleteReading
from directory_sync.ldap.session import Found
from directory_sync.reader import Entry


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of LDAP directory.

    ``identity`` names the attribute that never changes; ``id_of`` reads its value, ``in_filter`` writes it (RFC 4515).
    ``accounts`` is the filter of the accounts that may have mail, ``attributes`` is all that ``understood`` looks at.
    """

    identity: str
    attributes: tuple[str, ...]
    accounts: str
    id_of: Callable[[bytes], str]
    in_filter: Callable[[str], str]
    understood: Callable[[str, Found], Entry]

    def id(self, found: Found) -> str:
        """The id of an entry.

        Raises:
            IncompleteReading: the server did not send it, or what it sent is none.
        """
        values = found.values.get(self.identity.lower(), ())
        if len(values) != 1:
            raise IncompleteReading(
                f"The server did not say which account {found.dn!r} is; let bind_dn read the attribute {self.identity}."
            )
        try:
            return self.id_of(values[0])
        except ValueError as refusal:
            raise IncompleteReading(
                f"{self.identity} of {found.dn!r} is {values[0][:40]!r}, which is no id of an account; see to it."
            ) from refusal

    def entry(self, found: Found) -> Entry:
        """The account that the server sent.

        Raises:
            IncompleteReading: it cannot be told which account it is, or in which state.
        """
        return self.understood(self.id(found), found)

    def filter(self, narrowing: str | None) -> str:
        """The filter of the accounts to read, narrowed by the configuration's own."""
        if not narrowing:
            return self.accounts
        own = narrowing.strip()
        return f"(&{self.accounts}{own if own.startswith('(') else f'({own})'})"

    def by_id(self, ids: list[str], narrowing: str | None) -> str:
        """The filter of those among the accounts to read that have one of these ids."""
        either = "".join(f"({self.identity}={self.in_filter(each)})" for each in ids)
        return f"(&(|{either}){self.filter(narrowing)})"


def texts(found: Found, attribute: str) -> list[str]:
    """The values of an attribute without the blanks around them, and without those that are nothing else."""
    # What is not UTF-8 stays visible as U+FFFD: no address, and reported as one that cannot be used.
    decoded = (value.decode(errors="replace").strip() for value in found.values.get(attribute.lower(), ()))
    return [text for text in decoded if text]


def first(found: Found, *attributes: str) -> str:
    """The first value of the first of these attributes that has one."""
    return next((text for attribute in attributes for text in texts(found, attribute)), "")


def attributes_of(narrowing: str | None) -> list[str]:
    """The attributes that a filter looks at: when one changes, an account may come into sight or leave it."""
    return sorted(set(re.findall(r"\(\s*([A-Za-z][A-Za-z0-9-]*)", f"({narrowing or ''}")))
