"""No log line holds a password, a token, a signature, or what mail and spreadsheets say, also when things go wrong.

Everything is looked at that Lambda would log: what any library says at INFO, and the traceback of what a function did
not know how to answer. On the embedded AWS, ``tests/integration/test_logs.py`` reads the logs themselves.
"""

import io
import json
import logging
import socket
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.exceptions import ClientError

from addresses.archive import Envelope
from addresses.directory import Directory
from addresses.directory_items import directory_item
from addresses.table import Table
from archive_api import handler as archive_handler
from directory_sync import handler as directory_sync
from mail_ingest import handler as mail_ingest
from spreadsheet_import import handler as spreadsheet_import
from tests.cloud import IMPORT_BUCKET
from tests.containers import zipped
from tests.doubles.google import google
from tests.doubles.graph import graph
from tests.doubles.serving import Request, Response, serving
from tests.gateway import Context, send
from tests.journals import lines, report
from tests.mail import CONTEXT, batch, raw_message, s3_event, ses_notification
from tests.metered import BUCKET, Metered, metered
from tests.people import ALICE
from tests.syncing import CORP

CANARY = "c4n4ry-7f3a9e51"
SENT = {"authorization": f"Bearer {CANARY}.{CANARY}.{CANARY}"}
BUSY = ClientError({"Error": {"Code": "InternalServerError", "Message": "try again"}}, "PutItem")


@pytest.fixture(scope="module")
def world() -> Iterator[Metered]:
    """The functions, on tables and buckets in moto."""
    with metered() as found:
        yield found


@pytest.fixture(autouse=True)
def _empty(world: Metered) -> None:
    """Each test begins anew, with Alice's mailbox."""
    world.empty()
    send(f"PUT /mailboxes/{ALICE}")


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What Lambda would log meanwhile: every logger's lines from INFO on, with their tracebacks."""
    written, root = io.StringIO(), logging.getLogger()
    listener = logging.StreamHandler(written)
    ours = [each for each in logging.getLogger(mail_ingest.logger.name).handlers if hasattr(each, "stream")]
    streams, level = [each.stream for each in ours], root.level
    root.addHandler(listener)
    root.setLevel(logging.INFO)
    for each in ours:
        each.stream = written
    try:
        yield written
    finally:
        root.removeHandler(listener)
        root.setLevel(level)
        for each, stream in zip(ours, streams, strict=True):
            each.stream = stream


def called(function: Callable[[Any, Any], Any], event: Any, context: Any) -> None:
    """Lambda calls the function; of an error that it does not know, the runtime logs the traceback."""
    try:
        function(event, context)
    except Exception:  # noqa: BLE001 - so does the runtime
        logging.getLogger().error("%s", traceback.format_exc())  # noqa: TRY400 - as one text, as the runtime does


def try_directory(world: Metered, directory: Directory, secret: str) -> None:
    """A directory with this secret is configured and tried out."""
    world.table.put(directory_item("corp", directory))
    secrets = boto3.client("secretsmanager")
    name = f"{directory.secret_name}-{len(secrets.list_secrets()['SecretList'])}"
    secrets.create_secret(Name=name, SecretString=secret)
    world.table.put(directory_item("corp", directory.model_copy(update={"secret_name": name})))
    send("POST /directories/corp/test")
    called(directory_sync.handle, world.orders.sent[-1][1], Context())


@contextmanager
def nonsense() -> Iterator[str]:
    """An LDAP server that repeats what it is sent."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def repeat() -> None:
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                connection.sendall(connection.recv(4096))

        threading.Thread(target=repeat, daemon=True).start()
        yield f"ldap://127.0.0.1:{server.getsockname()[1]}"


def unreachable_ldap(world: Metered) -> None:
    """Nobody answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"ldaps://127.0.0.1:{server.getsockname()[1]}"
    try_directory(world, CORP.model_copy(update={"url": url}), CANARY)


def repeating_ldap(world: Metered) -> None:
    """What is no answer comes back, with the password in it."""
    with nonsense() as url:
        try_directory(world, CORP.model_copy(update={"url": url, "allow_plaintext": True}), CANARY)


def refused_entra(world: Metered) -> None:
    """The client secret is wrong."""
    with graph() as double:
        try_directory(world, double.config, CANARY)


def repeating_entra(world: Metered) -> None:
    """The service quotes the form that it was sent, and gives an error."""

    def answer(request: Request) -> Response:
        return Response(400, {"error": {"code": "x", "message": request.body.decode()}})

    with graph() as double, serving(answer) as url:
        try_directory(world, double.config.model_copy(update={"login_url": url}), CANARY)


def odd_token(world: Metered) -> None:
    """The token that is given could not stand in a header."""
    granted = {"access_token": f"{CANARY}\r\n", "token_type": "Bearer", "expires_in": 3600}
    with graph() as double, serving(lambda _: Response(200, granted)) as url:
        try_directory(world, double.config.model_copy(update={"login_url": url}), "secret")


def refused_token(world: Metered) -> None:
    """The token is refused by the service that is read."""
    granted = {"access_token": CANARY, "token_type": "Bearer", "expires_in": 3600}
    with graph() as double, serving(lambda _: Response(200, granted)) as url:
        try_directory(world, double.config.model_copy(update={"login_url": url}), "secret")


def damaged_google_key(world: Metered) -> None:
    """The key is cut off in its middle."""
    with google() as double:
        file = json.dumps(double.key_file() | {"private_key": CANARY})
        try_directory(world, double.config, file)
        try_directory(world, double.config, file[:-2])


def secret_without_right(world: Metered) -> None:
    """Secrets Manager refuses, for a reason that the function does not know."""
    with patch("directory_sync.kinds.secret_of", side_effect=BUSY):
        try_directory(world, CORP, CANARY)


def requests(world: Metered) -> None:
    """Answered, refused, and broken off by an error that nobody knows."""
    del world
    send("GET /me", claims={"email": ALICE}, headers=SENT)
    send("GET /settings", claims={"email": ALICE, "cognito:groups": None}, headers=SENT)
    send("PUT /settings", '{"internal_domains": ["' + CANARY, headers=SENT)
    with patch.object(Table, "get_many", side_effect=BUSY):
        called(lambda event, _: send(event, claims={"email": ALICE}, headers=SENT), "GET /me", None)
        called(lambda event, _: send(event, headers=SENT), f"PUT /mailboxes/{ALICE}/aliases/a1@example.com", None)


def mail(world: Metered) -> None:
    """Filed, told apart, not understood, and broken off at every write."""
    attached = f"--x\r\nContent-Type: text/plain\r\n\r\n{CANARY}\r\n--x--\r\n"
    whole = raw_message(attached, content_type='multipart/mixed; boundary="x"', subject=CANARY)
    told = report(lines(f"To: {ALICE}"), whole)
    for key, raw in {"a": whole, "b": told, "c": told[:-40], "d": CANARY.encode(), "e": whole[:200]}.items():
        world.store(raw, f"inbound/{key}")
        called(mail_ingest.handle, batch(s3_event(f"inbound/{key}", bucket=BUCKET)), CONTEXT)
    world.store(whole, "inbound/ses/f")
    envelope = Envelope("bob@example.org", (ALICE,))
    called(mail_ingest.handle, batch(ses_notification("inbound/ses/f", envelope, BUCKET, spf="FAIL")), CONTEXT)
    for name in ("put_new", "put_all", "get", "get_many"):
        world.store(whole + name.encode(), f"inbound/{name}")
        with patch.object(Table, name, side_effect=BUSY):
            called(mail_ingest.handle, batch(s3_event(f"inbound/{name}", bucket=BUCKET)), CONTEXT)


def notifications(world: Metered) -> None:
    """What SES tells has the header in it, and is of no known form."""
    del world
    told = json.loads(ses_notification("inbound/ses/f", Envelope("bob@example.org", (ALICE,)), BUCKET))
    told["mail"]["headers"].append({"name": "Subject", "value": [CANARY]})
    told["mail"]["commonHeaders"] = {"subject": CANARY}
    odd = [json.dumps(told), json.dumps({"Subject": CANARY}), f"{{{CANARY}", json.dumps({"Records": [CANARY]})]
    called(mail_ingest.handle, batch(*odd), CONTEXT)


def loads(world: Metered) -> None:
    """A container is read, and a damaged one to where it is damaged."""
    whole = zipped(**{"1.eml": raw_message(CANARY), "note.txt": CANARY.encode()})
    for key, raw in {"import/old.zip": whole, "import/cut.zip": whole[: len(whole) // 2]}.items():
        world.store(raw, key)
        called(mail_ingest.handle, batch(s3_event(key, bucket=BUCKET)), CONTEXT)


def spreadsheets(world: Metered) -> None:
    """Read, refused, and broken off."""
    content = f"email,alias,password\r\n{ALICE},a1@example.net,{CANARY}\r\n"
    world.read_sheet(content)
    world.read_sheet(f"{CANARY},{CANARY}\r\n1,2\r\n", "uploads/other.csv")
    version = boto3.client("s3").put_object(Bucket=IMPORT_BUCKET, Key="uploads/x.csv", Body=content.encode())
    stored = {"key": "uploads/x.csv", "size": len(content), "versionId": version["VersionId"]}
    event = {"Records": [{"eventTime": "2026-03-01T09:46:00Z", "s3": {"object": stored}}]}
    with patch.object(Table, "get_many", side_effect=BUSY):
        called(spreadsheet_import.handle, event, Context())


ROUNDS = (
    *(unreachable_ldap, repeating_ldap, refused_entra, repeating_entra, odd_token, refused_token),
    *(damaged_google_key, secret_without_right, requests, mail, notifications, loads, spreadsheets),
)


@pytest.mark.parametrize("do", ROUNDS, ids=lambda do: do.__name__)
def test_no_secret_is_logged(world: Metered, do: Callable[[Metered], None]) -> None:
    """Whatever is done with it, and however that ends; and something is logged of it."""
    with logged() as log:
        do(world)
    assert log.getvalue()
    assert CANARY not in log.getvalue()


def test_no_link_that_is_given_out_is_logged(world: Metered) -> None:
    """Its signature is all that it takes to fetch a message, or to put a spreadsheet."""
    world.store(raw_message(to=ALICE), "inbound/one")
    with logged() as log:
        called(mail_ingest.handle, batch(s3_event("inbound/one", bucket=BUCKET)), CONTEXT)
        [listed] = send("GET /archive", claims={"email": ALICE}).body["messages"]
        fetched = send(f"GET /archive/messages/{listed['id']}/raw", claims={"email": ALICE}).body["url"]
        begun = send("POST /imports", {"filename": "list.csv"}).body["url"]
    for url in (fetched, begun):
        [signature] = parse_qs(urlsplit(url).query)["X-Amz-Signature"]
        assert signature not in log.getvalue()


def test_what_is_logged_here_is_what_lambda_would_log(world: Metered) -> None:
    """A traceback, and what a library says at INFO: so the tests above would have found a secret in either."""
    with logged() as log:
        logging.getLogger("some.library").info("a library says %s", CANARY)
        called(lambda _event, _context: dict[str, str]()[CANARY], None, None)
        archive_handler.logger.error("a function says %s", CANARY)
        with patch("mail_ingest.handler.filing", side_effect=ValueError(CANARY)):
            world.store(raw_message(), "inbound/one")
            called(mail_ingest.handle, batch(s3_event("inbound/one", bucket=BUCKET)), CONTEXT)
    assert 4 <= log.getvalue().count(CANARY)
