"""The data-model page says what the code stores, what it asks for, and what that costs."""

import re
from collections import defaultdict
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from addresses.items import address_write, mailbox_write
from local import ROOT
from tests.access_patterns import LINKED, Doing, Pattern, admin, mail, measured, page
from tests.data_model import EVERY, PAGE, filled, sections
from tests.example_items import ADDRESS, EXAMPLES, MAILBOX
from tests.gateway import routes
from tests.meter import kind_of
from tests.metered import Metered
from tests.people import A1, A2, ALICE, BOB
from tests.table import create_table

# The first of these tests measures every pattern, in moto, which copies the table for each transaction: about 100 s.
pytestmark = pytest.mark.timeout(600)

FROM_ALICE, TO_ALICE = f"DELETE /mailboxes/{ALICE}/aliases/{A1}", f"PUT /mailboxes/{ALICE}/aliases/{A1}"


def test_the_page_shows_items_indexes_costs_and_limits_as_they_are() -> None:
    """``make docs`` writes what differs."""
    shown, parts = PAGE.read_text(encoding="utf-8"), sections()
    assert filled(shown, parts) == shown
    assert [] == [name for name in parts if f"<!-- {name} -->\n" not in shown]


def test_an_example_is_what_the_table_stores() -> None:
    """To the attribute."""
    with mock_aws():
        table = create_table(boto3.client("dynamodb"), "addresses")
        new = [address_write(replace(ADDRESS, version=0)), mailbox_write(replace(MAILBOX, version=0))]
        table.write_together(new)
        stored = table.get_many(write.key for write in new)
    shown = [EXAMPLES["Address"] | {"version": 1}, EXAMPLES["Mailbox"] | {"version": 1}]
    assert shown == [stored[write.key] for write in new]


def test_every_kind_of_item_is_on_the_page_with_all_of_its_attributes() -> None:
    """Of all that the functions wrote while they were measured."""
    shown: dict[str, set[str]] = defaultdict(set)
    for item in EXAMPLES.values():
        shown[kind_of((item["pk"], item["sk"]))] |= item.keys()
    for patterns in EVERY.values():
        for each in measured(patterns):
            for stored in each.items:
                kind = kind_of((stored["pk"]["S"], stored["sk"]["S"]))
                assert kind in shown, f"{kind} is not on the page"
                assert stored.keys() <= shown[kind], kind


def test_every_word_that_begins_a_key_is_on_the_page() -> None:
    """Also those of code that nothing here measures."""
    sources = [path for folder in ("functions", "shared") for path in (ROOT / folder).rglob("*.py")]
    words = {word for path in sources for word in re.findall(r"""["']([A-Z]+#)""", path.read_text(encoding="utf-8"))}
    shown = PAGE.read_text(encoding="utf-8")
    assert {"ADDRESS#", "STEPS#", "UNLINKED#"} <= words
    assert [] == [word for word in sorted(words) if f"`{word}<" not in shown]


def test_every_route_that_touches_the_table_is_measured() -> None:
    """And no route that is gone."""
    asked = {pattern.who for patterns in EVERY.values() for pattern in patterns}
    asked -= {"directory_sync", "spreadsheet_import", "apply_plan", "mail_ingest"}
    assert asked == {route for route, (function, _) in routes().items() if function in {"link_api", "archive_api"}}


def moved(times: int) -> tuple[Doing, ...]:
    """An alias was unlinked and linked again, so many times."""
    return (admin(FROM_ALICE), admin(TO_ALICE)) * times


def renamed(world: Metered) -> None:
    """The mailbox had other primaries before."""
    for primary, address in ((ALICE, A1), (A1, ALICE)) * 2:
        admin(f"PUT /mailboxes/{primary}/primary", {"address": address})(world)


DEPTHS: dict[str, Pattern] = {
    name: Pattern("GET /archive", name, (*LINKED, *before), page(number, limit=5))
    for name, before, number in (
        ("first page, no mail at all", (), 1),
        ("first page of a short history", (mail(ALICE, A1, A2, count=12),), 1),
        ("first page of a long history", (mail(ALICE, A1, A2, count=60),), 1),
        ("last page of a short history", (mail(ALICE, A1, A2, count=5),), 3),
        ("12th page of a long history", (mail(ALICE, A1, A2, count=60),), 12),
        ("5th page, mail of others besides", (mail(ALICE, A1, A2, BOB, count=60),), 5),
        ("5th page, an alias that came and went", (*moved(4), mail(ALICE, A1, A2, count=60)), 5),
        ("5th page, primaries that came and went", (renamed, mail(ALICE, A1, A2, count=60)), 5),
    )
}


@pytest.mark.parametrize("name", DEPTHS)
def test_a_page_of_the_archive_is_one_read_one_mailbox_and_a_query_for_each_address(name: str) -> None:
    """Whatever the page's depth and the history's length. The settings come along with the person."""
    found = dict(zip(DEPTHS, measured(tuple(DEPTHS.values())), strict=True))[name]
    expected = ["BatchGetItem ADDRESS, SETTINGS", "GetItem MAILBOX", *["Query ARCHIVE"] * 3]
    assert expected == [call.request for call in found.calls]
