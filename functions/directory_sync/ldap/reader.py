"""An LDAP directory, read through the seam of all directories."""

from collections.abc import Collection, Iterator
from itertools import batched
from typing import Protocol

from addresses.directory import LdapDirectory, LdapProfile
from directory_sync.ldap import dirsync, syncrepl
from directory_sync.ldap.active_directory import ACTIVE_DIRECTORY
from directory_sync.ldap.openldap import OPENLDAP
from directory_sync.ldap.profile import Profile
from directory_sync.ldap.session import Session
from directory_sync.reader import Changes, Entry


class _Told(Protocol):
    """How a kind of directory tells what changed: from where to ask, and what since then."""

    def position(self, session: Session, config: LdapDirectory) -> str | None: ...
    def since(self, session: Session, config: LdapDirectory, cursor: str) -> Changes: ...


# What is read of an account, and how the directory tells what changed.
_PROFILES: dict[LdapProfile, tuple[Profile, _Told]] = {
    LdapProfile.ACTIVE_DIRECTORY: (ACTIVE_DIRECTORY, dirsync),
    LdapProfile.OPENLDAP: (OPENLDAP, syncrepl),
}
# Servers limit how large a filter may be; this makes one of some kilobytes.
_IDS_AT_ONCE = 50


class LdapReader:
    """Active Directory, OpenLDAP or their like, logged on to until it is closed.

    ``deadline`` is a time of ``time.monotonic()``: whatever is not answered by then raises ``OutOfTime``.

    Raises:
        DirectoryFailed: the server cannot be reached, is not to be trusted, or does not let the account in.
    """

    def __init__(self, config: LdapDirectory, secret: str, deadline: float) -> None:
        self._config = config
        self._profile, self._told = _PROFILES[config.profile]
        self._session = Session(config, secret, deadline)
        self._cursor: str | None = None

    def full(self) -> Iterator[Entry]:
        """Every account below ``base_dn``, once each, page by page; those without mail may be among them."""
        position = self._told.position(self._session, self._config)
        seen: set[str] = set()
        wanted = self._profile.filter(self._config.filter)
        for found in self._session.pages(self._config.base_dn, wanted, self._profile.attributes):
            entry = self._profile.entry(found)
            # One that is moved while the pages are read can be on two of them.
            if entry.id not in seen:
                seen.add(entry.id)
                yield entry
        self._cursor = position

    def cursor(self) -> str | None:
        """Where ``full`` began, once it has ended; None where the directory does not tell what changed."""
        return self._cursor

    def changes(self, cursor: str) -> Changes:
        """The ids of what changed since the cursor, wherever in the naming context of ``base_dn``.

        Raises:
            Resync: the directory cannot tell, or not from this cursor.
        """
        return self._told.since(self._session, self._config, cursor)

    def close(self) -> None:
        """Log off."""
        self._session.close()

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """These accounts as they are now; those that are gone, or that ``full`` would not read, are left out."""
        return [
            self._profile.entry(found)
            for some in batched(sorted(ids), _IDS_AT_ONCE, strict=False)
            for found in self._session.pages(
                self._config.base_dn,
                self._profile.by_id(list(some), self._config.filter),
                self._profile.attributes,
            )
        ]
