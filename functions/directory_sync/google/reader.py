"""Reads the users of Google Workspace through the Directory API: https://developers.google.com/admin-sdk/directory.

It has no list of changes, so it is read whole each time.
"""

from collections.abc import Collection, Iterator
from typing import Annotated, Literal, NoReturn
from urllib.parse import quote, urlencode

from pydantic import Field

from addresses.directory import GoogleDirectory
from directory_sync.errors import DirectoryFailed, IncompleteReading, LogonRefused, ReadRefused
from directory_sync.google.logon import GoogleLogon
from directory_sync.google.user import FIELDS, User
from directory_sync.reader import Entry, Resync
from directory_sync.web.answer import Answer, Told
from directory_sync.web.client import Web
from directory_sync.web.patience import Clock
from directory_sync.web.token import Bearer

_LARGEST_PAGE = 500


class _Page(Told):
    """Some users. An empty page has none, and would be an empty object; its kind shows that it is an answer at all."""

    kind: Literal["admin#directory#users"]
    users: list[User] = Field(default_factory=list)
    next_token: Annotated[str | None, Field(alias="nextPageToken", min_length=1)] = None


class GoogleReader:
    """The accounts of a customer of Google Workspace."""

    def __init__(self, config: GoogleDirectory, secret: str, deadline: float, clock: Clock | None = None) -> None:
        """``secret`` is the service account's key as JSON; ``deadline`` is when the run's time ends.

        Raises:
            SecretUnusable: it is no such key.
        """
        clock = clock or Clock()
        self._customer = config.customer
        self._url = f"{config.api_url}/admin/directory/v1/users"
        logon = GoogleLogon(config, secret, deadline, clock)
        self._google = Bearer(Web(self._url, deadline, clock), logon.token)

    def full(self) -> Iterator[Entry]:
        """Every user, once each, page by page."""
        query = {
            "customer": self._customer,
            "maxResults": str(_LARGEST_PAGE),
            "projection": "full",
            "orderBy": "email",
            "fields": f"kind,nextPageToken,users({FIELDS})",
        }
        # Who is renamed while the pages are read moves down the order, and comes again.
        met: set[str] = set()
        tokens: set[str] = set()
        while True:
            page = self._page(query)
            for user in page.users:
                if user.id not in met:
                    met.add(user.id)
                    yield user.entry()
            if page.next_token is None:
                return
            if page.next_token in tokens:
                raise IncompleteReading(
                    "Google's pages lead back to one that was read already. Nothing was changed; run again."
                )
            tokens.add(page.next_token)
            query["pageToken"] = page.next_token

    def cursor(self) -> str | None:
        """None: Google has no list of changes to go on in."""
        return None

    def changes(self, cursor: str) -> NoReturn:
        """Nobody can tell what changed.

        Raises:
            Resync: always.
        """
        raise Resync(f"Google Workspace has no list of changes, so the cursor {cursor!r} is not one of its own.")

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """These users as they are now, but for those that are gone."""
        return [user.entry() for user_id in dict.fromkeys(ids) if (user := self._user(user_id))]

    def close(self) -> None:
        """Disconnect."""
        self._google.web.close()

    def _page(self, query: dict[str, str]) -> _Page:
        answer = self._google.ask("GET", f"{self._url}?{urlencode(query)}")
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise _refused(answer)
        return answer.read(_Page)

    def _user(self, user_id: str) -> User | None:
        query = urlencode({"projection": "full", "fields": FIELDS})
        answer = self._google.ask("GET", f"{self._url}/{quote(user_id, safe='')}?{query}")
        # A 404 without this reason, such as that of a wrong URL, is no word on whether the user exists.
        if answer.status == 404 and "notFound" in answer.refusal.reasons:  # noqa: PLR2004 - HTTP's Not Found
            return None
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise _refused(answer)
        user = answer.read(User)
        if user.id != user_id:
            # An address is answered too, and an address may belong to somebody else by now.
            raise IncompleteReading(
                f"Google was asked for the user {user_id!r} and answered with {user.id!r}. Nothing was changed; run "
                "again."
            )
        return user


def _refused(answer: Answer) -> DirectoryFailed:
    """The error to raise for an answer that is neither what was asked for nor a wish to be asked later."""
    match answer.status:
        case 401:
            return LogonRefused(
                f"Google does not take the token that it gave out ({answer.refusal.code}): check that api_url and the "
                "key's token_uri belong together."
            )
        case 403:
            return ReadRefused(
                f"Google does not let the service account read users ({answer.refusal}): enable the Admin SDK API in "
                "its project, and let admin be an administrator who may read users."
            )
        case _:
            return IncompleteReading(
                f"Google answered with error {answer.status} ({answer.refusal}), so the users were not read to the "
                "end: run again, and if it stays so, check customer and api_url."
            )
