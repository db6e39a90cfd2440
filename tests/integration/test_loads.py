"""Bulk loads on the deployed stack: put under ``import/``, told of by the API, read in the archive."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import httpx

from local.outputs import Outputs
from tests.containers import mbox, tarred, zipped
from tests.mail import raw_message
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def loaded(admin: httpx.Client, name: str, messages: int) -> dict[str, Any]:
    """The load, once so many of its messages have a result."""

    def ask() -> dict[str, Any]:
        answer = admin.get(f"/loads/{name}")
        found: dict[str, Any] = answer.json() if answer.status_code == 200 else {"counts": {}}
        return found

    return until(ask, lambda found: sum(found["counts"].values()) == messages, within=60)


def test_containers_of_every_kind_are_loaded_and_read(
    stack: Outputs, s3: "S3Client", admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """An mbox of a mailbox, a .zip and a .tar: each message once, where it was received; each has its result."""
    alice = f"alice@{domain}"
    admin.put(f"/mailboxes/{alice}").raise_for_status()
    numbered = [
        raw_message(to=alice, subject=str(n), message_id=f"<{n}@{domain}>", date=f"1 Mar 201{n} 09:30:00 GMT")
        for n in range(4)
    ]
    bcc = raw_message(to="list@example.org", message_id=f"<bcc@{domain}>", subject="by a list")
    objects = {
        f"import/{domain}/{alice}.mbox": mbox(*numbered[:2], bcc),
        f"import/{domain}/old.zip": zipped(**{"2.eml": numbered[2], "logo.png": b"\x89PNG\r\n\x1a\n"}),
        f"import/{domain}/old.tar.gz": tarred("w:gz", **{"3.eml": numbered[3], "1.eml": numbered[1]}),
    }

    for key, raw in objects.items():
        s3.put_object(Bucket=stack.mail_bucket, Key=key, Body=raw)

    found = loaded(admin, domain, 7)
    read = until(
        lambda: loaded(admin, domain, 7)["containers"], lambda each: ["read"] * 3 == [one["status"] for one in each]
    )
    assert {"filed": 5, "already": 1, "ignored": 1} == found["counts"]
    assert [("read", 3), ("read", 2), ("read", 2)] == [(each["status"], each["messages"]) for each in read]
    shown = user(alice).get("/archive").raise_for_status().json()["messages"]
    assert ["by a list", "3", "2", "1", "0"] == [each["subject"] for each in shown]
    assert "2013-03-01T09:30:00Z" == shown[1]["received_at"]
    url = user(alice).get(f"/archive/messages/{shown[1]['id']}/raw").raise_for_status().json()["url"]
    assert numbered[3] == httpx.get(url).content
    (ignored,) = admin.get(f"/loads/{domain}", params={"outcome": "ignored"}).raise_for_status().json()["messages"]
    assert ("inbox/logo.png", "It has no header, so it is no message.") == (ignored["name"], ignored["because"])
    assert domain in {each["name"] for each in admin.get("/loads").raise_for_status().json()["loads"]}


def test_a_maildir_is_loaded_and_its_results_come_by_page(
    stack: Outputs, s3: "S3Client", admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """Object by object, as a copy of the folder puts them there."""
    alice = f"alice@{domain}"
    admin.put(f"/mailboxes/{alice}").raise_for_status()
    for number in range(3):
        key = f"import/{alice}/cur/177235740{number}.M1P1.host:2,S"
        s3.put_object(Bucket=stack.mail_bucket, Key=key, Body=raw_message(message_id=f"<{number}@{domain}>"))

    assert {"filed": 3} == loaded(admin, alice, 3)["counts"]
    first = admin.get(f"/loads/{alice}", params={"limit": 2}).raise_for_status().json()
    second = admin.get(f"/loads/{alice}", params={"limit": 2, "cursor": first["next"]}).raise_for_status().json()
    keys = [each["message"] for page in (first, second) for each in page["messages"]]
    assert [f"import/{alice}/cur/177235740{number}.M1P1.host:2,S" for number in range(3)] == keys
    assert second["next"] is None
    assert 3 == len(user(alice).get("/archive").raise_for_status().json()["messages"])


def test_who_may_not_link_addresses_sees_no_load(user: Callable[[str], httpx.Client], domain: str) -> None:
    """And a load that never was is a 404 for who may."""
    for path in ("/loads", "/loads/old.mbox"):
        assert 403 == user(f"alice@{domain}").get(path).status_code


def test_a_load_that_there_is_not_is_not_found(admin: httpx.Client) -> None:
    """With what to do."""
    answer = admin.get("/loads/never.mbox")

    assert (404, "There is no load never.mbox. GET /loads lists those that there are.") == (
        answer.status_code,
        answer.json()["detail"],
    )
