"""The gateway of the tests over a small organisation, served on loopback, so that any HTTP client can ask it.

After each request the invariants are looked at, and a caller who may not change anything must have changed nothing.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch
from wsgiref.simple_server import WSGIRequestHandler, make_server

import boto3

from addresses.archive import Direction, Entry, Message, RawObject
from addresses.errors import AddressesError
from addresses.items import entry_item, message_item
from addresses.table import Item
from tests.archive_world import Now
from tests.gateway import ADMIN, TABLE, Answer, empty_cloud, send
from tests.invariants import check_archive_untouched, check_invariants
from tests.people import A1, ALICE, BOB
from tests.table import address_book, everything

type _Start = Callable[[str, list[tuple[str, str]]], object]
# Who asks, by the bearer token. What a gateway makes of a token is tried where there is one.
ALL, PERSON = "all", "person"
_CALLERS: Mapping[str, Mapping[str, Any]] = {
    ALL: ADMIN | {"email": ALICE, "cognito:groups": "[address-admins delegation-admins]"},
    PERSON: {"email": ALICE, "cognito:groups": None},
}
_SETTINGS = {"internal_domains": ["example.com", "example.net"]}
_DIRECTORY = {"kind": "google", "secret_name": "google", "customer": "C1", "admin": "admin@example.com"}
_SECOND, _DIGEST = "2026-03-01T09:00:00Z", "0" * 64
_PUBLIC = "GET /openapi.json"
# So many are as good as more, and reading them takes no time.
_MOST_ITEMS = 100
_CALLED = "before-call.dynamodb"


@contextmanager
def gateway_app() -> Iterator["GatewayApp"]:
    """The application, over an organisation that begins again whenever it has grown."""
    with empty_cloud() as cloud, patch("archive_api.routes._executor", Now):
        app = GatewayApp(boto3.client("dynamodb"), cloud.table.put_all)
        cloud.session.events.register(_CALLED, app.heard)
        app.begin()
        yield app
        cloud.session.events.unregister(_CALLED, app.heard)


@contextmanager
def served(app: "GatewayApp") -> Iterator[str]:
    """The URL at which the application answers, one request at a time."""
    with make_server("127.0.0.1", 0, app, handler_class=_Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass
class GatewayApp:
    """Answers what API Gateway has the functions answer; ``broken`` is what must never be, request by request."""

    client: Any
    put_all: Callable[[Iterable[dict[str, Any]]], object]
    requests: int = 0
    broken: list[str] = field(default_factory=list)
    _items: list[Item] = field(default_factory=list)
    _is_written: bool = False

    def heard(self, model: Any, **_: Any) -> None:
        """Note that a function calls the table; it is read whole only after one that may have changed it."""
        self._is_written |= model.name not in {"GetItem", "BatchGetItem", "Query"}

    def __call__(self, environ: dict[str, Any], start: _Start) -> Iterable[bytes]:
        """One request."""
        self.requests += 1
        target, query = environ["REQUEST_URI"].partition("?")[0], environ["QUERY_STRING"]
        request = f"{environ['REQUEST_METHOD']} {target}" + f"?{query}" * bool(query)
        token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            answer = self._answer(request, body, token, _headers(environ))
        except Exception as broken:  # noqa: BLE001 - whatever it is, it is written down with the request that did it
            self.broken.append(f"{request} {body[:500]!r}: {type(broken).__name__}: {broken}")
            answer = Answer(500, {"message": "Internal Server Error"}, "application/json")
        start(f"{answer.status} -", [("content-type", answer.content_type)] if answer.content_type else [])
        return [answer.body if isinstance(answer.body, bytes) else _content(answer)]

    def _answer(self, request: str, body: bytes, token: str, headers: dict[str, str]) -> Answer:
        if token not in _CALLERS and request != _PUBLIC:
            return Answer(401, {"message": "Unauthorized"}, "application/json")
        sent: str | bytes | None = body or None
        with suppress(UnicodeDecodeError):
            sent = body.decode() or None
        self._is_written = False
        try:
            answer = send(request, sent, claims=_CALLERS.get(token, {}), headers=headers)
        except LookupError:
            return Answer(404, {"message": "Not Found"}, "application/json")
        _require_told(answer)
        if self._is_written:
            self._require_invariants(token)
        if len(self._items) > _MOST_ITEMS or request.startswith("PUT /settings"):
            self.begin()
        return answer

    def _require_invariants(self, token: str) -> None:
        before, self._items = self._items, everything(self.client, TABLE)
        check_invariants(address_book(self._items))
        check_archive_untouched(before, self._items)
        assert before == self._items or token == ALL, f"{token} changed the table"

    def begin(self) -> None:
        """The organisation as it is at first: Alice with an alias, Bob, a directory, a message, an import."""
        for item in everything(self.client, TABLE):
            self.client.delete_item(TableName=TABLE, Key={"pk": {"S": item["pk"]}, "sk": {"S": item["sk"]}})
        for request, body in (
            ("PUT /settings", _SETTINGS),
            (f"PUT /mailboxes/{ALICE}", None),
            (f"PUT /mailboxes/{ALICE}/aliases/{A1}", None),
            (f"PUT /mailboxes/{BOB}", None),
            (f"PUT /archives/{BOB}/delegates/{ALICE}", None),
            ("PUT /directories/office", _DIRECTORY),
            ("POST /imports", {"filename": "people.xlsx"}),
        ):
            assert send(request, body, claims=_CALLERS[ALL]).status in {200, 201}
        raw = RawObject("mail", "inbound/1", "1")
        message = Message(_DIGEST, _SECOND, raw, 9, BOB, (ALICE,), "Minutes", "<1@example.com>", "")
        entry = Entry(ALICE, _SECOND, _DIGEST, Direction.RECEIVED, BOB, (ALICE,), "Minutes", 9)
        self.put_all([message_item(message), entry_item(entry)])
        self._items = everything(self.client, TABLE)


class _Quiet(WSGIRequestHandler):
    def get_environ(self) -> dict[str, Any]:
        """With the target as it was sent, which WSGI has only decoded."""
        return super().get_environ() | {"REQUEST_URI": self.path}

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server has
        """Say nothing."""


def _require_told(answer: Answer) -> None:
    """A refusal is a problem of a known type, and says nothing of how the functions are made."""
    if answer.status >= 400:
        assert answer.content_type == "application/problem+json"
        assert answer.body["type"] in _rules(AddressesError), answer.body
        assert answer.body["status"] == answer.status
        assert answer.body["detail"]
        assert not {"Traceback", "site-packages", "/var/task", "AKIA"} & set(answer.body["detail"].split())


def _rules(error: type[AddressesError]) -> set[str]:
    return {error.slug(), *(rule for each in error.__subclasses__() for rule in _rules(each))}


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The headers as API Gateway has them."""
    named = {name.removeprefix("HTTP_"): value for name, value in environ.items() if name.startswith("HTTP_")}
    if "CONTENT_TYPE" in environ:
        named["CONTENT_TYPE"] = environ["CONTENT_TYPE"]
    return {name.lower().replace("_", "-"): str(value) for name, value in named.items()}


def _content(answer: Answer) -> bytes:
    if answer.body is None:
        return b""
    return (json.dumps(answer.body) if "json" in (answer.content_type or "") else str(answer.body)).encode()
