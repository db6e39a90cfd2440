"""The table's own words: pages of lists, parts of partitions, batches, and writes that find what they expect."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from addresses.errors import Unfinished
from addresses.table import Changed, Table, Write, connected, pause
from tests.benchmarks.canned import Canned
from tests.table import create_table


@pytest.fixture
def client() -> Iterator[Any]:
    """DynamoDB, as moto has it, and as the functions are connected to it."""
    with mock_aws():
        yield connected("addresses")._client  # noqa: SLF001


@pytest.fixture
def table(client: Any) -> Table:
    """An empty table."""
    return create_table(client, "addresses")


class Stingy:
    """A client of AWS that does only the first of every batch, ``times`` times, and leaves the rest undone."""

    def __init__(self, client: Any, times: int) -> None:
        """Everything else it leaves to the client."""
        self.client, self.times = client, times

    def __getattr__(self, name: str) -> Any:
        """What it does not do itself."""
        return getattr(self.client, name)

    def batch_get_item(self, RequestItems: Any) -> Any:  # noqa: N803 - so AWS names it
        """Reads the first key."""
        if not self.times:
            return self.client.batch_get_item(RequestItems=RequestItems)
        self.times -= 1
        request = RequestItems["addresses"]
        answer = self.client.batch_get_item(RequestItems={"addresses": {**request, "Keys": request["Keys"][:1]}})
        return {**answer, "UnprocessedKeys": {"addresses": {**request, "Keys": request["Keys"][1:]}}}

    def batch_write_item(self, RequestItems: Any) -> Any:  # noqa: N803 - so AWS names it
        """Writes the first item."""
        if not self.times:
            return self.client.batch_write_item(RequestItems=RequestItems)
        self.times -= 1
        first, *rest = RequestItems["addresses"]
        self.client.batch_write_item(RequestItems={"addresses": [first]})
        return {"UnprocessedItems": {"addresses": rest}}


def stingy(client: Any, times: int, waited: list[int]) -> Table:
    """The table of such a client, which notes how often it had to wait."""
    spare: Any = Stingy(client, times)
    return Table(spare, "addresses", wait=waited.append)


def items(count: int) -> list[dict[str, Any]]:
    """So many items of one partition and one list, in order."""
    return [
        {"pk": "P", "sk": f"A#{number:03}", "listing": "L", "listed_as": f"{number:03}", "number": number}
        for number in range(count)
    ]


def numbers(found: Any) -> list[int]:
    """Which of the items these are."""
    return [int(each["number"]) for each in found]


def test_a_page_of_a_list_goes_on_beyond_what_was_shown_in_either_direction(table: Table) -> None:
    """What it goes on from is not shown again."""
    table.put_all(items(10))

    def listed(listing: str, beyond: str, limit: int, *, newest_first: bool = False) -> list[str]:
        return [each["listed_as"] for each in table.list_page(listing, beyond, limit, newest_first=newest_first)]

    assert listed("L", "003", 2) == [each["listed_as"] for each in table.list_page("L", "003", 2)]
    assert ["004", "005"] == listed("L", "003", 2)
    assert ["002", "001"] == listed("L", "003", 2, newest_first=True)
    assert ["009"] == listed("L", "008", 5)
    assert [] == listed("other", "003", 2)


def test_the_newest_of_a_partition_come_first_and_both_ends_are_included(table: Table) -> None:
    """No more than were asked for, and nothing between ends that cross."""
    table.put_all(items(10))
    assert [5, 4, 3] == numbers(table.query_newest("P", "A#003", "A#005", 9))
    assert [9, 8] == numbers(table.query_newest("P", "A#003", "A#999", 2))
    assert [3] == numbers(table.query_newest("P", "A#003", "A#003", 2))
    assert [] == numbers(table.query_newest("P", "A#005", "A#003", 9))


def test_a_partition_is_read_from_where_it_is_asked_for_and_within_its_prefix(table: Table) -> None:
    """In order; the start is included."""
    table.put_all([*items(3), {"pk": "P", "sk": "B", "number": 7}, {"pk": "Q", "sk": "A#001", "number": 8}])
    assert [0, 1, 2, 7] == numbers(table.partition("P", ""))
    assert [0, 1, 2] == numbers(table.partition("P", "A#"))
    assert [1, 2] == numbers(table.partition("P", "A#", "A#001"))


def test_what_a_batch_leaves_undone_is_done_again(client: Any, table: Table) -> None:
    """However many there are, and each once; what is not there is left out."""
    whole, waited = items(130), list[int]()
    stingy(client, 3, waited).put_all(whole)
    assert list(range(130)) == numbers(table.partition("P", "A#"))
    keys = [(each["pk"], each["sk"]) for each in whole]
    assert set(keys) == set(stingy(client, 3, waited).get_many([*keys, *keys[:5], ("P", "none")]))
    assert [0, 1, 2, 0, 1, 2] == waited
    assert {} == table.get_many([])


def test_a_batch_that_is_left_undone_again_and_again_fails_and_can_be_repeated(client: Any, table: Table) -> None:
    """After eight tries, with a longer pause before each."""
    table.put_all(items(20))
    waited: list[int] = []
    with pytest.raises(Unfinished, match="left 12 reads of a batch undone 8 times; try again"):
        stingy(client, 99, waited).get_many([(each["pk"], each["sk"]) for each in items(20)])
    with pytest.raises(Unfinished, match="left 12 writes of a batch undone 8 times; try again"):
        stingy(client, 99, waited).put_all(items(20))
    assert [*range(8), *range(8)] == waited


def test_a_new_item_is_put_and_one_that_is_there_is_left_and_returned(table: Table) -> None:
    """So of two who put it, one is first."""
    assert None is table.put_new({"pk": "P", "sk": "S", "by": "one"})
    assert {"pk": "P", "sk": "S", "by": "one"} == table.put_new({"pk": "P", "sk": "S", "by": "two"})
    assert {"pk": "P", "sk": "S", "by": "one"} == table.get(("P", "S"))


def test_attributes_are_replaced_only_in_an_item_that_is_as_it_was_read(table: Table) -> None:
    """Others that it has are left alone; one that is gone does not come back."""
    key = ("P", "S")
    table.put({"pk": "P", "sk": "S", "a": 1, "c": 3})
    table.replace(key, {"a": 1, "b": None, "c": 3}, {"a": 2, "b": 5, "c": 3})
    assert {"pk": "P", "sk": "S", "a": 2, "b": 5, "c": 3} == table.get(key)
    for stale in ({"a": 1, "b": 5}, {"a": 2, "b": None}):
        with pytest.raises(Changed, match="by somebody else"):
            table.replace(key, stale, {"a": 9, "b": 9})
    table.remove(key)
    with pytest.raises(Changed):
        table.replace(key, {"d": None}, {"d": 1})
    assert None is table.get(key)


def test_a_pause_is_random_and_may_be_twice_as_long_with_each_attempt_up_to_a_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So writers who met once seldom meet again, and nobody waits long."""
    between: list[tuple[float, float]] = []

    def uniform(low: float, high: float) -> float:
        between.append((low, high))
        return 0.0

    monkeypatch.setattr("addresses.table._random", SimpleNamespace(uniform=uniform))
    for attempt in range(8):
        pause(attempt)
    assert [(0, high) for high in (0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0)] == between


def cancelled(client: Any, *codes: str) -> ClientError:
    """How DynamoDB says that it called a transaction off, with a reason for each of its items."""
    told: Any = {"Error": {"Code": "TransactionCanceledException", "Message": f"[{', '.join(codes)}]"}}
    told["CancellationReasons"] = [{"Code": code} for code in codes]
    error: ClientError = client.exceptions.TransactionCanceledException(told, "TransactWriteItems")
    return error


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_is_called_off_for_a_moment_is_read_and_judged_again(
    client: Any, table: Table, code: str
) -> None:
    """Botocore does not ask again by itself; whoever does is told as when somebody came between."""

    def refuse(**_: Any) -> None:
        raise cancelled(client, "None", code)

    with patch.object(table._client, "transact_write_items", refuse), pytest.raises(Changed, match=code):  # noqa: SLF001
        table.write_together([Write(("A", "B"), {"c": 1}, 0)])


def test_a_transaction_that_is_called_off_for_good_fails_as_what_it_is(client: Any, table: Table) -> None:
    """Trying again would end the same."""

    def refuse(**_: Any) -> None:
        raise cancelled(client, "ValidationError")

    refused = patch.object(table._client, "transact_write_items", refuse)  # noqa: SLF001
    with refused, pytest.raises(ClientError, match="ValidationError"):
        table.write_together([Write(("A", "B"), {"c": 1}, 0)])


def test_a_transaction_that_the_client_sends_twice_is_carried_out_once() -> None:
    """By the token that botocore makes up, though it looks at no values: its own retries send the same again."""
    sent: list[bytes] = []

    def answer(_operation: str, request: bytes) -> bytes:
        sent.append(request)
        return b"{}"

    with patch("boto3.client", Canned(answer).client):
        connected("table").write_together([Write(("A", "B"), {"number": "1"}, 0)])
    assert [True] == [b'"ClientRequestToken": "' in each for each in sent]
