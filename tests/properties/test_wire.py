"""Items are written and read as the AWS library would, which is slower."""

from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from hypothesis import given
from hypothesis import strategies as st

from addresses.wire import plain, raw

numbers = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(-(10**9), 10**9, allow_nan=False, places=6)
leaves = st.text() | numbers | st.booleans() | st.binary() | st.sets(st.text(), min_size=1)
values = st.recursive(leaves, lambda each: st.lists(each | st.none()) | st.dictionaries(st.text(), each | st.none()))


@given(st.dictionaries(st.text(), values | st.none()))
def test_an_item_is_on_the_wire_as_the_library_has_it_and_comes_back(item: dict[str, Any]) -> None:
    """Whatever DynamoDB can hold."""
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
