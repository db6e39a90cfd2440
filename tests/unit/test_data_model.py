"""The data-model page says what the code does, and what it costs."""

import pytest

from addresses.items import ENTRY_BYTES, entry_item
from tests.access_patterns import EVERY, LINKED, Pattern, mail, measured, page
from tests.capacity import item_size, read_units, stored, write_units
from tests.data_model import ENTRY, PAGE, examples, filled, sections
from tests.meter import in_words
from tests.people import A1, A2, ALICE


@pytest.mark.timeout(300)
def test_the_page_shows_the_items_the_indexes_and_the_measured_costs_as_they_are() -> None:
    """``make docs`` writes what differs."""
    shown = PAGE.read_text(encoding="utf-8")
    assert filled(shown, sections()) == shown
    assert [] == [name for name in sections() if f"<!-- {name} -->" not in shown]


@pytest.mark.timeout(300)
def test_every_kind_of_item_that_is_written_is_on_the_page() -> None:
    """By the first word of its partition key and the kind in its sort key."""
    shown = {(item["pk"].partition("#")[0], item["sk"].partition("#")[0].isalpha()) for item in examples().values()}
    written = {
        (item["pk"]["S"].partition("#")[0], item["sk"]["S"].partition("#")[0].isalpha())
        for patterns in EVERY.values()
        for each in measured(patterns)
        for item in each.items
    }
    assert written == shown


@pytest.mark.parametrize(("number", "limit", "history"), [(1, 5, 12), (1, 5, 200), (4, 5, 60), (12, 5, 200)])
def test_a_page_of_the_archive_costs_the_same_at_any_depth_of_any_history(
    number: int, limit: int, history: int
) -> None:
    """One read for the person (the settings come along), one for the mailbox, and one query for each address."""
    asked = Pattern("GET /archive", "", (*LINKED, mail(ALICE, A1, A2, count=history)), page(number, limit))
    [found] = measured((asked,))
    assert "BatchGetItem ADDRESS, SETTINGS (2); GetItem MAILBOX (1); 3 x Query ARCHIVE (0.5)" == in_words(found.calls)


def test_an_entry_is_smaller_than_a_write_unit() -> None:
    """So that filing a message costs one unit for each archive."""
    assert item_size(stored(entry_item(ENTRY))) < ENTRY_BYTES


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": "abc"}, 2 + 3),
        ({"n": 27}, 1 + 2),
        ({"n": -1000}, 1 + 3),
        ({"gone": None}, 0),
        ({"l": ["ab", None]}, 1 + 3 + (1 + 2) + (1 + 1)),
        ({"m": {"k": "é"}}, 1 + 3 + (1 + 1 + 2)),
    ],
)
def test_sizes_are_counted_as_dynamodb_counts_them(item: dict[str, object], size: int) -> None:
    """Worked by hand from its developer guide."""
    assert size == item_size(stored(item))


def test_units_are_rounded_as_dynamodb_rounds_them() -> None:
    """4 KB to read, 1 KB to write, the larger of before and after."""
    assert [1, 1, 2] == [read_units(size, consistent=True) for size in (0, 4096, 4097)]
    assert 0.5 == read_units(4096, consistent=False)
    small, large = {"pk": {"S": "x" * 1000}}, {"pk": {"S": "x" * 1100}}
    assert [1, 2, 2] == [write_units(None, small), write_units(small, large), write_units(large, small)]
