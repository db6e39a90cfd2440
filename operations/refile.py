"""`make refile`: the mail bucket's objects from a time on are announced again, as they were when they came.

For a table that was restored to an earlier time: what arrived after it lies in the bucket, but not in the table. What
is in the table already is found there, and stays as it is; so too much is better than too little.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import quote_plus

import boto3

from addresses.errors import InvalidTime
from addresses.times import parse_time
from operations.stack import NoSuchStack, outputs

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

# Under each of them what the bucket's own events announce, and the output that names the queue to which they do.
PREFIXES = {"inbound/": "MailQueueUrl", "import/": "LoadQueueUrl"}
SES, NOTIFICATIONS = "inbound/ses/", "notifications/"


@dataclass(frozen=True)
class Stored:
    """An object of the mail bucket, in one version."""

    bucket: str
    key: str
    version: str

    @property
    def event(self) -> str:
        """The body with which S3 announces it."""
        stored = {"key": quote_plus(self.key, safe="/"), "versionId": self.version}
        record = {"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": self.bucket}, "object": stored}}
        return json.dumps({"Records": [record]})


def stored_since(s3: "S3Client", bucket: str, prefix: str, since: datetime) -> Iterator[Stored]:
    """Every version of every object there that was stored at this time or later; S3 keeps whole seconds."""
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        for each in page.get("Versions", []):
            if each["LastModified"] >= since.replace(microsecond=0):
                yield Stored(bucket, each["Key"], each["VersionId"])


def refile(s3: "S3Client", sqs: "SQSClient", told: dict[str, str], since: datetime, say: Callable[[str], None]) -> int:
    """Announce what was stored since then in the stack with these outputs; how many messages nobody can announce."""
    left_out = 0
    for prefix, queue in PREFIXES.items():
        announced = 0
        for stored in stored_since(s3, told["MailBucket"], prefix, since):
            body = _notification(s3, stored) if stored.key.startswith(SES) else stored.event
            if body is None:
                say(
                    f"{stored.key} is left out: what SES told of it was not kept, and without it nobody knows for whom."
                )
                left_out += 1
                continue
            sqs.send_message(QueueUrl=told[queue], MessageBody=body)
            announced += 1
        say(f"{prefix}: {announced} announced again.")
    return left_out


def _notification(s3: "S3Client", stored: Stored) -> str | None:
    """What SES told of the message, as it was kept."""
    try:
        return s3.get_object(Bucket=stored.bucket, Key=f"{NOTIFICATIONS}{stored.key}.json")["Body"].read().decode()
    except s3.exceptions.NoSuchKey:
        return None


def main() -> None:
    """Refile, and end with 1 if something is left out."""
    arguments = argparse.ArgumentParser(description="Announces again what was put into the mail bucket of a stack.")
    arguments.add_argument("stack")
    arguments.add_argument("since", help="a time as RFC 3339 has it, such as 2026-03-01T09:00:00Z")
    given = arguments.parse_args()
    try:
        since = parse_time(given.since)
        told = outputs(boto3.client("cloudformation"), given.stack)
    except (InvalidTime, NoSuchStack) as why:
        sys.exit(str(why))
    say: Callable[[str], None] = lambda sentence: print(sentence, flush=True)  # noqa: E731 - one line of the console
    if refile(boto3.client("s3"), boto3.client("sqs"), told, since, say):
        sys.exit("Of what is left out, docs/operations.md says how it can be filed by hand.")


if __name__ == "__main__":
    main()
