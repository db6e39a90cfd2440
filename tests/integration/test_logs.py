"""The logs of the embedded AWS, of whatever ran there so far: no password, no token, no signature, no mail."""

import re
import secrets
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx

from local import aws, deploy
from local.outputs import Outputs
from tests.mail import raw_message
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# However it came there: a JWT, a signature of a link, a key of a service account.
SECRET = re.compile(r"eyJ[\w-]{8,}\.eyJ|X-Amz-Signature|X-Amz-Credential|BEGIN [A-Z ]*PRIVATE KEY|[Bb]earer \S")


def logged(stack: Outputs) -> dict[str, str]:
    """Everything in each log group of the stack."""
    session = aws.session()
    cloudformation = session.client("cloudformation", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    logs = session.client("logs", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    made = cloudformation.describe_stack_resources(StackName=deploy.STACK)["StackResources"]
    found = {}
    for group in (each for each in made if each["ResourceType"] == "AWS::Logs::LogGroup"):
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["PhysicalResourceId"])
        lines = [event["message"] for page in pages for event in page["events"]]
        found[group["LogicalResourceId"]] = "\n".join(lines)
    return found


def test_no_log_of_the_stack_holds_a_secret(
    stack: Outputs, admin: httpx.Client, token: Callable[..., str], s3: "S3Client", domain: str
) -> None:
    """A round through every function with canaries, some of which goes wrong; then all is read that was ever logged."""
    canary = f"canary-{secrets.token_hex(8)}"
    bearer = token(f"alice@{domain}")
    admin.put(f"/mailboxes/alice@{domain}").raise_for_status()
    links = [*_mail_read(stack, s3, domain, bearer, canary), *_spreadsheets_imported(admin, domain, canary)]
    _directory_tried(stack, admin, f"d-{secrets.token_hex(4)}", canary)

    found = until(lambda: logged(stack), lambda logs: all(logs[f"{name}LogGroup"] for name in EVERY), 30)

    signatures = [parse_qs(urlsplit(link).query)["X-Amz-Signature"][0] for link in links]
    for name, text in found.items():
        assert [] == [each for each in (canary, bearer, *signatures) if each in text], name
        assert None is SECRET.search(text), name


# What cannot but have logged something of this round.
EVERY = ("LinkApi", "MailIngest", "MailLoad", "SpreadsheetImport", "DirectorySync")


def _mail_read(stack: Outputs, s3: "S3Client", domain: str, bearer: str, canary: str) -> list[str]:
    """The links to two messages, one that came as mail and one of a load; something else came that is neither."""
    whole = raw_message(f"{canary}\r\n", to=f"alice@{domain}", subject=canary)
    loaded = raw_message(f"{canary}\r\n", to=f"alice@{domain}", message_id="<loaded@example.org>")
    for key, raw in {"inbound/{}/1": whole, "inbound/{}/2": canary.encode(), "import/{}/1.eml": loaded}.items():
        s3.put_object(Bucket=stack.mail_bucket, Key=key.format(domain), Body=raw)
    with httpx.Client(base_url=stack.api_url, headers={"Authorization": f"Bearer {bearer}"}, timeout=30) as alice:
        listed = until(lambda: alice.get("/archive").json()["messages"], lambda messages: len(messages) == 2, 60)
        return [alice.get(f"/archive/messages/{each['id']}/raw").json()["url"] for each in listed]


def _spreadsheets_imported(admin: httpx.Client, domain: str, canary: str) -> list[str]:
    """The links for two files, one of which cannot be read."""
    contents = [f"email,password\r\nalice@{domain},{canary}\r\n", canary]
    begun = [admin.post("/imports", json={"filename": "list.csv"}).json() for _ in contents]
    for each, content in zip(begun, contents, strict=True):
        httpx.put(each["url"], content=content).raise_for_status()
        _ended(admin, each["id"])
    return [each["url"] for each in begun]


def _ended(admin: httpx.Client, run: str) -> None:
    """Wait until it has."""
    until(lambda: admin.get(f"/runs/{run}").json(), lambda shown: shown["status"] in {"applied", "failed"}, 60)


def _directory_tried(stack: Outputs, admin: httpx.Client, name: str, password: str) -> None:
    """A directory at which nobody answers is tried out."""
    manager = aws.session().client("secretsmanager", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    manager.create_secret(Name=name, SecretString=password)
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"ldaps://127.0.0.1:{server.getsockname()[1]}"
    directory = {"kind": "ldap", "url": url, "base_dn": "dc=x", "bind_dn": "cn=x", "secret_name": name}
    admin.put(f"/directories/{name}", json=directory | {"profile": "openldap"}).raise_for_status()
    _ended(admin, admin.post(f"/directories/{name}/test").raise_for_status().json()["run"])
    admin.delete(f"/directories/{name}").raise_for_status()
