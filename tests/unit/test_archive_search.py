"""Searching the archive, from the event of the mail users' API: what is found, by whom, and in how many pages."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest

from addresses.address import Address
from addresses.archive import Direction, Entry
from addresses.items import entry_item
from addresses.table import Table
from archive_api.search import Search
from tests.archive_world import Now
from tests.gateway import Answer, empty_table, send
from tests.people import A1, ALICE, BOB, CAROL
from tests.unit.test_archive_api import read, subjects

BOSS = {"email": "boss@example.com", "cognito:groups": "[delegation-admins]"}
RECEIVED = Entry(ALICE, "2026-03-01T09:00:00Z", "", Direction.RECEIVED, "x@example.net", (ALICE,), "", 9)


@pytest.fixture(autouse=True)
def table() -> Iterator[Table]:
    """Alice has the alias a1; Bob and Carol have none."""
    with empty_table() as empty, patch("archive_api.routes._executor", Now):
        send("PUT /settings", {"internal_domains": ["example.com"]})
        for request in (
            *(f"PUT /mailboxes/{each}" for each in (ALICE, BOB, CAROL)),
            f"PUT /mailboxes/{ALICE}/aliases/{A1}",
        ):
            assert 201 == send(request).status
        yield empty


def put(table: Table, number: int, *addresses: Address, **line: Any) -> None:
    """An entry of the message of this number in each address's archive; the higher, the newer."""
    second = f"2026-03-01T09:{number // 60:02}:{number % 60:02}Z"
    entry = replace(RECEIVED, **{"received_at": second, "digest": f"{number:064x}", **line})
    table.put_all(entry_item(replace(entry, address=address)) for address in addresses)


def search(text: str, who: str = ALICE, *, limit: int = 50, rest: str = "") -> Answer:
    """The answer to a search."""
    return read(f"GET /archive?q={quote(text)}&limit={limit}{rest}", who)


def found(text: str, who: str = ALICE, *, rest: str = "") -> list[str]:
    """The subjects that a search finds on its first page, which must be the only one."""
    answer = search(text, who, rest=rest)
    assert answer.body["next"] is None, answer
    return subjects(answer)


def pages(text: str, *, limit: int, rest: str = "") -> list[list[dict[str, Any]]]:
    """Every page of a search."""
    answer = search(text, limit=limit, rest=rest).body
    turned = [answer["messages"]]
    while answer["next"]:
        answer = search(text, limit=limit, rest=f"{rest}&cursor={answer['next']}").body
        turned.append(answer["messages"])
    return turned


def reading(most: int, portion: int) -> Any:
    """Requests read no more than so many entries, and so many at a time."""
    return patch("archive_api.routes.Search", partial(Search, most=most, portion=portion))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("budget", ["Budget"]),
        ("erin", ["Lunch"]),
        ("erin@example.net", ["Lunch"]),
        ("team@", ["Minutes"]),
        ("example.net", ["Lunch", "Minutes", "Budget"]),
        ("unch", ["Lunch"]),
        ("dinner", []),
    ],
)
def test_a_word_is_found_in_the_sender_in_each_recipient_and_in_the_subject(
    table: Table, text: str, expected: list[str]
) -> None:
    """Also where it is a part of one; the newest first, in a listing's form."""
    put(table, 1, ALICE, subject="Budget")
    put(table, 2, ALICE, subject="Minutes", to=(ALICE, "team@example.net"))
    put(table, 3, ALICE, subject="Lunch", sender="erin@example.net")
    assert expected == found(text)
    listing = read("GET /archive").body["messages"]
    assert [each for each in listing if each["subject"] in expected] == search(text).body["messages"]


def test_every_word_must_occur_in_any_order_and_none_in_two_texts_at_once(table: Table) -> None:
    """A word may be in the sender, another one in the subject."""
    put(table, 1, ALICE, subject="Minutes of March")
    put(table, 2, ALICE, subject="Minutes", sender="march@example.net")
    put(table, 3, ALICE, subject="Minutes", to=("carol@example.net", "dora@example.net"))
    assert ["Minutes", "Minutes of March"] == found("march  minutes") == found(" MINUTES\tMARCH ")
    assert [] == found("netMinutes") == found("netcarol") == found("netdora")


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Straße", "STRASSE"),
        ("strasse", "straße"),
        ("Caf\N{LATIN SMALL LETTER E WITH ACUTE}", "cafe\N{COMBINING ACUTE ACCENT}"),
        ("cafe\N{COMBINING ACUTE ACCENT}", "CAF\N{LATIN CAPITAL LETTER E WITH ACUTE}"),
        ("\N{LATIN SMALL LIGATURE FI}nal", "FINAL"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER Q}4", "q4"),
        ("ΟΔΟΣ", "οδος"),
        ("Jones, Alice; 50 % & more", "jones, alice; 50 % &"),
        ("会議の議事録", "議事録"),
    ],
)
def test_capitals_ligatures_and_ways_of_writing_make_no_difference(table: Table, subject: str, text: str) -> None:
    """On either side."""
    put(table, 1, ALICE, subject=subject)
    assert [subject] == found(text)


@pytest.mark.parametrize("stored", ["Bob@München.example", "bob@xn--mnchen-3ya.example"])
@pytest.mark.parametrize(
    "text",
    [
        "BOB@MÜNCHEN.EXAMPLE",
        "bob@xn--mnchen-3ya.example",
        "@XN--MNCHEN-3YA.example",
        "münchen.example",
        "b@München",
        ".example",
    ],
)
def test_an_address_is_found_in_capitals_and_in_both_spellings_of_its_domain(
    table: Table, stored: str, text: str
) -> None:
    """Whichever the mail had."""
    put(table, 1, ALICE, subject="from Bob", sender=stored)
    put(table, 2, ALICE, subject="to Bob", to=(ALICE, stored))
    assert ["to Bob", "from Bob"] == found(text)


def test_the_sharp_s_of_a_domain_is_its_own_letter_in_a_labels(table: Table) -> None:
    """As IDNA 2008 has it, although folding takes it for two."""
    put(table, 1, ALICE, subject="by A-label", sender="bob@xn--strae-oqa.example")
    assert ["by A-label"] == found("bob@straße.example")


@pytest.mark.parametrize(
    "text",
    ["", "  ", "\t\N{NO-BREAK SPACE}", "x" * 201, "a b c d e f g h i j k"],
    ids=["none", "blank", "2", "long", "many"],
)
def test_a_search_for_nothing_and_one_for_too_much_are_refused(text: str) -> None:
    """The parameter is named."""
    refused = search(text)
    assert (422, "invalid-request") == (refused.status, refused.body["type"])
    assert ["query.q"] == [each["field"] for each in refused.body["errors"]]


@pytest.mark.parametrize(
    "text",
    [
        "x" * 200,
        "a b c d e f g h i j",
        "..",
        "@",
        "xn--",
        "xn--\N{SNOWMAN}.",
        "xn--k000000000000000000ple.example",
        "\x00",
        "'; --",
    ],
)
def test_any_other_text_is_searched_for(text: str) -> None:
    """Whatever it is."""
    assert [] == found(text)


def test_a_message_of_several_addresses_is_found_once_with_all_of_them(table: Table) -> None:
    """Also if one entry alone has the word, since the room for recipients differs. Whoever wrote it sent it."""
    put(table, 1, ALICE, to=("team@example.net",), direction=Direction.SENT)
    put(table, 1, A1, to=("team@example.net", "dora@example.net"))
    [message] = search("dora").body["messages"]
    assert ([ALICE, A1], "sent") == (message["via"], message["direction"])


def test_nobody_finds_what_a_listing_would_not_show_them(table: Table) -> None:
    """Of others, or of an address that was unlinked."""
    put(table, 1, BOB, subject="secret of Bob")
    put(table, 2, A1, subject="secret to the alias")
    assert ["secret to the alias"] == found("secret")
    send(f"DELETE /mailboxes/{ALICE}/aliases/{A1}")
    assert [] == found("secret")
    assert (404, "no-such-mailbox") == ((refused := search("secret", A1)).status, refused.body["type"])


def test_times_narrow_a_search_as_they_do_a_listing(table: Table) -> None:
    """``since`` is included, ``until`` is not."""
    for number in range(4):
        put(table, number, ALICE, subject=f"Minutes {number}")
    rest = "&since=2026-03-01T09:00:01Z&until=2026-03-01T09:00:03Z"
    assert ["Minutes 2", "Minutes 1"] == found("minutes", rest=rest)
    with reading(most=2, portion=1):
        turned = pages("minutes", limit=1, rest=rest)
    assert ["Minutes 2", "Minutes 1"] == [each["subject"] for page in turned for each in page]


def test_since_linked_finds_an_aliass_mail_only_of_its_own_time(table: Table) -> None:
    """However often it was linked."""
    put(table, 1, A1, subject="Minutes before", received_at="2020-03-01T09:00:00Z")
    put(table, 2, A1, ALICE, subject="Minutes after", received_at="2099-03-01T09:00:00Z")
    assert ["Minutes after", "Minutes before"] == found("minutes")
    send(f"DELETE /mailboxes/{ALICE}/aliases/{A1}")
    assert 201 == send(f"PUT /mailboxes/{ALICE}/aliases/{A1}").status
    send("PUT /settings", {"internal_domains": ["example.com"], "archive_history": "since_linked"})
    assert ["Minutes after"] == found("minutes")
    assert [[ALICE, A1]] == [each["via"] for each in search("minutes").body["messages"]]


def test_a_delegated_archive_is_searched_by_its_delegate_as_long_as_it_is_one(table: Table) -> None:
    """And only when it is named."""
    put(table, 1, BOB, subject="Minutes of Bob")
    put(table, 2, ALICE, subject="Minutes of Alice")
    assert 404 == search("minutes", rest=f"&mailbox={BOB}").status
    assert 201 == send(f"PUT /archives/{BOB}/delegates/{ALICE}", claims=BOSS).status
    assert (["Minutes of Bob"], ["Minutes of Alice"]) == (found("minutes", rest=f"&mailbox={BOB}"), found("minutes"))
    assert 204 == send(f"DELETE /archives/{BOB}/delegates/{ALICE}", claims=BOSS).status
    assert 404 == search("minutes", rest=f"&mailbox={BOB}").status


def test_a_cursor_serves_only_the_search_that_gave_it(table: Table) -> None:
    """With the same words, of the same person in the same archive; how many blanks are between the words is nothing."""
    for number in range(3):
        put(table, number, ALICE, BOB, subject=f"Minutes {number}")
    for delegate in (ALICE, CAROL):
        assert 201 == send(f"PUT /archives/{BOB}/delegates/{delegate}", claims=BOSS).status
    cursor = f"&cursor={search('minutes example', limit=1).body['next']}"
    assert ["Minutes 1", "Minutes 0"] == found(" minutes   example", rest=cursor)
    others = [
        search("minutes", rest=cursor),
        search("minutes example", BOB, rest=cursor),
        search("minutes example", rest=f"{cursor}&mailbox={BOB}"),
        search("minutes example", CAROL, rest=f"{cursor}&mailbox={BOB}"),
        search("minutes example", rest=f"{cursor}&since=2026-03-01T00:00:00Z"),
        read(f"GET /archive?limit=1{cursor}"),
        search("minutes example", rest=f"&cursor={read('GET /archive?limit=1').body['next']}"),
    ]
    assert [(422, "invalid-cursor")] * 7 == [(each.status, each.body["type"]) for each in others]


@pytest.mark.parametrize(("most", "portion"), [(1, 1), (2, 1), (4, 2), (5, 5), (12, 3), (8000, 1000)])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_a_search_that_reads_little_at_a_time_finds_all_exactly_once(
    table: Table, most: int, portion: int, limit: int
) -> None:
    """Where one archive is much fuller than the other, several messages came in one second, and some to both."""
    for number in range(20):
        to = [(ALICE,), (ALICE,), (ALICE,), (ALICE, A1), (A1,)][number % 5]
        put(
            table,
            number,
            *to,
            subject="Minutes" if number % 3 else "Lunch",
            received_at=f"2026-03-01T09:00:0{number // 4}Z",
        )
    whole = read("GET /archive").body["messages"]
    with reading(most=most, portion=portion):
        turned = pages("minutes", limit=limit)
    assert [each for each in whole if each["subject"] == "Minutes"] == [each for page in turned for each in page]
    assert [] == [page for page in turned if len(page) > limit]


def test_a_page_is_short_or_empty_when_enough_was_read_and_the_search_goes_on_from_there(table: Table) -> None:
    """Only a page without ``next`` is the last."""
    put(table, 1, ALICE, subject="Minutes")
    for number in range(2, 12):
        put(table, number, ALICE, subject="Lunch")
    with reading(most=4, portion=2):
        assert [[], [], ["Minutes"]] == [[each["subject"] for each in page] for page in pages("minutes", limit=5)]


def test_an_archive_without_mail_is_searched_to_its_end() -> None:
    """At once."""
    assert [] == found("minutes") == found("minutes", rest="&since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z")
