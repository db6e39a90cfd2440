"""How long a search takes for what one request reads, from the bytes that DynamoDB answers with to the page."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from addresses.address import Address
from addresses.archive import Direction, Entry
from addresses.items import entry_item
from addresses.table import Table
from archive_api.access import Window
from archive_api.search import MOST_READ, PORTION, Search
from archive_api.words import Words
from tests.capacity import item_size, stored

ALICE = Address("alice@example.com")


class Body(BytesIO):
    """An answer's bytes, as botocore reads them."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        """All at once."""
        yield self.read()


def main(recipients: int, subject: int) -> None:
    """Search 8,000 entries in vain: each is read and compared."""
    bare = Entry(ALICE, "2026-03-01T09:00:00Z", "", Direction.RECEIVED, "bob@example.org", (), "x" * subject, 5000)
    to = tuple(f"n{number:05}@example.com" for number in range(recipients))
    digests = sorted((sha256(str(number).encode()).hexdigest() for number in range(PORTION)), reverse=True)
    items = [stored(entry_item(replace(bare, digest=digest, to=to))) for digest in digests]
    answer = json.dumps({"Items": items, "Count": PORTION}).encode()
    client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")

    def answered(request: Any, **_: Any) -> Any:
        return AWSResponse(request.url, 200, HTTPHeaders(), Body(answer))

    client.meta.events.register("before-send.dynamodb.Query", answered)
    with ThreadPoolExecutor() as executor:
        began = time.perf_counter()
        Search(Words.of("minutes bob@example.net")).page(Table(client, "table"), [Window(ALICE)], None, 50, executor)
        took = time.perf_counter() - began
    size = item_size(items[0])
    print(f"{MOST_READ:,} entries of {size} bytes with {recipients} recipients searched in {took:.2f} s")


if __name__ == "__main__":
    main(recipients=1, subject=300)
    main(recipients=40, subject=20)
