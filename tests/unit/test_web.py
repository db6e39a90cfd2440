"""How web services are asked: how long, how often, and where."""

import itertools
import logging
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from directory_sync.errors import CertificateRefused, DirectoryFailed, IncompleteReading, OutOfTime, Unreachable
from directory_sync.web.answer import Answer, Told
from directory_sync.web.client import Web, trusted
from directory_sync.web.patience import Clock, pause
from directory_sync.web.token import Bearer, Granted
from tests.doubles.clock import Hourglass
from tests.doubles.serving import Request, Response, serving

NOON = 1_772_366_400.0  # Sun, 01 Mar 2026 12:00:00 GMT


class Ok(Told):
    """An answer's form."""

    ok: bool


def asked(*responses: Response, seconds: float = 600, glass: Hourglass | None = None) -> tuple[Answer, list[float]]:
    """The final answer of a service that gives these in turn, the last for ever; and how long was waited each time."""
    glass = glass or Hourglass()
    turn = itertools.chain(responses, itertools.repeat(responses[-1]))
    with serving(lambda _: next(turn)) as url, closing(Web(url, glass.deadline(seconds), glass.clock(NOON))) as web:
        return web.ask("GET", f"{url}/x"), glass.slept


@contextmanager
def raw_server(converse: Callable[[socket.socket], None], context: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that says what ``converse`` does to each connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                    with context.wrap_socket(connection, server_side=True) if context else connection as wrapped:
                        converse(wrapped)
                except OSError:
                    # The client left, or the test is over and closed the listener.
                    if listener.fileno() < 0:
                        return

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_an_answer_is_given_as_it_is() -> None:
    """Also one that refuses: what it means is for the asker to say."""
    answer, slept = asked(Response(404, {"error": {"code": "gone", "message": "No such thing."}}))

    assert (404, "gone: No such thing.", []) == (answer.status, str(answer.refusal), slept)


def test_what_is_asked_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Lambda logs whatever libraries say at INFO, and a link of Graph has a token in it."""
    with caplog.at_level(logging.INFO):
        asked(Response(200, {}))

    assert [] == [record.getMessage() for record in caplog.records]


@pytest.mark.parametrize("status", [429, 503, 504])
def test_a_busy_service_is_asked_again_when_it_says(status: int) -> None:
    """Retry-After in seconds (RFC 9110 section 10.2.3)."""
    busy = Response(status, headers={"Retry-After": "17"})

    answer, slept = asked(busy, busy, Response(200, {"ok": True}))

    assert (200, [17.0, 17.0]) == (answer.status, slept)


def test_retry_after_may_be_a_date() -> None:
    """Counted from what the calendar says."""
    busy = Response(429, headers={"Retry-After": "Sun, 01 Mar 2026 12:00:42 GMT"})

    assert [42.0] == asked(busy, Response())[1]


@pytest.mark.parametrize("wish", [None, "", "0", "-5", "soon", "1e9", "9" * 5000, "Sun, 01 Mar 2026 11:00:00 GMT"])
def test_without_a_pause_that_can_be_kept_it_is_guessed_and_doubled(wish: str | None) -> None:
    """Several of Graph's services send none, and asking at once again would make it worse."""
    waits = [pause(attempt, wish, NOON) for attempt in range(1, 12)]

    for attempt, seconds in enumerate(waits):
        longest = min(60, 2.0**attempt)
        assert longest / 2 <= seconds <= longest


def test_guessed_pauses_differ() -> None:
    """Those who were refused together do not all come back together."""
    assert 1 < len({pause(5, None, NOON) for _ in range(20)})


@pytest.mark.parametrize("reason", ["userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded"])
def test_a_quota_refused_with_403_is_waited_for(reason: str) -> None:
    """Google's way to say 429: https://developers.google.com/admin-sdk/directory/v1/limits."""
    refusal = {"error": {"code": 403, "message": "Quota exceeded", "errors": [{"reason": reason}]}}

    answer, slept = asked(Response(403, refusal), Response(200))

    assert (200, 1) == (answer.status, len(slept))


def test_any_other_403_is_final() -> None:
    """Waiting brings no permission."""
    refusal = {"error": {"code": 403, "message": "Not Authorized", "errors": [{"reason": "forbidden"}]}}

    assert 403 == asked(Response(403, refusal))[0].status


def test_a_pause_longer_than_the_time_that_is_left_is_not_begun() -> None:
    """The run ends with a sentence, and not by being killed while it waits."""
    glass = Hourglass()

    with pytest.raises(OutOfTime, match=r"asked again in 300 s, but this run has only 60 s left"):
        asked(Response(429, headers={"Retry-After": "300"}), seconds=60, glass=glass)

    assert [] == glass.slept


def test_a_service_that_stays_busy_is_asked_as_long_as_there_is_time() -> None:
    """And no longer."""
    glass = Hourglass()

    with pytest.raises(OutOfTime):
        asked(Response(503), seconds=200, glass=glass)

    assert 100 < sum(glass.slept) < 200


@pytest.mark.parametrize("status", [500, 502])
def test_a_broken_service_is_asked_four_times(status: int) -> None:
    """Such errors often pass; if this one does not, waiting until the end tells nothing more."""
    glass = Hourglass()

    with pytest.raises(Unreachable, match=f"answers with error {status}"):
        asked(Response(status), glass=glass)

    assert 3 == len(glass.slept)


def test_nothing_is_asked_when_the_time_is_over() -> None:
    """Not even once."""
    with pytest.raises(OutOfTime):
        asked(Response(), seconds=0)


def test_nobody_there_is_unreachable() -> None:
    """After a few tries, not only when the time ends."""
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    glass = Hourglass()

    with (
        pytest.raises(Unreachable, match=r"Nothing answers at 127\.0\.0\.1"),
        closing(Web(f"http://127.0.0.1:{port}", glass.deadline(), glass.clock())) as web,
    ):
        web.ask("GET", f"http://127.0.0.1:{port}/x")

    assert 3 == len(glass.slept)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_an_answer_that_is_cut_short_is_no_answer(said: bytes) -> None:
    """It is asked for again, and then fails; what had come of it is not used."""
    glass = Hourglass()

    def converse(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(said)

    with (
        raw_server(converse) as port,
        pytest.raises(Unreachable, match="was lost 4 times"),
        closing(Web(f"http://127.0.0.1:{port}", glass.deadline(), glass.clock())) as web,
    ):
        web.ask("GET", f"http://127.0.0.1:{port}/x")

    assert 3 == len(glass.slept)


def test_a_connection_that_is_lost_once_is_no_failure() -> None:
    """A long reading meets one now and then."""
    glass, said = Hourglass(), iter([b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"])

    def converse(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(next(said))

    with raw_server(converse) as port, closing(Web(f"http://127.0.0.1:{port}", glass.deadline(), glass.clock())) as web:
        assert b"{}" == web.ask("GET", f"http://127.0.0.1:{port}/x").content


def test_a_byte_now_and_then_does_not_outlast_the_run() -> None:
    """Each silence is short; their sum must be too."""

    def converse(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b" ")
            time.sleep(0.02)

    begun = time.monotonic()
    with (
        raw_server(converse) as port,
        pytest.raises(OutOfTime, match=r"before 127\.0\.0\.1 had answered to the end"),
        closing(Web(f"http://127.0.0.1:{port}", begun + 0.3, Clock())) as web,
    ):
        web.ask("GET", f"http://127.0.0.1:{port}/x")
    assert time.monotonic() - begun < 2


def test_silence_does_not_outlast_the_run() -> None:
    """A service that takes the question and says nothing."""
    begun = time.monotonic()
    done = threading.Event()

    def converse(_: socket.socket) -> None:
        done.wait(5)

    with raw_server(converse) as port, closing(Web(f"http://127.0.0.1:{port}", begun + 0.3, Clock())) as web:
        with pytest.raises(OutOfTime):
            web.ask("GET", f"http://127.0.0.1:{port}/x")
        done.set()
    assert time.monotonic() - begun < 2


def test_an_answer_larger_than_any_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers is not the directory."""
    monkeypatch.setattr("directory_sync.web.client._LARGEST_ANSWER", 1000)

    with pytest.raises(IncompleteReading, match="more than 1000 bytes"):
        asked(Response(200, b" " * 1001))


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int) -> None:
    """The token would go wherever it leads."""
    met: list[Request] = []

    def elsewhere(request: Request) -> Response:
        met.append(request)
        return Response()

    with serving(elsewhere) as other, pytest.raises(IncompleteReading, match="redirect"):
        asked(Response(status, headers={"Location": f"{other}/x"}))

    assert [] == met


@pytest.mark.parametrize(
    "link",
    [
        "https://graph.example.com:444/x",
        "http://graph.example.com/x",
        "https://graph.example.com.evil.example/x",
        "https://evil.example/https://graph.example.com/",
        "https://graph.example.com@evil.example/x",
        "https://graph.example.com\\@evil.example/x",
        "https://somebody@graph.example.com/x",
        "//graph.example.com/x",
        "/x",
        "",
        "https://[::1/x",
        "https://xn--a.example/x",
        "https://xn--k000000000000000000ple.example/x",
        "https://graph.example.com:99999999/x",
    ],
)
def test_a_link_to_another_place_is_not_followed(link: str) -> None:
    """Another host, port or scheme, or a name before the host, which would replace the token."""
    glass = Hourglass()
    with closing(Web("https://graph.example.com", glass.deadline(), glass.clock())) as web:
        assert not web.leads_here(link)
        with pytest.raises(IncompleteReading, match="leads to another host"):
            web.ask("GET", link)


@pytest.mark.parametrize("link", ["https://graph.example.com/x?y=%2B", "https://GRAPH.example.com:443/"])
def test_a_link_to_the_same_place_is_followed(link: str) -> None:
    """However it is written."""
    glass = Hourglass()
    with closing(Web("https://graph.example.com/gateway", glass.deadline(), glass.clock())) as web:
        assert web.leads_here(link)


def test_a_proxy_of_the_environment_is_minded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many networks let nothing out otherwise."""
    met: list[str] = []

    def proxy(request: Request) -> Response:
        met.append(request.target)
        return Response()

    glass = Hourglass()
    with serving(proxy) as url:
        monkeypatch.setenv("HTTP_PROXY", url)
        with closing(Web("http://directory.example.com", glass.deadline(), glass.clock())) as web:
            web.ask("GET", "http://directory.example.com/x")

    assert ["http://directory.example.com/x"] == met


def test_no_proxy_is_asked_for_this_machine_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would look for the service on its own."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    assert 200 == asked(Response())[0].status


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "-", *subject]
    made = subprocess.run(["openssl", "req", *options], check=True, capture_output=True)  # noqa: S607 - wherever it is
    path.write_bytes(made.stdout)
    return path


@pytest.fixture
def authority(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The certificate is named in the environment as that of an authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    trusted.cache_clear()
    yield
    trusted.cache_clear()


@pytest.fixture
def tls_port(certificate: Path) -> Iterator[int]:
    """The port of a server with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def converse(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    with raw_server(converse, context) as port:
        yield port


def test_a_certificate_of_an_unknown_authority_is_refused_at_once(tls_port: int) -> None:
    """Nothing is sent, and trying again would not change it."""
    glass = Hourglass()

    with pytest.raises(CertificateRefused, match=r"certificate of 127\.0\.0\.1"):
        _ask_over_tls(tls_port, "127.0.0.1", glass)

    assert [] == glass.slept


@pytest.mark.usefixtures("authority")
def test_a_certificate_of_another_name_is_refused(tls_port: int) -> None:
    """Though its authority is trusted."""
    with pytest.raises(CertificateRefused):
        _ask_over_tls(tls_port, "localhost", Hourglass())


@pytest.mark.usefixtures("authority")
def test_an_authority_of_the_environment_is_trusted(tls_port: int) -> None:
    """Where a proxy opens connections, its authority is named there."""
    assert b"{}" == _ask_over_tls(tls_port, "127.0.0.1", Hourglass()).content


def _ask_over_tls(port: int, host: str, glass: Hourglass) -> Answer:
    with closing(Web(f"https://{host}:{port}", glass.deadline(), glass.clock())) as web:
        return web.ask("GET", f"https://{host}:{port}/x")


@pytest.mark.parametrize(
    "content",
    [b"", b"not JSON", b"[" * 100_000, b"null", b"[]", b"{}", b'{"ok": "yes"}', b'{"ok": 1}', b'{"ok": true', b"\xff"],
)
def test_an_answer_of_another_form_is_refused_without_quoting_it(content: bytes) -> None:
    """The sentence ends in a log."""
    answer = Answer("graph.example.com", 200, content)

    with pytest.raises(IncompleteReading, match=r"graph\.example\.com gave an answer that cannot be read") as refusal:
        answer.read(Ok)

    assert "yes" not in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"error": {"code": "Request_BadRequest", "message": "Bad."}}', "Request_BadRequest: Bad."),
        (b'{"error": {"code": 400, "message": "Bad", "errors": [{"reason": "invalid"}]}}', "invalid: Bad"),
        (b'{"error": {"code": 400, "message": "Bad", "errors": [7, {"reason": 7}, {}]}}', "Bad"),
        (b'{"error": {"code": 403, "message": "No", "status": "PERMISSION_DENIED"}}', "PERMISSION_DENIED: No"),
        (b'{"error": "invalid_client", "error_description": "Wrong."}', "invalid_client: Wrong."),
        (b'{"error": "invalid_client"}', "invalid_client"),
        (
            b'{"error": "a\\nb", "error_description": "Header: Bearer abc.def and\\u0000 more"}',
            "a b: Header: Bearer … and more",
        ),
        (b"<html>", "no reason given"),
        (b"[" * 100_000, "no reason given"),
        (b'{"error": ["?"]}', "no reason given"),
        (b'{"error": "' + b"x" * 1000 + b'"}', "x" * 200 + "…"),
    ],
)
def test_a_reason_is_quoted_in_one_short_line(content: bytes, expected: str) -> None:
    """Whoever wrote it, and without the token, should it be in there."""
    assert expected == str(Answer("graph.example.com", 400, content).refusal)


def test_a_token_that_ended_is_replaced_once_for_each_question() -> None:
    """A service that takes no token at all says so."""
    tokens = itertools.count(1)
    taken = {"Bearer 2", "Bearer 4"}

    def answer(request: Request) -> Response:
        return Response(200 if request.headers["authorization"] in taken else 401)

    glass = Hourglass()
    with serving(answer) as url, closing(Web(url, glass.deadline(), glass.clock())) as web:
        bearer = Bearer(web, lambda: str(next(tokens)))
        first, second = (bearer.ask("GET", f"{url}/x").status for _ in range(2))
        taken.remove("Bearer 2")
        third = bearer.ask("GET", f"{url}/x").status
        fourth = bearer.ask("GET", f"{url}/x").status

    assert (200, 200, 401, 200) == (first, second, third, fourth)


@pytest.mark.parametrize("token", ["", "a b", "a\\r\\nX: y", "ä", "a=b"])
def test_what_could_not_stand_in_a_header_is_no_token(token: str) -> None:
    """RFC 6750 section 2.1; the error would quote it."""
    with pytest.raises(DirectoryFailed):
        Answer("login.example.com", 200, f'{{"access_token": "{token}"}}'.encode()).read(Granted)


def test_an_answer_does_not_show_its_content() -> None:
    """It may be a token."""
    assert "ya29" not in repr(Answer("oauth2.example.com", 200, b'{"access_token": "ya29.secret"}'))
