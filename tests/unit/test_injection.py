"""What people and mail bring along forges no line, no header and no link, whichever way it goes out again.

Formulas in the copies of spreadsheets: ``test_sheet_copies.py``. Headers of mail: ``test_mail_header.py`` and
``tests/properties/test_mail_header.py``. Names in spreadsheets: ``test_sheet_rows.py``. Keys: ``test_imports_api.py``.
"""

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from addresses.directory import DisabledAccounts
from addresses.settings import Settings
from addresses.text import UNSHOWN, one_line
from archive_api import handler as archive_handler
from directory_sync.reader import Entry
from directory_sync.understanding import understand
from link_api import handler as link_handler
from tests.archive_world import World, archive_world, ask
from tests.gateway import ADMIN, Answer, empty_cloud, send
from tests.mail import raw_message
from tests.people import ALICE

BOTH = ADMIN | {"cognito:groups": "[address-admins delegation-admins]"}
HOSTILE = (
    "a\r\nSet-Cookie: b=1",
    "a\nb",
    "a\0b",
    "a\u202egnp.exe",
    "a\u2066b",
    "a\u2028b\u2029c\x85d",
    "a\x1b[31mb\x7f",
    "a\ud800b",
    '"}\n{"level": "INFO"',
)
_BAD = re.compile(rf"[{UNSHOWN}]")


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What the functions of both APIs log."""
    written = io.StringIO()
    for handler in (link_handler, archive_handler):
        for listener in logging.getLogger(handler.logger.name).handlers:
            monkeypatch.setattr(listener, "stream", written)
    return written


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Both APIs, and mail that comes in."""
    with archive_world() as found:
        yield found


def texts(value: Any) -> Iterable[str]:
    """Every text in an answer."""
    match value:
        case str():
            yield value
        case dict():
            yield from (text for each in (*value, *value.values()) for text in texts(each))
        case list():
            yield from (text for each in value for text in texts(each))


def require_harmless(answer: Answer) -> None:
    """Nothing in it that cannot be seen, in no text of the body and in no header."""
    found = [text for text in (*texts(answer.body), *texts(dict(answer.headers))) if _BAD.search(text)]
    assert [] == found


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_an_administrator_writes_is_shown_on_one_line(hostile: str, log: io.StringIO) -> None:
    """A mailbox's name, the reason of a delegation, the name of a file: each is kept, and forges nothing."""
    with empty_cloud():
        send("PUT /settings", {"internal_domains": ["example.com"]})
        named = send(f"PUT /mailboxes/{ALICE}", {"name": hostile})
        send("PUT /mailboxes/bob@example.com")
        delegated = send(f"PUT /archives/{ALICE}/delegates/bob@example.com", {"reason": hostile}, claims=BOTH)
        begun = send("POST /imports", {"filename": f"{hostile}.csv"})
        found = [named, delegated, begun]
        if begun.status == 201:
            found.append(send(f"GET /imports/{begun.body['id']}"))
            assert one_line(f"{hostile}.csv") == found[-1].body["filename"]
            assert re.fullmatch(r"[\w./%() -]+", urlsplit(begun.body["url"]).path)
        for answer in found:
            # Half a character may be refused instead.
            assert answer.status in {200, 201, 422}, answer
            require_harmless(answer)
        assert {named.body.get("name"), delegated.body.get("reason")} <= {one_line(hostile), None}
    for line in log.getvalue().splitlines():
        assert json.loads(line)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_directory_says_is_shown_on_one_line(hostile: str) -> None:
    """The name of an account is written by whoever may edit the directory, often by its owner."""
    settings = Settings(internal_domains=["example.com"])
    told = understand([Entry("1", (ALICE,), (), hostile)], DisabledAccounts.CLOSE, settings)
    assert [one_line(hostile)] == [each.name for each in told.mailboxes]


ASKED = (
    "GET /mailboxes/{}",
    "PUT /mailboxes/{}",
    "PUT /mailboxes/alice@example.com/aliases/{}",
    "GET /addresses/{}",
    "GET /addresses/alice@example.com?at={}",
    "GET /mailboxes?domain={}",
    "GET /mailboxes?cursor={}",
    "GET /addresses?kind={}",
    "PUT /archives/{}/delegates/alice@example.com",
    "PUT /directories/{}",
    "GET /directories/{}",
    "POST /directories/{}/sync",
    "GET /runs?source={}",
    "GET /runs/{}",
    "GET /runs/{}/steps",
    "GET /imports/{}",
    "GET /loads/{}",
    "GET /archive?mailbox={}",
    "GET /archive?cursor={}",
    "GET /archive?since={}",
    "GET /archive/messages/{}",
    "GET /archive/messages/{}/raw",
)


@pytest.mark.parametrize("request_", ASKED)
def test_an_answer_quotes_nothing_that_cannot_be_seen(request_: str) -> None:
    """Refused or not: neither what stood in the path, nor what stood in the query."""
    with empty_cloud():
        send("PUT /settings", {"internal_domains": ["example.com"]})
        send(f"PUT /mailboxes/{ALICE}")
        for hostile in HOSTILE:
            written = quote(hostile.encode(errors="replace").decode(), safe="")
            answer = send(request_.format(written), claims=BOTH | {"email": ALICE})
            assert answer.status < 500, answer
            require_harmless(answer)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_message_is_saved_under_a_name_of_ours_and_listed_on_one_line(world: World, hostile: str) -> None:
    """Whatever its subject and its sender say: neither gets into the header with which S3 answers."""
    world.empty()
    send("PUT /settings", {"internal_domains": ["example.com"]})
    send(f"PUT /mailboxes/{ALICE}")
    subject = hostile.encode(errors="replace").decode()
    world.room.put("inbound/one", raw_message(subject=f"=?utf-8?q?{quote(subject).replace('%', '=')}?="))
    world.room.file("inbound/one")
    listed = ask("GET /archive", ALICE)
    [message] = listed.body["messages"]
    url = ask(f"GET /archive/messages/{message['id']}/raw", ALICE).body["url"]
    require_harmless(listed)
    require_harmless(ask(f"GET /archive/messages/{message['id']}", ALICE))
    [saved] = parse_qs(urlsplit(url).query)["response-content-disposition"]
    assert re.fullmatch(r'attachment; filename="[0-9a-f]{16}\.eml"', saved)
