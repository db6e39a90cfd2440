"""The same race without the deployed stack, to show what the condition of every write is for.

Threads do what requests by hand do, on a table of their own; with the conditions taken out of their transactions, the
audit has to find what that breaks.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from addresses.address import Address
from addresses.errors import AddressesError
from addresses.mailbox import Existing, MailboxId
from addresses.plan import Plan
from addresses.settings import Settings
from addresses.step import Ref
from addresses.table import Table
from link_api import by_hand
from link_api.change import change

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

THREADS, BY_EACH = 8, 12
SETTINGS = Settings(internal_domains=["example.com"])
NAMES = [Address(f"n{number}@example.com") for number in range(5)]


class Careless:
    """DynamoDB as it is for whoever forgot the conditions: whatever was written since it was read is written over."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self._client: Any = client

    def __getattr__(self, name: str) -> Any:
        """Everything else is as it was."""
        return getattr(self._client, name)

    def transact_write_items(self, **request: Any) -> Any:
        """All of the writes, unconditionally."""
        for item in request["TransactItems"]:
            for write in item.values():
                del write["ConditionExpression"]
                write.get("ExpressionAttributeValues", {}).pop(":version_read", None)
        return self._client.transact_write_items(**request)


def race(table: Table, seed: str) -> None:
    """Everybody changes the same few addresses at the same time."""
    with ThreadPoolExecutor(THREADS) as executor:
        list(executor.map(lambda number: _act(table, Random(f"{seed}-{number}")), range(THREADS)))  # noqa: S311


def _act(table: Table, chance: Random) -> None:
    for _ in range(BY_EACH):
        concerned, wish = _wish(chance)
        try:
            change(table, Address("admin@example.com"), concerned, wish)
        except AddressesError:
            # The rule that forbids it, as things are now: that is an answer.
            continue


def _wish(chance: Random) -> tuple[Iterable[Address], Any]:
    one, other, holder = (chance.choice(NAMES) for _ in range(3))
    new = Ref(MailboxId(str(UUID(int=chance.getrandbits(128)))), one)

    def opened(found: Existing) -> Plan:
        return by_hand.open_mailbox(found, SETTINGS, new, None, holder)

    def linked(found: Existing) -> Plan:
        return by_hand.link(found, SETTINGS, one, [other], holder)

    def unlinked(found: Existing) -> Plan:
        return by_hand.unlink(found, one, other)

    def promoted(found: Existing) -> Plan:
        return by_hand.promote(found, one, other)

    def closed(found: Existing) -> Plan:
        return by_hand.close_mailbox(found, one)

    return {one, other}, chance.choice([opened, linked, linked, unlinked, promoted, closed])
