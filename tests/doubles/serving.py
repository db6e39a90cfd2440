"""An HTTP server on loopback that answers as a test says: what the doubles of the directories' services stand on."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What a client asks: ``target`` as it stands on the wire, the names of headers in small letters."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the query; of one that is repeated, the last."""
        return _parameters(urlsplit(self.target).query)

    @property
    def form(self) -> dict[str, str]:
        """The fields of a form in the body."""
        return _parameters(self.body.decode())


@dataclass(frozen=True)
class Response:
    """What is answered: bytes as they are, anything else as JSON."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def serving(answer: Callable[[Request], Response]) -> Iterator[str]:
    """The URL of a server that answers with what ``answer`` gives, one request at a time."""
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        # Connections are kept open, as the real services do.
        protocol_version = "HTTP/1.1"
        timeout = 20

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with turn:
                response = answer(Request(self.command, self.path, headers, body))
            content = response.body if isinstance(response.body, bytes) else json.dumps(response.body).encode()
            self.send_response(response.status)
            standard = {"Content-Type": "application/json", "Content-Length": str(len(content))}
            for name, value in (standard | dict(response.headers)).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            """Answer a question."""
            self._answer()

        def do_POST(self) -> None:
            """Answer a question that has a body."""
            self._answer()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server has
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        # A connection that the client keeps open would keep its thread, and a test waiting for it.
        block_on_close = False

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Say nothing of a client that left in the middle."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def _parameters(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}
