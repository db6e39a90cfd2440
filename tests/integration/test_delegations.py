"""Archives that are delegated, on the deployed stack: granted over HTTP, mail by SMTP, read as the delegate."""

from collections.abc import Callable

import httpx
import pytest

from local.outputs import Outputs
from tests.integration.test_archive import archive, send


@pytest.fixture
def boss(api: Callable[[str | None], httpx.Client], token: Callable[..., str]) -> httpx.Client:
    """An HTTP client of the API for a person who may delegate archives, and nothing else."""
    return api(token("boss@example.com", "delegation-admins"))


def test_a_delegate_reads_the_archive_until_the_delegation_ends(
    stack: Outputs, admin: httpx.Client, boss: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """Rule 4: one account may be given further archives, by an administrator with that privilege; and no other may."""
    alice, bob, carol = (f"{name}@{domain}" for name in ("alice", "bob", "carol"))
    for primary in (alice, bob, carol):
        admin.put(f"/mailboxes/{primary}").raise_for_status()
    admin.put(f"/mailboxes/{alice}/aliases/a1@{domain}").raise_for_status()
    send(stack, "to alice", alice)
    send(stack, "to the alias", f"a1@{domain}")
    path = f"/archives/{alice}/delegates/{bob}"
    assert 403 == admin.put(path).status_code
    assert 201 == boss.put(path, json={"reason": "on leave", "expires_at": "2100-01-01T00:00:00Z"}).status_code
    reader = user(bob)
    assert [{"address": alice, "expires_at": "2100-01-01T00:00:00Z"}] == reader.get("/me").json()["archives"]
    found = archive(reader, 2, mailbox=alice)
    assert {"to alice", "to the alias"} == {each["subject"] for each in found}
    message = f"/archive/messages/{found[0]['id']}"
    raw = reader.get(f"{message}/raw").raise_for_status().json()["url"]
    assert found[0]["subject"].encode() in httpx.get(raw).content
    assert 404 == user(carol).get(message).status_code
    assert 404 == user(carol).get("/archive", params={"mailbox": alice}).status_code
    assert 204 == boss.delete(path).status_code
    for request in (message, f"{message}/raw", f"/archive?mailbox={alice}"):
        assert 404 == reader.get(request).status_code
    assert [] == reader.get("/me").json()["archives"]


def test_a_delegate_of_a_leaver_keeps_the_primary_s_archive_until_the_address_is_somebody_else_s(
    stack: Outputs, admin: httpx.Client, boss: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """And follows a rename before."""
    old, new, bob = (f"{name}@{domain}" for name in ("old", "new", "bob"))
    for primary in (old, bob):
        admin.put(f"/mailboxes/{primary}").raise_for_status()
    boss.put(f"/archives/{old}/delegates/{bob}").raise_for_status()
    admin.put(f"/mailboxes/{old}/aliases/{new}").raise_for_status()
    admin.put(f"/mailboxes/{old}/primary", json={"address": new}).raise_for_status()
    send(stack, "to the new name", new)
    reader = user(bob)
    assert 1 == len(archive(reader, 1, mailbox=old))
    admin.delete(f"/mailboxes/{new}").raise_for_status()
    assert 1 == len(archive(reader, 1, mailbox=new))
    admin.put(f"/mailboxes/{new}").raise_for_status()
    assert 404 == reader.get("/archive", params={"mailbox": new}).status_code
