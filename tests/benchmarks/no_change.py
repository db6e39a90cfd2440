"""A sync of 300,000 mailboxes that finds nothing to do, beside reading each of them once."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from addresses.items import DIRECTORY_SHARDS, mailbox_write
from addresses.reconcile import plan
from addresses.table import connected
from directory_sync.gathering import Gathering
from directory_sync.reader import Changes, Entry
from tests.benchmarks import organisation
from tests.benchmarks.canned import Canned, body
from tests.benchmarks.row import Row, at_most, cpu, peak
from tests.capacity import Raw, item_size, read_units, stored
from tests.metered import written
from tests.syncing import CORP, SETTINGS

PEOPLE = 300_000
# What a page of a query holds at most, in bytes of items.
PAGE = 1024 * 1024
_SHARD = re.compile(rb'"(corp#\d\d)"')
_PAGE = re.compile(rb'"page-(\d+)"')


@dataclass
class Pages:
    """The index of a directory's mailboxes in files, ``count`` pages: ``units`` is what it costs to read them all."""

    folder: Path
    units: float = 0
    count: int = 0

    def fill(self, people: int) -> None:
        """Have the mailboxes of so many people."""
        filling, sizes, numbers = defaultdict[str, list[Raw]](list), Counter[str](), Counter[str]()
        for each in organisation.entries(people):
            item = stored(written(mailbox_write(organisation.mailbox(each))))
            shard = item["directory_shard"]["S"]
            filling[shard].append(item)
            sizes[shard] += item_size(item)
            if sizes[shard] > PAGE:
                numbers[shard] += 1
                self._page(shard, numbers[shard] - 1, filling.pop(shard), sizes.pop(shard), more=True)
        for number in range(DIRECTORY_SHARDS):
            shard = f"{organisation.DIRECTORY}#{number:02}"
            self._page(shard, numbers[shard], filling[shard], sizes[shard], more=False)

    def _page(self, shard: str, number: int, items: list[Raw], size: int, *, more: bool) -> None:
        answer: dict[str, object] = {"Items": items, "Count": len(items)}
        if more:
            answer["LastEvaluatedKey"] = {"pk": {"S": f"page-{number + 1}"}, "sk": {"S": "MAILBOX"}}
        (self.folder / f"{shard}-{number}").write_bytes(body(answer))
        self.count += 1
        self.units += read_units(size, consistent=False)

    def answer(self, operation: str, request: bytes) -> bytes:
        """The page that is asked for; of anything else, there is nothing."""
        if operation != "Query":
            return b'{"Responses":{"table":[]}}'
        [shard] = _SHARD.findall(request)
        number = int(next(iter(_PAGE.findall(request)), 0))
        return (self.folder / f"{shard.decode()}-{number}").read_bytes()


@dataclass(frozen=True)
class Staff:
    """A directory of so many people, as it was when their mailboxes were opened."""

    people: int

    def full(self) -> Iterator[Entry]:
        """Everybody."""
        return (
            Entry(each.directory_id, (each.primary,), tuple(each.aliases), each.name)
            for each in organisation.entries(self.people)
        )

    def cursor(self) -> str | None:
        """It does not tell what changed."""
        return None

    def changes(self, cursor: str) -> Changes:
        """Nobody asks."""
        raise NotImplementedError(cursor)

    def entries(self, ids: Collection[str]) -> list[Entry]:
        """Nobody is missing."""
        assert not ids
        return []

    def close(self) -> None:
        """It has no connection."""


def rows() -> Iterator[Row]:
    """The client's CPU, its memory, and what is read and written."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(8) as executor:
        pages = Pages(Path(folder))
        pages.fill(PEOPLE)
        canned = Canned(pages.answer)
        client, staff = canned.client("dynamodb"), Staff(PEOPLE)
        with patch("boto3.client", canned.client):
            table = connected("table")
        making = cpu(lambda: [None for _ in staff.full()])

        def read() -> None:
            for number in range(DIRECTORY_SHARDS):
                values = {":shard": {"S": f"{organisation.DIRECTORY}#{number:02}"}}
                for page in client.get_paginator("query").paginate(
                    TableName="table",
                    IndexName="by_directory",
                    ExpressionAttributeValues=values,
                    KeyConditionExpression="directory_shard = :shard",
                ):
                    assert all(page["Items"])

        def sync() -> None:
            gathering = Gathering(organisation.DIRECTORY, {"corp": CORP}, SETTINGS, table, staff, executor)
            gathered = gathering.whole()
            wanted = plan(gathered.existing, gathered.desired)
            assert () == wanted.steps
            assert 1_005_000 == wanted.unchanged

        canned.calls.clear()
        took = cpu(sync) - making
        asked, memory = dict(canned.calls), peak()
        bare = cpu(read)
        yield at_most("sync of 300,000 mailboxes without a change: client CPU", took, "reading them", bare, 1.3)
        yield Row("the same: memory", f"{memory} MiB", "", "", "<= 400 MiB", memory <= 400)
        ratio = sum(asked.values()) / pages.count
        told = f"{asked['Query']} queries, no other call", f"each mailbox once: {pages.count}, {pages.units:,.0f} units"
        met = asked == {"Query": pages.count}
        yield Row("the same: reads", *told, f"{ratio:.2f} x", "<= 1.05 x", met)
