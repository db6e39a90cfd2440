"""Reads the users of Microsoft Entra through Graph, with its delta query: https://learn.microsoft.com/graph/api/user-delta.

Graph repeats users within a round, in any order, and what it says of a change is a patch. So a full reading holds the
round until its end, and of changes only the ids are taken: the users are then read as they are.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from addresses.directory import EntraDirectory
from directory_sync.entra.batch import users
from directory_sync.entra.logon import EntraLogon
from directory_sync.entra.round import pages
from directory_sync.entra.user import SELECT, User
from directory_sync.errors import IncompleteReading
from directory_sync.reader import Changes, Entry, Resync
from directory_sync.web.client import Web
from directory_sync.web.patience import Clock
from directory_sync.web.token import Bearer

_ROUNDS = 3


@dataclass
class _Round:
    """What a round has said: the account of each user, None for one that is none, and of whom that is not sure."""

    accounts: dict[str, Entry | None] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)

    def hear(self, user: User) -> None:
        """The last word on a user wins, if it says something of every property.

        One that says less may be a patch of what was said before, or its other values were never set; and one that is
        both removed and there may be either, since the order means nothing. Only asking by id tells.
        """
        is_repeated = user.id in self.accounts
        if user.is_removed:
            self.removed.add(user.id)
        if is_repeated and (user.id in self.removed or not user.is_whole):
            self.unsure.add(user.id)
        elif is_repeated:
            self.unsure.discard(user.id)
        self.accounts[user.id] = None if user.is_removed else user.entry()


class EntraReader:
    """A tenant of Microsoft Entra. Its guests are not accounts of the organisation, and are left out."""

    def __init__(self, config: EntraDirectory, secret: str, deadline: float, clock: Clock | None = None) -> None:
        """``secret`` is the client secret, or JSON with it; ``deadline`` is when the run's time ends.

        Raises:
            SecretUnusable: it is neither.
        """
        clock = clock or Clock()
        self._url = f"{config.graph_url}/v1.0"
        logon = EntraLogon(config, secret, deadline, clock)
        self._graph = Bearer(Web(self._url, deadline, clock), logon.token)
        self._cursor: str | None = None

    def full(self) -> Iterator[Entry]:
        """Every user, once each, after a whole round; a round that Graph breaks off is begun again."""
        self._cursor = None
        told, cursor = self._whole_round()
        for user_id in told.unsure:
            del told.accounts[user_id]
        yield from self._accounts(told.unsure)
        while told.accounts:
            # Handed over rather than copied: an organisation of 300,000 is held once.
            _, account = told.accounts.popitem()
            if account:
                yield account
        self._cursor = cursor

    def cursor(self) -> str | None:
        """The delta link that the full reading ended with."""
        return self._cursor

    def changes(self, cursor: str) -> Changes:
        """The ids of the users that Graph names since this delta link, those that were removed among them."""
        ids: set[str] = set()
        if not self._graph.web.leads_here(cursor):
            raise Resync("The cursor is of another server than graph_url names.")
        for page in pages(self._graph, cursor):
            ids |= {user.id for user in page.users}
            cursor = page.delta_link or cursor
        return Changes(frozenset(ids), cursor)

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """These users as they are now, but for guests and those that are gone."""
        return list(self._accounts(ids))

    def close(self) -> None:
        """Disconnect."""
        self._graph.web.close()

    def _accounts(self, ids: Collection[str]) -> Iterator[Entry]:
        for user in users(self._graph, self._url, ids):
            if entry := user.entry():
                yield entry

    def _whole_round(self) -> tuple[_Round, str]:
        reason = ""
        for _ in range(_ROUNDS):
            told, cursor = _Round(), None
            try:
                for page in pages(self._graph, f"{self._url}/users/delta?{SELECT}", is_start=True):
                    for user in page.users:
                        told.hear(user)
                    cursor = page.delta_link
            except Resync as broken_off:
                reason = str(broken_off)
            if cursor:
                return told, cursor
        raise IncompleteReading(f"Graph broke off {_ROUNDS} times while all users were read: run again later. {reason}")
