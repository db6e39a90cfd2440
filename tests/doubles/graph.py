"""A double of Microsoft Entra and Graph, as far as users are read from them; it keeps users, rounds and tokens.

A delta query is answered as Graph's documentation says: only changes of selected properties are reported; a value that
was never set is missing, one that was taken away is null or empty; a user who changed twice comes twice; who is removed
comes with ``@removed``, in a first round too. https://learn.microsoft.com/en-us/graph/delta-query-overview
"""

import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from addresses.directory import EntraDirectory
from tests.doubles.serving import Request, Response, serving

TENANT = "7d9a5e0c-3f0e-4f0a-9f5a-0c5d3f6f1a11"
CLIENT = "0f5a3c52-8f3b-4d3c-b1f7-5f3f4f1f2a22"
SECRET = "Graph~Client.Secret-1"
_VERSION = "/v1.0"
_ALL = frozenset({"id", "mail", "proxyAddresses", "displayName", "accountEnabled", "userType", "userPrincipalName"})
_LARGEST_BATCH = 20


def refusal(status: int, code: str, message: str = "", **headers: str) -> Response:
    """A refusal in Graph's form; underscores in the names of headers stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"error": {"code": code, "message": message}}, named)


@dataclass(frozen=True)
class _Round:
    """A round as it was asked for: what it says in order, ids or items as they are, and where the next one starts."""

    select: frozenset[str]
    says: tuple[str | dict[str, Any], ...]
    end: int


@dataclass
class Graph:
    """The double. Its links hold tokens with characters that must stay escaped as they are.

    ``mishaps`` are answered in place of what would be, one for each request to Graph, None for none; ``batch_mishaps``
    the same for each question in a batch. ``earlier`` and ``later`` are said at the start and the end of the next
    round. A token lasts ``token_life`` requests. ``requests`` are all that came.
    """

    url: str = ""
    page_size: int = 100
    token_life: int = 1_000_000
    is_permitted: bool = True
    mishaps: deque[Response | None] = field(default_factory=deque)
    batch_mishaps: deque[Response | None] = field(default_factory=deque)
    earlier: list[dict[str, Any]] = field(default_factory=list)
    later: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    _users: dict[str, dict[str, Any]] = field(default_factory=dict)
    _removed: dict[str, str] = field(default_factory=dict)
    _log: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    _pages: dict[str, tuple[_Round, int]] = field(default_factory=dict)
    _deltas: dict[str, tuple[frozenset[str], int]] = field(default_factory=dict)
    _expired: dict[str, Response] = field(default_factory=dict)
    _tokens: dict[str, int] = field(default_factory=dict)

    @property
    def config(self) -> EntraDirectory:
        """The configuration of a directory that is this one."""
        return EntraDirectory(
            kind="entra",
            tenant_id=TENANT,
            client_id=CLIENT,
            secret_name="entra",
            graph_url=self.url,
            login_url=self.url,
        )

    def put(self, id: str, **properties: Any) -> None:  # noqa: A002 - Graph's name for it
        """Create a user, restore one, or change these properties of one."""
        before = self._users.setdefault(id, {"id": id})
        changed = {name for name, value in properties.items() if name not in before or before[name] != value}
        if len(before) == 1:
            changed |= {"id"}
            self._removed.pop(id, "")
        before |= properties
        if changed:
            self._log.append((id, frozenset(changed)))

    def remove(self, id: str, reason: str = "deleted") -> None:  # noqa: A002 - Graph's name for it
        """Remove a user, for good or (``reason`` "changed") so that it can be restored."""
        del self._users[id]
        self._removed[id] = reason
        self._log.append((id, frozenset({"id"})))

    def ids(self) -> list[str]:
        """The ids of all users."""
        return list(self._users)

    def expire(self, status: int = 410, code: str = "syncStateNotFound") -> None:
        """Forget all rounds: whatever link was given out until now leads nowhere."""
        location = {"Location": f"{self.url}{_VERSION}/users/delta?$deltatoken="} if status == 410 else {}
        gone = refusal(status, code, "The sync state generation is not found.", **location)
        self._expired |= dict.fromkeys([*self._pages, *self._deltas], gone)

    def end_tokens(self) -> None:
        """Take no token any more that was given out until now."""
        self._tokens.clear()

    def answer(self, request: Request) -> Response:
        """What is answered to a request."""
        self.requests.append(request)
        if request.path == f"/{TENANT}/oauth2/v2.0/token":
            return self._token(request)
        mishap = self.mishaps.popleft() if self.mishaps else None
        if mishap:
            return mishap
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) <= 0:
            return refusal(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
        self._tokens[token] -= 1
        if not self.is_permitted:
            return refusal(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
        match request.method, request.path:
            case "GET", "/v1.0/users/delta" | "/v1.0/users/delta()":
                return self._delta(request)
            case "POST", "/v1.0/$batch":
                return self._batch(json.loads(request.body)["requests"])
            case "GET", path if path.startswith("/v1.0/users/"):
                return self._user(request)
            case _:
                return refusal(400, "BadRequest", f"Resource not found for the segment {request.path!r}.")

    def _token(self, request: Request) -> Response:
        form = request.form
        if form.get("client_secret") != SECRET or form.get("client_id") != CLIENT:
            description = "AADSTS7000215: Invalid client secret provided. Trace ID: 1 Timestamp: 2026-03-01 09:30:00Z"
            return Response(401, {"error": "invalid_client", "error_description": description})
        if (form.get("grant_type"), form.get("scope")) != ("client_credentials", f"{self.url}/.default"):
            return Response(400, {"error": "invalid_scope", "error_description": "AADSTS70011: not valid."})
        token = f"graph.token-{len(self.requests)}"
        self._tokens[token] = self.token_life
        return Response(200, {"token_type": "Bearer", "expires_in": 3599, "access_token": token})

    def _delta(self, request: Request) -> Response:
        query = request.query
        token = query.get("$skiptoken") or query.get("$deltatoken")
        if token in self._expired:
            return self._expired[token]
        if token in self._pages:
            return self._page(*self._pages[token])
        if token in self._deltas:
            select, since = self._deltas[token]
            says: list[str | dict[str, Any]] = [
                each for each, changed in self._log[since:] if changed & (select | {"id"})
            ]
        elif token:
            return refusal(400, "Request_BadRequest", "Badly formed token.")
        else:
            select = _selected(query)
            says = [*self._users, *self._removed]
        order = (*self.earlier, *says, *self.later)
        self.earlier, self.later = [], []
        return self._page(_Round(select, order, len(self._log)), 0)

    def _page(self, asked: _Round, start: int) -> Response:
        stop = start + self.page_size
        page: dict[str, Any] = {"value": [self._item(each, asked.select) for each in asked.says[start:stop]]}
        number = len(self._pages) + len(self._deltas)
        if stop < len(asked.says):
            token = f"skip+{number}/~="
            self._pages[token] = asked, stop
            page["@odata.nextLink"] = f"{self.url}{_VERSION}/users/delta?$skiptoken={quote(token, safe='~')}"
        else:
            token = f"delta+{number}/~="
            self._deltas[token] = asked.select, asked.end
            page["@odata.deltaLink"] = f"{self.url}{_VERSION}/users/delta?$deltatoken={quote(token, safe='~')}"
        return Response(200, page)

    def _item(self, said: str | dict[str, Any], select: frozenset[str]) -> dict[str, Any]:
        if isinstance(said, dict):
            return said
        if said in self._removed:
            return {"id": said, "@removed": {"reason": self._removed[said]}}
        return {name: value for name, value in self._users[said].items() if name in select}

    def _user(self, request: Request) -> Response:
        user = self._users.get(unquote(request.path.removeprefix("/v1.0/users/")))
        if user is None:
            return refusal(404, "Request_ResourceNotFound", "Resource does not exist.")
        # Reading one user says what was never set too, as null or as an empty list.
        empty: dict[str, Any] = {"proxyAddresses": []}
        return Response(200, {name: user.get(name, empty.get(name)) for name in sorted(_selected(request.query))})

    def _batch(self, questions: list[dict[str, Any]]) -> Response:
        if len(questions) > _LARGEST_BATCH:
            return refusal(400, "BadRequest", "Number of batch request steps exceeds the maximum value of 20.")
        responses = []
        for question in questions:
            mishap = self.batch_mishaps.popleft() if self.batch_mishaps else None
            said = mishap or self._user(Request(question["method"], f"{_VERSION}{question['url']}"))
            told = {"id": question["id"], "status": said.status, "headers": dict(said.headers), "body": said.body}
            responses.append(told)
        # In any order, as Graph may.
        return Response(200, {"responses": responses[::-1]})


def _selected(query: dict[str, str]) -> frozenset[str]:
    return frozenset(query["$select"].split(",")) | {"id"} if "$select" in query else _ALL


@contextmanager
def graph(page_size: int = 100) -> Iterator[Graph]:
    """The double on loopback, without users."""
    double = Graph(page_size=page_size)
    with serving(double.answer) as double.url:
        yield double


def path_of(link: str) -> str:
    """A link without the host: what stands on the wire."""
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}"
