"""Items are written and read as the AWS library would, which is slower."""

from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from addresses.wire import plain, raw, take_as_sent
from tests.benchmarks.canned import Canned, body

numbers = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(-(10**9), 10**9, allow_nan=False, places=6)
leaves = st.text() | numbers | st.booleans() | st.sets(st.text(), min_size=1)
values = st.recursive(leaves, lambda each: st.lists(each | st.none()) | st.dictionaries(st.text(), each | st.none()))


@given(st.dictionaries(st.text(), values | st.none()))
def test_an_item_is_on_the_wire_as_the_library_has_it_and_comes_back(item: dict[str, Any]) -> None:
    """Whatever DynamoDB can hold that is not binary."""
    known = {name: value for name, value in item.items() if value is not None}
    on_the_wire = raw(item)
    assert {name: TypeSerializer().serialize(value) for name, value in known.items()} == on_the_wire
    come_back = plain(on_the_wire)
    assert {name: TypeDeserializer().deserialize(value) for name, value in on_the_wire.items()} == come_back
    assert known == come_back


def test_a_number_comes_back_as_exact_as_it_was() -> None:
    """Never as a float."""
    assert {"n": Decimal("0.1")} == plain(raw({"n": Decimal("0.1")}))
    assert isinstance(plain(raw({"n": 1}))["n"], Decimal)


def test_what_is_binary_is_refused() -> None:
    """It would come back as text."""
    with pytest.raises(TypeError, match="no binary values"):
        raw({"a": [b"x"]})


@given(st.dictionaries(st.text(), values | st.none()))
def test_an_answer_is_taken_as_botocore_would_have_it(item: dict[str, Any]) -> None:
    """A page of a query, with all that stands beside its items."""
    answer = {"Items": [raw(item), raw({})], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": raw(item)}

    def asked(client: Any) -> Any:
        return client.query(TableName="table", KeyConditionExpression="pk = :pk")

    canned = Canned(lambda _operation, _request: body(answer))
    client = canned.client("dynamodb")
    parsed = asked(client)
    client.meta.events.register("before-parse.dynamodb", take_as_sent)
    assert parsed == asked(client)


def test_an_answer_that_is_no_json_is_left_to_botocore() -> None:
    """Which knows by its checksum that it did not arrive as it was sent, and asks again."""
    answer: dict[str, Any] = {"status_code": 200, "body": b'{"Items": ['}
    customized: dict[str, Any] = {}
    take_as_sent(answer, customized)
    assert ({"status_code": 200, "body": b'{"Items": ['}, {}) == (answer, customized)
