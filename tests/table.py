"""The table as the template has it: in moto for tests with one thread, or read whole for the invariants."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from addresses.items import address_from, mailbox_from
from addresses.mailbox import Existing, existing
from addresses.table import Item, Key, Table
from addresses.wire import plain
from local import template

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def create_table(client: "DynamoDBClient", name: str) -> Table:
    """An empty table with the keys and indexes of ``template.yaml``, which waits for nobody."""
    client.create_table(TableName=name, **_described())
    return Table(client, name, wait=lambda _attempt: None)


@cache
def _described() -> dict[str, Any]:
    properties: dict[str, Any] = template.load()["Resources"]["Table"]["Properties"]
    wanted = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")
    return {key: properties[key] for key in wanted}


class Interrupted(Table):
    """The table of somebody who reads while others write: after each reading, they do the next of ``others``."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        """Nobody does anything yet."""
        super().__init__(client, name, wait=lambda _attempt: None)
        self.others: list[Callable[[], object]] = []

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """The items, as they are before somebody does the next thing."""
        found = super().get_many(keys)
        if self.others:
            self.others.pop(0)()
        return found


def everything(client: "DynamoDBClient", name: str) -> list[Item]:
    """Every item of the table, by key: for looking at in tests, never for work."""
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    items = [plain(item) for page in pages for item in page["Items"]]
    return sorted(items, key=lambda item: (item["pk"], item["sk"]))


def address_book(items: Iterable[Item]) -> Existing:
    """The mailboxes and addresses among the items."""
    items = list(items)
    return existing(
        [mailbox_from(item) for item in items if item["sk"] == "MAILBOX"],
        [address_from(item) for item in items if item["sk"] == "ADDRESS"],
    )
