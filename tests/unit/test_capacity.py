"""Sizes and units, worked by hand from DynamoDB's developer guide."""

from typing import Any

import pytest

from tests.capacity import Index, index, item_size, read_units, stored, write_units

KEYS: dict[str, Any] = {"pk": "A", "sk": "B"}
KEYS_ONLY = Index("by_list", ("list", "place"), whole=False)
WHOLE = Index("by_directory", ("shard", "pk"), whole=True)
LISTED = {**KEYS, "list": "x", "place": "y"}


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": "abc"}, 2 + 3),
        ({"naïve": "日本"}, 6 + 6),
        ({"n": 7}, 1 + 2),
        ({"n": 123}, 1 + 3),
        ({"n": 1000}, 1 + 2),
        ({"n": -27}, 1 + 3),
        ({"yes": True, "gone": None}, 3 + 1),
        ({"l": []}, 1 + 3),
        ({"l": ["ab", None]}, 1 + 3 + (1 + 2) + (1 + 1)),
        ({"m": {"key": "v", "n": 1}}, 1 + 3 + (1 + 3 + 1) + (1 + 1 + 2)),
        ({"l": [{"k": "v"}]}, 1 + 3 + 1 + 3 + (1 + 1 + 1)),
    ],
)
def test_an_item_is_as_large_as_its_names_and_values(item: dict[str, object], size: int) -> None:
    """A list or map is 3 bytes more, and each of its elements 1."""
    assert size == item_size(stored(item))


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (4096, 1), (4097, 2), (26_112, 7)])
def test_reading_costs_a_unit_for_4_kb_and_half_if_it_may_be_stale(size: int, units: int) -> None:
    """What is not there costs one too."""
    assert (units, units / 2) == (read_units(size, consistent=True), read_units(size, consistent=False))


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [(None, 1024, 1), (None, 1025, 2), (3000, 100, 3), (100, 3000, 3), (100, 100, 1), (None, None, 1)],
)
def test_writing_costs_a_unit_for_1_kb_of_the_larger_of_before_and_after(
    before: int | None, after: int | None, units: int
) -> None:
    """A write that is refused costs what lies there, or the least."""
    sized = [None if size is None else stored({"pk": "x" * (size - 2)}) for size in (before, after)]
    assert units == write_units(*sized)


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, KEYS, 0),
        (None, LISTED, 1),
        (LISTED, LISTED | {"name": "new"}, 0),
        (LISTED, LISTED | {"place": "z"}, 2),
        (LISTED, KEYS, 1),
        (None, LISTED | {"name": "x" * 3000}, 1),
    ],
)
def test_an_index_of_keys_costs_only_what_changes_in_the_keys(
    before: dict[str, object] | None, after: dict[str, object], units: int
) -> None:
    """To move is to leave and to enter; an item without the keys is not in it."""
    assert units == KEYS_ONLY.write_units(before and stored(before), stored(after))


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (KEYS, KEYS | {"shard": "1"}, 1),
        (KEYS | {"shard": "1"}, KEYS | {"shard": "1", "name": "x"}, 1),
        (KEYS | {"shard": "1", "name": "x" * 3000}, KEYS | {"shard": "1"}, 3),
        (KEYS | {"shard": "1", "name": "x" * 3000}, KEYS | {"name": "x" * 3000}, 3),
    ],
)
def test_an_index_of_whole_items_costs_whatever_changes(
    before: dict[str, object], after: dict[str, object], units: int
) -> None:
    """By the size of the whole item."""
    assert units == WHOLE.write_units(stored(before), stored(after))


def test_an_index_is_as_the_template_describes_it() -> None:
    """Its keys, and whether it holds whole items."""
    keys = [{"AttributeName": "list", "KeyType": "HASH"}, {"AttributeName": "place", "KeyType": "RANGE"}]
    described = {"IndexName": "by_list", "KeySchema": keys, "Projection": {"ProjectionType": "KEYS_ONLY"}}
    assert KEYS_ONLY == index(described)
