"""One archive for the person, on the deployed stack: mail by SMTP and S3, links and reading over HTTP."""

import smtplib
import time
from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local.outputs import Outputs
from tests.invariants import check_archive_untouched
from tests.table import everything

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SENDER = "sender@example.net"


def send(stack: Outputs, subject: str, *recipients: str, header_to: str = "") -> None:
    """Send a message by SMTP, as any mail program does; ``header_to`` is what the header says instead."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SENDER, header_to or ", ".join(recipients), subject
    message["Message-ID"] = f"<{subject.replace(' ', '.')}.{time.monotonic_ns()}@example.net>"
    message.set_content(f"{subject}\n")
    with smtplib.SMTP(stack.smtp_host, stack.smtp_port) as smtp:
        smtp.send_message(message, SENDER, list(recipients))


def archive(client: httpx.Client, count: int, **query: str) -> list[dict[str, Any]]:
    """The messages of the archive, once it has as many as are expected."""
    messages: list[dict[str, Any]] = []
    for _ in range(150):
        messages = client.get("/archive", params=query).raise_for_status().json()["messages"]
        if len(messages) == count:
            break
        time.sleep(0.2)
    assert count == len(messages), messages
    return messages


def test_mail_to_primary_and_aliases_is_one_archive_until_the_alias_is_unlinked(
    stack: Outputs,
    admin: httpx.Client,
    user: Callable[[str], httpx.Client],
    domain: str,
    dynamodb: "DynamoDBClient",
) -> None:
    """Rules 1 and 2: linking moves no message, and shows or hides all of an alias's mail at once (I4)."""
    alice, alias = f"alice@{domain}", f"a1@{domain}"
    admin.put(f"/mailboxes/{alice}").raise_for_status()
    send(stack, "to the primary", alice)
    send(stack, "to the alias", alias)
    send(stack, "to both", alice, alias)
    send(stack, "to the alias by Bcc", alias, header_to="list@example.net")
    person = user(alice)
    assert {"to the primary", "to both"} == {each["subject"] for each in archive(person, 2)}
    time.sleep(2)
    before = everything(dynamodb, stack.table_name)

    admin.put(f"/mailboxes/{alice}/aliases/{alias}").raise_for_status()
    shown = {each["subject"]: each for each in archive(person, 4)}
    assert [alice, alias] == shown["to both"]["via"]
    assert [alias] == shown["to the alias by Bcc"]["via"]
    assert (SENDER, "received", ["list@example.net"]) == tuple(
        shown["to the alias by Bcc"][field] for field in ("from", "direction", "to")
    )
    assert {"primary": alice, "aliases": [alias]}.items() <= person.get("/me").json().items()

    admin.delete(f"/mailboxes/{alice}/aliases/{alias}").raise_for_status()
    assert {"to the primary", "to both"} == {each["subject"] for each in person.get("/archive").json()["messages"]}
    hidden = shown["to the alias"]["id"]
    assert 404 == person.get(f"/archive/messages/{hidden}").status_code
    check_archive_untouched(before, everything(dynamodb, stack.table_name))


def test_a_message_is_opened_and_fetched_as_it_came_by_those_who_see_it_and_nobody_else(
    stack: Outputs, admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """A stranger's 404 is the 404 of a message that does not exist."""
    alice, bob = f"alice@{domain}", f"bob@{domain}"
    for primary in (alice, bob):
        admin.put(f"/mailboxes/{primary}").raise_for_status()
    send(stack, "for alice alone", alice)
    [message] = archive(user(alice), 1)
    path = f"/archive/messages/{message['id']}"
    opened = user(alice).get(path).json()
    assert message.items() <= opened.items()
    assert opened["message_id"].startswith("<for.alice.alone.")
    url = httpx.URL(user(alice).get(f"{path}/raw").json()["url"])
    assert "Subject: for alice alone" in httpx.get(url).text
    assert url.params["response-content-disposition"].startswith("attachment")
    assert "versionId" in url.params
    assert 403 == httpx.get(url.copy_set_param("versionId", "another")).status_code

    none = user(bob).get(f"/archive/messages/{'0' * 64}")
    for guess in (user(bob).get(path), user(bob).get(f"{path}/raw"), user(bob).get("/archive/messages/x")):
        assert (404, none.json()) == (guess.status_code, guess.json())


def test_paging_shows_every_message_once_and_in_order(
    stack: Outputs, admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """Over three addresses, with pages smaller than each of their archives."""
    alice, aliases = f"alice@{domain}", [f"a1@{domain}", f"a2@{domain}"]
    admin.put(f"/mailboxes/{alice}").raise_for_status()
    admin.post(f"/mailboxes/{alice}/aliases", json={"aliases": aliases}).raise_for_status()
    for number in range(9):
        send(
            stack,
            f"number {number}",
            *(address for place, address in enumerate([alice, *aliases]) if number % 3 >= place),
        )
    person = user(alice)
    whole = archive(person, 9)
    assert sorted(whole, key=lambda each: (each["received_at"], each["id"]), reverse=True) == whole
    paged: list[dict[str, Any]] = []
    query = {"limit": "2"}
    while True:
        page = person.get("/archive", params=query).json()
        paged += page["messages"]
        if not page["next"]:
            break
        query["cursor"] = page["next"]
    assert whole == paged
    tampered = query["cursor"][:-1] + ("A" if query["cursor"][-1] != "A" else "B")
    refused = person.get("/archive", params={"limit": "2", "cursor": tampered})
    assert (422, "invalid-cursor") == (refused.status_code, refused.json()["type"])


def test_an_archive_that_is_not_mine_is_not_opened(
    admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """By its address, and by logging on without a mailbox."""
    alice, bob = f"alice@{domain}", f"bob@{domain}"
    for primary in (alice, bob):
        admin.put(f"/mailboxes/{primary}").raise_for_status()
    assert 404 == user(alice).get("/archive", params={"mailbox": bob}).status_code
    assert [] == user(alice).get("/archive", params={"mailbox": alice}).json()["messages"]
    stranger = user(f"stranger@{domain}").get("/archive")
    assert (404, "no-such-mailbox") == (stranger.status_code, stranger.json()["type"])


@pytest.mark.parametrize("path", ["/me", "/archive", f"/archive/messages/{'0' * 64}"])
def test_nothing_is_read_without_a_token(api: Callable[[str | None], httpx.Client], path: str) -> None:
    """401 before any function runs."""
    assert 401 == api(None).get(path).status_code
