"""Asks a web service with a token that somebody else gives out, and gets a new one when it has ended."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import StringConstraints

from directory_sync.web.answer import Answer, Told
from directory_sync.web.client import Web

# A bearer token (RFC 6750 section 2.1). Anything else could not stand in a header, and would be quoted in the error.
Token = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~+/-]+=*$")]


class Granted(Told):
    """A token endpoint's answer (RFC 6749 section 5.1)."""

    access_token: Token


class Bearer:
    """A web service and its token, fetched when it is first needed and again when the service no longer takes it."""

    def __init__(self, web: Web, fetch: Callable[[], str]) -> None:
        """``web`` takes the token; ``fetch`` logs on, wherever that is, and gives a new one."""
        self.web = web
        self._fetch = fetch
        self._token: str | None = None

    def ask(self, method: str, url: str, **sent: Any) -> Answer:
        """The answer of the service; with 401 only where it does not take a new token either.

        A long reading outlives its token, which ends after an hour or so.
        """
        answer = self._asked(method, url, sent)
        if answer.status == 401:  # noqa: PLR2004 - HTTP's Unauthorized
            self._token = None
            answer = self._asked(method, url, sent)
        return answer

    def _asked(self, method: str, url: str, sent: dict[str, Any]) -> Answer:
        self._token = self._token or self._fetch()
        return self.web.ask(method, url, headers={"Authorization": f"Bearer {self._token}"}, **sent)
