"""Changes a directory on this machine, as its administrator would."""

from collections.abc import Sequence
from typing import Any

import ldap3
from ldap3.utils.dn import parse_dn

Value = str | bytes
Values = Value | Sequence[Value]


class Editor:
    """A logged-on connection that adds, changes, moves and removes entries, and raises what the server refuses."""

    def __init__(self, server: ldap3.Server, name: str, password: str) -> None:
        # Any, since its stub says nothing of the methods that write.
        self._connection: Any = ldap3.Connection(
            server, name, password, auto_bind=True, raise_exceptions=True, check_names=False
        )

    def add(self, name: str, classes: Sequence[str], **values: Values) -> None:
        """Adds an entry."""
        self._connection.add(name, list(classes), {key: _listed(value) for key, value in values.items()})

    def change(self, name: str, **values: Values) -> None:
        """Replaces the values of these attributes; an empty list removes the attribute."""
        changes = {key: [(ldap3.MODIFY_REPLACE, _listed(value))] for key, value in values.items()}
        self._connection.modify(name, changes)

    def remove(self, name: str) -> None:
        """Removes an entry."""
        self._connection.delete(name)

    def move(self, name: str, *, to: str | None = None, renamed: str | None = None) -> None:
        """Moves an entry below another, or renames it: ``renamed="cn=Alice Smith"``."""
        attribute, value, _ = parse_dn(name)[0]
        self._connection.modify_dn(name, renamed or f"{attribute}={value}", new_superior=to)

    def id(self, name: str, attribute: str) -> bytes:
        """The value of the attribute that never changes."""
        self._connection.search(name, "(objectClass=*)", ldap3.BASE, attributes=[attribute])
        [found] = self._connection.response or []
        [value] = found["raw_attributes"][attribute]
        return bytes(value)

    def close(self) -> None:
        """Logs off."""
        self._connection.unbind()


def _listed(value: Values) -> list[Value]:
    return [value] if isinstance(value, str | bytes) else list(value)
