"""The function behind the administrators' API, from the event of its trigger."""

from collections.abc import Iterator

import pytest

from addresses.table import Table
from tests.gateway import empty_table, send

ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture(autouse=True)
def table() -> Iterator[Table]:
    """A table in which example.com is internal."""
    with empty_table() as empty:
        assert 200 == send("PUT /settings", {"internal_domains": ["example.com"]}).status
        yield empty


@pytest.mark.parametrize("decodes_paths", [True, False], ids=["decoding gateway", "encoding gateway"])
@pytest.mark.parametrize("local", ["a%2Fb", "a%3Fb", "a%23b", "a%2Bb", "%22a%20b%22", "a%60b", "j%C3%BCrgen"])
def test_any_address_can_stand_in_a_path(local: str, *, decodes_paths: bool) -> None:
    """Whether or not the gateway decodes what it matched, the route's parameters say which address was meant."""
    assert 201 == send(f"PUT /mailboxes/{ALICE}").status
    linked = send(f"PUT /mailboxes/{ALICE}/aliases/{local}@example.com", decodes_paths=decodes_paths)
    assert 201 == linked.status
    found = send(f"GET /addresses/{local}@example.com", decodes_paths=decodes_paths)
    assert (200, "alias", ALICE) == (found.status, found.body["kind"], found.body["primary"])
    assert 204 == send(f"DELETE /mailboxes/{ALICE}/aliases/{local}@example.com", decodes_paths=decodes_paths).status


@pytest.mark.parametrize("groups", [None, "[delegation-admins]", "[]", "[address-adminsx]", "[not address]"])
def test_who_is_no_administrator_is_told_so_before_anything_is_looked_at(groups: str | None) -> None:
    """The body is not JSON and the address none, and still the answer is 403."""
    refused = send("PUT /mailboxes/nonsense", b"\xff{", claims={"cognito:groups": groups})
    assert (403, "not-an-administrator") == (refused.status, refused.body["type"])


@pytest.mark.parametrize("groups", ["[a address-admins]", ["address-admins"], "address-admins,x"])
def test_an_administrator_is_known_however_the_groups_are_handed_over(groups: object) -> None:
    """As text in brackets, as a list, or with commas."""
    assert 200 == send("GET /settings", claims={"cognito:groups": groups}).status


def test_a_body_may_be_left_out_where_nothing_in_it_is_needed_and_come_in_base64() -> None:
    """API Gateway encodes what it does not take for text."""
    assert 201 == send(f"PUT /mailboxes/{ALICE}").status
    assert 201 == send(f"PUT /mailboxes/{BOB}", b'{"name": "Bob"}').status
    assert "Bob" == send(f"GET /mailboxes/{BOB}").body["name"]
    assert 422 == send(f"POST /mailboxes/{ALICE}/aliases").status


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{", (400, "malformed-body")),
        (b"\xff\xfe", (400, "malformed-body")),
        ("null", (400, "malformed-body")),
        ("[]", (422, "invalid-request")),
        ('{"name": 7}', (422, "invalid-request")),
        ('{"nmae": "x"}', (422, "invalid-request")),
        ('{"from": "nobody"}', (422, "invalid-address")),
        ('{"name": "' + "x" * 257 + '"}', (422, "invalid-request")),
        ('{"name": "' + "x" * 300_000 + '"}', (413, "body-too-large")),
    ],
)
def test_a_body_that_cannot_be_used_is_a_problem_that_says_why(body: str | bytes, expected: tuple[int, str]) -> None:
    """And nothing is opened."""
    refused = send(f"PUT /mailboxes/{ALICE}", body)
    assert expected == (refused.status, refused.body["type"])
    assert "application/problem+json" == refused.content_type
    assert 404 == send(f"GET /mailboxes/{ALICE}").status


def test_a_form_is_not_taken_for_json() -> None:
    """What curl sends with -d and no content type."""
    refused = send(f"PUT /mailboxes/{ALICE}", "{}", headers={"content-type": "application/x-www-form-urlencoded"})
    assert (400, "Send the body as JSON, with the content type application/json.") == (
        refused.status,
        refused.body["detail"],
    )


@pytest.mark.parametrize(
    "settings",
    [
        {"internal_domains": ["not a domain"]},
        {"internal_domains": ["example.com"], "archive_history": "some"},
        {"internal_domains": ["example.com"], "subaddress_delimiter": {"example.org": "+"}},
        {"internal_domains": ["example.com"], "subaddress_delimiter": {"example.com": "++"}},
        {"internal_domain": ["example.com"]},
    ],
)
def test_settings_that_make_no_sense_are_refused_and_the_old_ones_stay(settings: dict[str, object]) -> None:
    """A spelling mistake is no default."""
    before = send("GET /settings").body
    assert (422, "invalid-request") == ((refused := send("PUT /settings", settings)).status, refused.body["type"])
    assert before == send("GET /settings").body


def test_settings_are_normalised_and_given_back() -> None:
    """Domains in A-labels, in lower case."""
    wanted = {"internal_domains": ["Example.COM", "bücher.example"], "subaddress_delimiter": {"EXAMPLE.com": "+"}}
    expected = {
        "internal_domains": ["example.com", "xn--bcher-kva.example"],
        "archive_history": "whole",
        "subaddress_delimiter": {"example.com": "+"},
        "journal_addresses": [],
        "journal_sources": [],
    }
    assert expected == send("PUT /settings", wanted).body == send("GET /settings").body


@pytest.mark.parametrize("at", ["yesterday", "2026-03-01", "2026-03-01T09:30:00", "2026-13-01T00:00:00Z"])
def test_a_moment_without_offset_is_no_moment(at: str) -> None:
    """It could be any of 26 hours."""
    send(f"PUT /mailboxes/{ALICE}")
    refused = send(f"GET /addresses/{ALICE}?at={at}")
    assert (422, "invalid-time") == (refused.status, refused.body["type"])


def test_an_address_that_nobody_has_seen_is_not_found() -> None:
    """Which is not the same as unlinked."""
    assert (404, "no-such-address") == ((found := send("GET /addresses/new@example.com")).status, found.body["type"])
