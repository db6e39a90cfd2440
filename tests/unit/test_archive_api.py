"""The function behind the mail users' API, from the event of its trigger."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from unittest.mock import patch

import pytest

from addresses import cursor as cursors
from addresses.address import parse
from addresses.archive import Direction, Entry, Message, RawObject
from addresses.items import entry_item, message_item
from addresses.table import Table
from tests.archive_world import Now
from tests.gateway import Answer, empty_table, send

ALICE, ALIAS, BOB = (parse(f"{name}@example.com") for name in ("alice", "a1", "bob"))


@pytest.fixture(autouse=True)
def table() -> Iterator[Table]:
    """Alice has the alias a1; Bob has none."""
    with empty_table() as empty, patch("archive_api.routes._executor", Now):
        send("PUT /settings", {"internal_domains": ["example.com"]})
        for request in (f"PUT /mailboxes/{ALICE}", f"PUT /mailboxes/{BOB}", f"PUT /mailboxes/{ALICE}/aliases/{ALIAS}"):
            assert 201 == send(request).status
        yield empty


def file(table: Table, name: str, received_at: str, *addresses: str, sent_by: str = "") -> str:
    """File a message for these addresses, as mail_ingest does; its id."""
    digest = sha256(name.encode()).hexdigest()
    raw = RawObject("mail", f"inbound/{name}", "v1")
    table.put_new(message_item(Message(digest, received_at, raw, 9, "x@example.net", (ALICE,), name, "<1>", "", None)))
    for address in (*addresses, *([sent_by] if sent_by else [])):
        direction = Direction.SENT if address == sent_by else Direction.RECEIVED
        entry = Entry(parse(address), received_at, digest, direction, "x@example.net", (ALICE,), name, 9)
        table.put_all([entry_item(entry)])
    return digest


def read(request: str, who: str = ALICE) -> Answer:
    """What a person is answered."""
    return send(request, claims={"email": who, "cognito:groups": None})


def subjects(answer: Answer) -> list[str]:
    """The subjects of a page."""
    assert 200 == answer.status, answer
    return [each["subject"] for each in answer.body["messages"]]


def test_the_archive_merges_all_addresses_newest_first_and_shows_a_message_once(table: Table) -> None:
    """With the addresses that have it, the primary first."""
    file(table, "old", "2026-03-01T09:00:00Z", ALIAS)
    file(table, "both", "2026-03-02T09:00:00Z", ALIAS, ALICE)
    file(table, "own", "2026-03-03T09:00:00Z", ALIAS, sent_by=ALICE)
    file(table, "not hers", "2026-03-04T09:00:00Z", BOB)
    answer = read("GET /archive")
    assert ["own", "both", "old"] == subjects(answer)
    assert [[ALICE, ALIAS], [ALICE, ALIAS], [ALIAS]] == [each["via"] for each in answer.body["messages"]]
    assert ["sent", "received", "received"] == [each["direction"] for each in answer.body["messages"]]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 7])
def test_pages_of_any_size_show_the_same_as_one_large_page(table: Table, limit: int) -> None:
    """Also where several messages came in one second, and some to both addresses."""
    for number in range(7):
        to = [(ALICE,), (ALIAS,), (ALICE, ALIAS)][number % 3]
        file(table, f"number {number}", f"2026-03-01T09:00:0{number // 3}Z", *to)
    whole: list[dict[str, Any]] = read("GET /archive").body["messages"]
    paged: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = read(f"GET /archive?limit={limit}{cursor}").body
        paged += page["messages"]
        if not page["next"]:
            break
        cursor = f"&cursor={page['next']}"
    assert whole == paged
    assert 7 == len(whole)


def test_a_cursor_serves_only_the_listing_that_gave_it(table: Table) -> None:
    """Not another person's, nor other times; every damaged one is refused."""
    for number in range(3):
        file(table, f"number {number}", f"2026-03-01T09:00:0{number}Z", ALICE, BOB)
    cursor = read("GET /archive?limit=1").body["next"]
    damaged = [
        cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :] for place in range(0, 99, 7)
    ]
    for each in damaged:
        assert (422, "invalid-cursor") == (
            (refused := read(f"GET /archive?cursor={each}")).status,
            refused.body["type"],
        )
    assert 422 == read(f"GET /archive?cursor={cursor}", BOB).status
    assert 422 == read(f"GET /archive?cursor={cursor}&since=2026-03-01T00:00:00Z").status


@pytest.mark.parametrize("position", ["~", "2026-03-01T09:31:00Z#", "\0", "\ue000", f"{BOB}", "a" * 700])
def test_a_cursor_that_somebody_made_up_is_refused(position: str) -> None:
    """Whoever knows their mailbox's id can make one with the right checksum."""
    mailbox = send(f"GET /mailboxes/{ALICE}").body["id"]
    made_up = cursors.give(f"archive of {mailbox} from  until ~", position)
    assert "invalid-cursor" == read(f"GET /archive?cursor={made_up}").body["type"]


def test_since_is_included_and_until_is_not(table: Table) -> None:
    """So that adjoining times show every message once."""
    for hour in (8, 9, 10):
        file(table, f"at {hour}", f"2026-03-01T{hour:02}:00:00Z", ALICE)
    asked = "GET /archive?since=2026-03-01T09:00:00Z"
    assert ["at 10", "at 9"] == subjects(read(asked))
    assert ["at 9"] == subjects(read(f"{asked}&until=2026-03-01T10:00:00Z"))
    assert [] == subjects(read(f"{asked}&until=2026-03-01T09:00:00Z"))


def test_since_linked_shows_an_aliass_mail_only_from_its_own_time(table: Table) -> None:
    """What came before belongs to whoever had the address then; whole shows it."""
    file(table, "before", "2020-03-01T09:00:00Z", ALIAS, ALICE)
    later = file(table, "after", "2099-03-01T09:00:00Z", ALIAS)
    before = read("GET /archive").body["messages"][1]["id"]
    send("PUT /settings", {"internal_domains": ["example.com"], "archive_history": "since_linked"})
    assert ["after"] == subjects(read("GET /archive"))
    assert [404, 200] == [read(f"GET /archive/messages/{each}").status for each in (before, later)]


def test_a_message_is_opened_through_the_archives_seen_now_and_not_otherwise(table: Table) -> None:
    """What a stranger, or a former holder, is told of it is what is told of one that does not exist."""
    digest = file(table, "to the alias", "2026-03-01T09:00:00Z", ALIAS)
    opened = read(f"GET /archive/messages/{digest}").body
    assert ("to the alias", [ALIAS], "<1>") == (opened["subject"], opened["via"], opened["message_id"])
    url = read(f"GET /archive/messages/{digest}/raw").body["url"]
    assert "versionId=v1" in url
    assert "response-content-disposition=attachment" in url
    nothing = read(f"GET /archive/messages/{'0' * 64}")
    assert (404, "no-such-message") == (nothing.status, nothing.body["type"])
    assert nothing == read(f"GET /archive/messages/{digest}", BOB) == read(f"GET /archive/messages/{digest}/raw", BOB)
    assert nothing == read(f"GET /archive/messages/{digest.upper()}") == read(f"GET /archive/messages/{'x' * 3000}")
    assert 204 == send(f"DELETE /mailboxes/{ALICE}/aliases/{ALIAS}").status
    assert nothing == read(f"GET /archive/messages/{digest}")


def test_who_logs_on_without_a_mailbox_is_told_what_to_do() -> None:
    """Also after their address was unlinked; and if nobody has ever heard of it."""
    assert 200 == read("GET /me", ALIAS).status
    send(f"DELETE /mailboxes/{ALICE}/aliases/{ALIAS}")
    for who in (ALIAS, "never.seen@example.com"):
        refused = read("GET /me", who)
        assert (404, "no-such-mailbox") == (refused.status, refused.body["type"])
        assert "An administrator can open one" in refused.body["detail"]


def test_an_archive_of_somebody_else_is_not_opened() -> None:
    """Until delegated, it is as if it were not there."""
    assert (404, "no-such-mailbox") == ((refused := read(f"GET /archive?mailbox={BOB}")).status, refused.body["type"])
