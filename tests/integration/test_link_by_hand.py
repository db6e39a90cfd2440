"""The administrators' API over HTTP, on the deployed stack."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local.outputs import Outputs
from tests.invariants import check_invariants, check_replay
from tests.table import address_book, everything

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_dynamodb import DynamoDBClient


@pytest.fixture
def links(admin: httpx.Client, domain: str) -> "Links":
    """Two open mailboxes in a domain of the test's own."""
    made = Links(admin, domain)
    made.open("alice")
    made.open("bob")
    return made


class Links:
    """The API as an administrator of one domain uses it: addresses are named by their local parts."""

    def __init__(self, admin: httpx.Client, domain: str) -> None:
        self.admin = admin
        self.domain = domain

    def address(self, local: str) -> str:
        """The address in the test's domain."""
        return f"{local}@{self.domain}"

    def open(self, local: str, **body: Any) -> httpx.Response:
        """Open a mailbox."""
        return self.admin.put(f"/mailboxes/{self.address(local)}", json=body)

    def link(self, primary: str, alias: str, **body: Any) -> httpx.Response:
        """Link an alias."""
        return self.admin.put(f"/mailboxes/{self.address(primary)}/aliases/{self.address(alias)}", json=body)

    def unlink(self, primary: str, alias: str) -> httpx.Response:
        """Unlink an alias."""
        return self.admin.delete(f"/mailboxes/{self.address(primary)}/aliases/{self.address(alias)}")

    def whose(self, local: str, **query: str) -> dict[str, Any]:
        """What the API says of an address."""
        found: dict[str, Any] = self.admin.get(f"/addresses/{self.address(local)}", params=query).json()
        return found


def problem(answer: httpx.Response) -> tuple[int, str]:
    """The status and the broken rule."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return answer.status_code, answer.json()["type"]


def test_a_mailbox_is_opened_once_and_then_named(links: Links) -> None:
    """201, then 200 with the same id; a name changes nothing else."""
    first = links.open("carol", name="Carol")
    again = links.open("carol")
    named = links.open("carol", name="Carol Jones")
    assert [201, 200, 200] == [first.status_code, again.status_code, named.status_code]
    assert first.json() == again.json()
    assert first.json() | {"name": "Carol Jones"} == named.json()
    assert ("open", "manual", None, []) == tuple(
        first.json()[field] for field in ("status", "source", "directory", "aliases")
    )


def test_an_alias_is_linked_moved_and_unlinked_and_its_history_tells_all(links: Links) -> None:
    """Whose it is now, whose it was then, and by whom."""
    assert [201, 200] == [links.link("alice", "a1").status_code, links.link("alice", "a1").status_code]
    between = datetime.now(UTC).isoformat()
    assert (409, "already-linked") == problem(links.link("bob", "a1"))
    assert (409, "already-linked") == problem(links.link("bob", "a1", **{"from": links.address("carol")}))
    moved = links.link("bob", "a1", **{"from": links.address("alice")})
    assert (201, [links.address("a1")]) == (moved.status_code, [each["address"] for each in moved.json()["aliases"]])
    assert ("alias", links.address("bob"), "manual") == tuple(
        links.whose("a1")[field] for field in ("kind", "primary", "source")
    )
    assert links.address("alice") == links.whose("a1", at=between)["primary"]
    assert (409, "linked-elsewhere") == problem(links.unlink("alice", "a1"))
    assert [204, 204] == [links.unlink("bob", "a1").status_code, links.unlink("bob", "a1").status_code]
    told = links.whose("a1")
    assert ("unlinked", None) == (told["kind"], told["primary"])
    assert [links.address("alice"), links.address("bob")] == [each["primary"] for each in told["history"]]
    assert told["history"][0]["until"] == told["history"][1]["from"]


def test_several_aliases_are_linked_all_or_none(links: Links) -> None:
    """One that cannot be linked leaves the others unlinked."""
    primary = links.address("alice")
    good, bad = [links.address(each) for each in ("x1", "x2")], links.address("bob")
    refused = links.admin.post(f"/mailboxes/{primary}/aliases", json={"aliases": [*good, bad]})
    assert (409, "is-primary") == problem(refused)
    assert [] == links.admin.get(f"/mailboxes/{primary}").json()["aliases"]
    linked = links.admin.post(f"/mailboxes/{primary}/aliases", json={"aliases": good})
    assert (201, good) == (linked.status_code, [each["address"] for each in linked.json()["aliases"]])
    assert 200 == links.admin.post(f"/mailboxes/{primary}/aliases", json={"aliases": good}).status_code


def test_a_promoted_alias_is_the_primary_and_the_old_primary_an_alias(links: Links) -> None:
    """The id stays; a stranger cannot be promoted."""
    links.link("alice", "a1")
    before = links.admin.get(f"/mailboxes/{links.address('alice')}").json()
    promote = f"/mailboxes/{links.address('alice')}/primary"
    assert (409, "not-an-alias") == problem(links.admin.put(promote, json={"address": links.address("zed")}))
    promoted = links.admin.put(promote, json={"address": links.address("a1")})
    assert (200, before["id"], links.address("a1")) == (
        promoted.status_code,
        promoted.json()["id"],
        promoted.json()["primary"],
    )
    assert promoted.json() == links.admin.get(f"/mailboxes/{links.address('alice')}").json()
    assert promoted.json() == links.admin.put(promote, json={"address": links.address("a1")}).json()


def test_an_alias_becomes_a_primary_only_when_its_holder_is_named(links: Links) -> None:
    """Then its link goes, and it has a mailbox of its own (rule 7)."""
    links.link("alice", "a1")
    assert (409, "already-linked") == problem(links.open("a1"))
    opened = links.open("a1", **{"from": links.address("alice")})
    assert (201, links.address("a1")) == (opened.status_code, opened.json()["primary"])
    assert [] == links.admin.get(f"/mailboxes/{links.address('alice')}").json()["aliases"]


def test_a_closed_mailbox_leaves_its_aliases_unlinked(links: Links) -> None:
    """Rule 5, by hand; then it is no mailbox to link to."""
    links.link("alice", "a1")
    assert 204 == links.admin.delete(f"/mailboxes/{links.address('alice')}").status_code
    assert ["unlinked", "unlinked"] == [links.whose(each)["kind"] for each in ("alice", "a1")]
    assert (404, "no-such-mailbox") == problem(links.link("alice", "a2"))
    assert (404, "no-such-mailbox") == problem(links.admin.get(f"/mailboxes/{links.address('alice')}"))
    assert 201 == links.link("bob", "a1").status_code


def test_links_by_hand_stay_in_one_domain_and_inside_the_organisation(links: Links) -> None:
    """422, and the sentence says what to do instead."""
    across = links.admin.put(f"/mailboxes/{links.address('alice')}/aliases/alice@example.net")
    assert (422, "external-domain") == problem(across)
    assert "PUT /settings" in across.json()["detail"]
    settings = links.admin.get("/settings").json()
    settings["internal_domains"].append(f"also.{links.domain}")
    links.admin.put("/settings", json=settings)
    across = links.admin.put(f"/mailboxes/{links.address('alice')}/aliases/alice@also.{links.domain}")
    assert (422, "cross-domain") == problem(across)
    assert (422, "external-domain") == problem(links.admin.put("/mailboxes/alice@elsewhere.example.net"))


def test_one_address_has_one_key_however_it_is_written(links: Links) -> None:
    """Case, internationalised domains, quotes that are not needed."""
    links.link("alice", "Jürgen")
    links.link("alice", '"a.b"')
    aliases = {each["address"] for each in links.admin.get(f"/mailboxes/{links.address('ALICE')}").json()["aliases"]}
    assert {links.address("jürgen"), links.address("a.b")} == aliases
    assert "alias" == links.whose("JU\u0308RGEN")["kind"]


@pytest.mark.parametrize(
    "address",
    [
        "alice",
        "a@b@c.example",
        "alice@",
        "@example.com",
        "al ice@example.com",
        "x" * 65 + "@example.com",
        "a@[192.0.2.1]",
    ],
)
def test_what_is_not_an_address_is_refused_with_the_reason(admin: httpx.Client, address: str) -> None:
    """In the path and in the body alike."""
    assert (422, "invalid-address") == problem(admin.get(f"/addresses/{address}"))
    assert (422, "invalid-address") == problem(
        admin.post("/mailboxes/alice@example.com/aliases", json={"aliases": [address]})
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"{", (400, "malformed-body")),
        (b"\xff\xfe{}", (400, "malformed-body")),
        (b"[]", (422, "invalid-request")),
        (b'{"aliases": "a@example.com"}', (422, "invalid-request")),
        (b'{"aliases": [1]}', (422, "invalid-request")),
        (b'{"aliases": [], "more": 1}', (422, "invalid-request")),
        (b'{"aliases": ["' + b"x" * 300_000 + b'"]}', (413, "body-too-large")),
    ],
)
def test_a_body_that_cannot_be_used_is_refused(admin: httpx.Client, content: bytes, expected: tuple[int, str]) -> None:
    """400 for what is not JSON, 422 for what is not what was asked for, 413 for what is too large."""
    answer = admin.post(
        "/mailboxes/alice@example.com/aliases", content=content, headers={"Content-Type": "application/json"}
    )
    assert expected == problem(answer)


def test_lists_are_complete_page_by_page(links: Links) -> None:
    """Mailboxes and unlinked addresses of a domain, each once and in order."""
    for local in ("carol", "dave", "erin"):
        links.open(local)
    links.link("carol", "c1")
    links.unlink("carol", "c1")
    expected = [links.address(local) for local in ("alice", "bob", "carol", "dave", "erin")]
    found: list[str] = []
    cursor: str | None = None
    while True:
        query = {"domain": links.domain, "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = links.admin.get("/mailboxes", params=query).raise_for_status().json()
        found += [each["primary"] for each in page["mailboxes"]]
        cursor = page["next"]
        if not cursor:
            break
    assert expected == found
    unlinked = links.admin.get("/addresses", params={"kind": "unlinked", "domain": links.domain}).json()
    assert [links.address("c1")] == [each["address"] for each in unlinked["addresses"]]
    assert (422, "invalid-cursor") == problem(links.admin.get("/mailboxes", params={"cursor": "x" * 24}))


def test_replaying_every_request_changes_nothing_in_the_table(
    links: Links, stack: Outputs, dynamodb: "DynamoDBClient"
) -> None:
    """I5: a client that got no answer may send it again."""
    links.link("alice", "a1")
    requests: list[Callable[[], httpx.Response]] = [
        lambda: links.open("carol"),
        lambda: links.link("alice", "a1"),
        lambda: links.link("bob", "a1", **{"from": links.address("alice")}),
        lambda: links.admin.put(f"/mailboxes/{links.address('bob')}/primary", json={"address": links.address("a1")}),
        lambda: links.admin.delete(f"/mailboxes/{links.address('a1')}/aliases/{links.address('bob')}"),
    ]
    for request in requests:
        request().raise_for_status()
        before = everything(dynamodb, stack.table_name)
        request().raise_for_status()
        check_replay(before, everything(dynamodb, stack.table_name))
    check_invariants(address_book(everything(dynamodb, stack.table_name)))
