"""The routes of directories: their configuration, and asking for a sync or a test."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addresses.mailbox import RunId
from addresses.order import SyncOrder
from addresses.run_book import read_state
from addresses.sync_state import SyncState
from addresses.sync_state_items import state_write
from tests.gateway import Cloud, empty_cloud, send

LIMITS = {"count": 40, "percent": 2.5, "floor": 3}
SHARED = {
    "enabled": True,
    "domains": ["example.com", "example.net"],
    "auto_link": False,
    "disabled_accounts": "close",
    "limits": LIMITS,
}
LDAP = {
    "kind": "ldap",
    "url": "ldaps://dc1.example.com:3269",
    "base_dn": "dc=example,dc=com",
    "bind_dn": "cn=archive,dc=example,dc=com",
    "secret_name": "alias-addresses/corp",
    "profile": "active_directory",
}
ENTRA = {
    "kind": "entra",
    "tenant_id": "example.com",
    "client_id": "5f0f2b8a",
    "secret_name": "alias-addresses/entra",
}
GOOGLE = {"kind": "google", "customer": "C0123abcd", "admin": "admin@example.com", "secret_name": "google.json"}
EVERY_FIELD: dict[str, dict[str, Any]] = {
    "ldap": {
        **LDAP,
        **SHARED,
        "filter": "(mail=*)",
        "ca_certificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "start_tls": True,
        "allow_plaintext": True,
    },
    "entra": {
        **ENTRA,
        **SHARED,
        "graph_url": "https://microsoftgraph.chinacloudapi.cn",
        "login_url": "https://login.partner.microsoftonline.cn",
    },
    "google": {**GOOGLE, **SHARED, "api_url": "http://127.0.0.1:8080"},
}
DEFAULTS: dict[str, Any] = {
    "enabled": True,
    "domains": [],
    "auto_link": True,
    "disabled_accounts": "keep",
    "limits": {"count": 500, "percent": 10.0, "floor": 10},
}


@pytest.fixture(autouse=True)
def cloud() -> Iterator[Cloud]:
    """All that the API works on, and nothing in it."""
    with empty_cloud() as empty:
        yield empty


def state(cloud: Cloud, **changed: Any) -> SyncState:
    """The directory's state, with these changes to it written."""
    found = read_state(cloud.table, "corp")
    cloud.table.write_together([state_write(replace(found, **changed))])
    return read_state(cloud.table, "corp")


def from_now(**time: int) -> str:
    """A moment so far from now, as states have it."""
    return (datetime.now(UTC) + timedelta(**time)).isoformat(timespec="microseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("kind", EVERY_FIELD)
def test_a_configuration_comes_back_as_it_was_given(kind: str) -> None:
    """Every field of every kind, alone and in the list."""
    given = EVERY_FIELD[kind]
    put = send("PUT /directories/corp", given)
    assert (201, given) == (put.status, put.body)
    assert (200, given) == (send("PUT /directories/corp", given).status, send("GET /directories/corp").body)
    assert {"directories": {"corp": given}} == send("GET /directories").body


@pytest.mark.parametrize("given", [LDAP, ENTRA, GOOGLE], ids=["ldap", "entra", "google"])
def test_what_is_left_out_has_its_default(given: dict[str, Any]) -> None:
    """And the answer says it."""
    found = send("PUT /directories/corp", given).body
    assert {**given, **DEFAULTS} == {name: found[name] for name in (*given, *DEFAULTS)}
    assert found == send("GET /directories/corp").body


def test_directories_are_listed_by_name() -> None:
    """Each is a configuration of its own."""
    send("PUT /directories/b", ENTRA)
    send("PUT /directories/a", GOOGLE)
    found = send("GET /directories").body["directories"]
    assert [("a", "google"), ("b", "entra")] == [(name, each["kind"]) for name, each in found.items()]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({**LDAP, "url": "ldap://dc1.example.com"}, "url"),
        ({**LDAP, "url": "https://dc1.example.com"}, "url"),
        ({**LDAP, "url": "ldaps://"}, "url"),
        ({**LDAP, "url": "ldaps://dc1.example.com/dc=example"}, "url"),
        ({**LDAP, "url": "ldaps://dc1.example.com:99999"}, "url"),
        ({**LDAP, "profile": "novell"}, "profile"),
        ({**LDAP, "base_dn": ""}, "base_dn"),
        ({name: each for name, each in LDAP.items() if name != "bind_dn"}, "bind_dn"),
        ({**LDAP, "password": "x"}, "password"),
        ({**LDAP, "kind": "novell"}, "kind"),
        ({name: each for name, each in LDAP.items() if name != "kind"}, "kind"),
        ({**LDAP, "domains": ["not a domain"]}, "domains.0"),
        ({**LDAP, "disabled_accounts": "delete"}, "disabled_accounts"),
        ({**LDAP, "limits": {"count": -1}}, "limits.count"),
        ({**LDAP, "limits": {"count": 10**40}}, "limits.count"),
        ({**LDAP, "limits": {"count": 1.5}}, "limits.count"),
        ({**LDAP, "limits": {"percent": -0.1}}, "limits.percent"),
        ({**LDAP, "limits": {"percent": 100.1}}, "limits.percent"),
        ({**LDAP, "limits": {"floor": -1}}, "limits.floor"),
        ({**LDAP, "limits": {"floor": False}}, "limits.floor"),
        ({**LDAP, "limits": {"percent": "5"}}, "limits.percent"),
        ({**LDAP, "auto_link": 0}, "auto_link"),
        ({**LDAP, "limits": {"percentage": 5}}, "limits.percentage"),
        ({**LDAP, "enabled": None}, "enabled"),
        ({**ENTRA, "tenant_id": "../common"}, "tenant_id"),
        ({**ENTRA, "graph_url": "http://graph.example.com"}, "graph_url"),
        ({**ENTRA, "login_url": "http://127.0.0.1.example.com"}, "login_url"),
        ({**GOOGLE, "api_url": "http://10.0.0.1"}, "api_url"),
        ({**GOOGLE, "customer": "a/b"}, "customer"),
    ],
)
def test_a_configuration_that_cannot_be_right_is_refused_and_the_field_named(given: object, field: str) -> None:
    """And nothing is stored."""
    refused = send("PUT /directories/corp", given)
    assert (422, "invalid-request") == (refused.status, refused.body["type"])
    assert field in refused.body["detail"]
    assert {"directories": {}} == send("GET /directories").body


@pytest.mark.parametrize(
    "given",
    [
        {**LDAP, "secret_name": "p4ss word!"},
        {**LDAP, "url": "ldaps://archive:p4ss@dc1.example.com"},
        {**ENTRA, "graph_url": "https://archive:p4ss@graph.example.com"},
        {**GOOGLE, "api_url": "https://admin.example.com?key=p4ss"},
    ],
)
def test_a_password_given_for_something_else_is_refused_and_not_repeated(given: object) -> None:
    """A secret is a name in Secrets Manager, and an address of a server holds none."""
    refused = send("PUT /directories/corp", given)
    assert 422 == refused.status
    assert "p4ss" not in str(refused.body)


def test_limits_at_their_ends_are_let_through() -> None:
    """Nothing at all may be taken away, or everything."""
    for limits in ({"count": 0, "percent": 0.0, "floor": 0}, {"count": 10**9, "percent": 100.0, "floor": 10**9}):
        assert limits == send("PUT /directories/corp", {**LDAP, "limits": limits}).body["limits"]
        assert limits == send("GET /directories/corp").body["limits"]


@pytest.mark.parametrize("name", ["Corp", "a.b", "-a", "a-", "a" * 33, "%23"])
def test_a_name_is_a_short_word_in_lower_case(name: str) -> None:
    """It is part of keys, sources and ids."""
    assert 422 == send(f"PUT /directories/{name}", LDAP).status


def test_configuring_a_directory_again_forgets_the_plan_that_was_rejected(cloud: Cloud) -> None:
    """All else that is known of the directory stays."""
    before = state(cloud, rejected="0" * 64, held=RunId("20260301T094500Z-0f3c5d2e9a71"))
    assert 201 == send("PUT /directories/corp", LDAP).status
    expected = replace(before, rejected=None, version=before.version + 1)
    assert expected == read_state(cloud.table, "corp")


def test_a_directory_is_forgotten_once() -> None:
    """And then there is none."""
    send("PUT /directories/corp", LDAP)
    assert 204 == send("DELETE /directories/corp").status
    for request in ("DELETE /directories/corp", "GET /directories/corp", "POST /directories/corp/sync"):
        gone = send(request)
        assert (404, "no-such-directory") == (gone.status, gone.body["type"])
    assert 404 == send("POST /directories/corp/test").status


def test_a_sync_is_ordered_and_its_run_can_be_read_at_once(cloud: Cloud) -> None:
    """It says who ordered it, and that it gathers."""
    send("PUT /directories/corp", LDAP)
    ordered = send("POST /directories/corp/sync", {"whole": True})
    run = send(f"GET /runs/{ordered.body['run']}").body
    assert 202 == ordered.status
    assert ("gathering", "sync", "directory:corp", "admin@example.com") == (
        *(run["status"], run["kind"], run["source"], run["actor"]),
    )
    [(function, order)] = cloud.orders.sent
    assert "directory-sync" == function
    assert order == {
        "do": "sync",
        "directory": "corp",
        "run": run["id"],
        "started_at": run["started_at"],
        "actor": "admin@example.com",
        "dry_run": False,
        "whole": True,
    }
    assert order == SyncOrder.model_validate(order).model_dump()


def test_a_sync_needs_no_body(cloud: Cloud) -> None:
    """It is a real one, of what changed."""
    send("PUT /directories/corp", LDAP)
    assert 202 == send("POST /directories/corp/sync").status
    assert (False, False) == (cloud.orders.sent[0][1]["dry_run"], cloud.orders.sent[0][1]["whole"])


def test_a_disabled_directory_is_only_looked_at(cloud: Cloud) -> None:
    """By a dry run or a test."""
    send("PUT /directories/corp", {**LDAP, "enabled": False})
    refused = send("POST /directories/corp/sync")
    assert (409, "directory-disabled") == (refused.status, refused.body["type"])
    assert [] == cloud.orders.sent
    assert 202 == send("POST /directories/corp/sync", {"dry_run": True}).status
    assert 202 == send("POST /directories/corp/test").status
    looked = [(order["do"], order["dry_run"]) for _, order in cloud.orders.sent]
    assert [("sync", True), ("test", True)] == looked


def test_one_run_of_a_directory_at_a_time(cloud: Cloud) -> None:
    """The refusal names the other; who only looks is in nobody's way."""
    send("PUT /directories/corp", LDAP)
    other = RunId("20260301T094500Z-0f3c5d2e9a71")
    state(cloud, under_way=other, until=from_now(minutes=5))
    refused = send("POST /directories/corp/sync")
    assert (409, "run-under-way") == (refused.status, refused.body["type"])
    assert other in refused.body["detail"]
    assert 202 == send("POST /directories/corp/sync", {"dry_run": True}).status


def test_a_run_that_has_had_its_time_is_in_nobodys_way(cloud: Cloud) -> None:
    """It ended without a word."""
    send("PUT /directories/corp", LDAP)
    state(cloud, under_way=RunId("20260301T094500Z-0f3c5d2e9a71"), until=from_now(minutes=-1))
    assert 202 == send("POST /directories/corp/sync").status


def test_an_order_with_a_word_that_means_nothing_is_refused(cloud: Cloud) -> None:
    """``dryrun`` must not be a real run."""
    send("PUT /directories/corp", LDAP)
    refused = send("POST /directories/corp/sync", {"dryrun": True})
    assert (422, "dryrun" in refused.body["detail"]) == (refused.status, True)
    assert [] == cloud.orders.sent
