"""Journal reports on the deployed stack: sent by SMTP, read by those whom they name."""

import smtplib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from local.outputs import Outputs
from local.smtp_door import opened
from tests.integration.test_archive import archive
from tests.journals import lines, report
from tests.mail import raw_message
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.fixture
def journal(admin: httpx.Client, domain: str) -> Iterator[str]:
    """A journal address, for what this machine sends."""
    settings = admin.get("/settings").raise_for_status().json()
    journal = {"journal_addresses": [f"journal@{domain}"], "journal_sources": ["127.0.0.0/8"]}
    admin.put("/settings", json=settings | journal).raise_for_status()
    yield f"journal@{domain}"
    now = admin.get("/settings").raise_for_status().json()
    nothing: dict[str, list[str]] = {"journal_addresses": [], "journal_sources": []}
    admin.put("/settings", json=now | nothing).raise_for_status()


def test_a_report_shows_the_original_to_everybody_whom_it_names(
    stack: Outputs, admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str, journal: str
) -> None:
    """Also to Carol, who was on Bcc; each can fetch it as it was sent, and sees nothing of the others."""
    alice, carol = f"alice@{domain}", f"carol@{domain}"
    for primary in (alice, carol):
        admin.put(f"/mailboxes/{primary}").raise_for_status()
    original = raw_message(to=alice, message_id=f"<{domain}>")
    told = report(lines(f"To: {alice}", f"Bcc: {carol}"), original)

    with opened(stack) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("", [journal], told)

    for person in (alice, carol):
        (message,) = archive(user(person), 1)
        shown = user(person).get(f"/archive/messages/{message['id']}").raise_for_status()
        url = user(person).get(f"/archive/messages/{message['id']}/raw").raise_for_status().json()["url"]
        assert original == httpx.get(url).content
        assert ("bob@example.org", [alice], [person]) == (message["from"], message["to"], message["via"])
        assert carol not in shown.text or person == carol


def test_a_report_that_somebody_sends_to_a_person_is_that_person_s_mail(
    stack: Outputs, admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str, journal: str
) -> None:
    """It may come from anywhere: the journal's sources count for the journal address alone."""
    assert journal
    alice, carol = f"alice@{domain}", f"carol@{domain}"
    for primary in (alice, carol):
        admin.put(f"/mailboxes/{primary}").raise_for_status()
    forged = report(lines(f"To: {carol}"), raw_message(to=carol, message_id=f"<forged@{domain}>"))

    with opened(stack) as port, smtplib.SMTP("127.0.0.1", port) as client:
        client.sendmail("mallory@example.org", [alice], forged)

    assert 1 == len(archive(user(alice), 1))
    assert [] == user(carol).get("/archive").raise_for_status().json()["messages"]


def test_a_report_of_a_message_to_ten_thousand_is_filed_for_all_of_them(
    stack: Outputs, s3: "S3Client", admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """In one call of the function, within its minute; their addresses become known."""
    everybody = [f"p{number:04}@{domain}" for number in range(10_000)]
    told = lines(*(f"To: {each}, Expanded: all@{domain}" for each in everybody))
    last = everybody[-1]
    admin.put(f"/mailboxes/{last}").raise_for_status()

    raw = report(told, raw_message(to=f"all@{domain}", message_id=f"<all@{domain}>"))
    s3.put_object(Bucket=stack.mail_bucket, Key=f"inbound/{domain}", Body=raw)

    assert 1 == len(until(lambda: user(last).get("/archive").json()["messages"], within=100))

    def unlinked() -> list[str]:
        answer = admin.get("/addresses", params={"kind": "unlinked", "domain": domain, "limit": 2})
        return [each["address"] for each in answer.json().get("addresses", [])]

    assert everybody[:2] == until(unlinked, lambda found: found == everybody[:2])
