"""Whatever call of AWS an import ends after, its redelivery ends in the same table and the same results."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from addresses.row_result import RowOutcome
from addresses.table import Item
from spreadsheet_import.arrival import arrivals
from tests.importing import IMPORTS, ImportRoom, import_room
from tests.syncing import Crash

BEFORE = "email,alias\r\nalice@example.com,a1@example.com;a2@example.org\r\nbob@example.com,b1@example.com\r\n"
BEFORE += "erin@example.com,\r\n"
# Open, name, link, relink, unlink; rows in conflict, invalid, ignored, and so already.
AFTER = """email,name,alias,action
alice@example.com,Alice,a1@example.com,unlink
alice@example.com,Alice,a3@example.com,
bob@example.com,,a2@example.org,link
carol@example.com,Carol,c1@example.com,
bob@example.com,,b1@example.com,
alice@example.com,,erin@example.com,
dave@example.com,,nobody,
dave@example.com,,d@example.net,
"""
EXPECTED = [*("unlinked", "linked", "relinked", "linked", "already", "conflict"), *("opened", "invalid"), "already"]


@pytest.fixture(scope="module")
def before() -> list[Item]:
    """The table when one sheet was imported."""
    with import_room() as desk:
        desk.imported(BEFORE)
        return desk.room.items()


@contextmanager
def changed(before: list[Item]) -> Iterator[tuple[ImportRoom, dict[str, Any]]]:
    """One sheet was imported, and another has been put."""
    with import_room() as desk:
        desk.room.load(before)
        desk.uploads = 1
        event = desk.upload(AFTER, "uploads/second.csv")
        desk.room.calls = 0
        yield desk, event


def lasting(desk: ImportRoom) -> list[str]:
    """The items and the objects, but for times, what is made up, and how often a run was written."""
    items = [
        {name: value for name, value in item.items() if item["sk"] != "RUN" or name != "version"}
        for item in desk.room.items()
    ]
    listed = desk.s3.list_objects_v2(Bucket=IMPORTS)["Contents"]
    # A run's id ends in a digest of the file's version, and moto makes up another version each time.
    made_up = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z|(?<=Z-)[0-9a-f]{12}|[0-9a-f-]{36}(?=', 'rows')"
    return [re.sub(made_up, "<made up>", str(each)) for each in (*items, *(found["Key"] for found in listed))]


def carry_on(desk: ImportRoom, event: dict[str, Any]) -> None:
    """Lambda delivers the event, and the state machine does what it was asked for."""
    desk.arrive(event)
    [arrival] = arrivals(event)
    desk.carried_out(arrival.run)


@pytest.fixture(scope="module")
def undisturbed(before: list[Item]) -> tuple[list[str], int, int]:
    """What there is after an import that nothing happened to, and how many calls it made to plan and to apply."""
    with changed(before) as (desk, event):
        run = desk.arrive(event)
        assert run
        planning = desk.room.calls
        ended = desk.carried_out(run.id)
        applying = desk.room.calls - planning
        assert EXPECTED == [str(each.outcome) for each in desk.results(ended) if each.alias != "d@example.net"]
        assert RowOutcome.IGNORED is desk.results(ended)[-1].outcome
        return lasting(desk), planning, applying


def test_an_import_that_ends_after_any_call_is_finished_by_its_redelivery(
    before: list[Item], undisturbed: tuple[list[str], int, int], subtests: pytest.Subtests
) -> None:
    """S3's event comes again: one run, the same table, the same results."""
    expected, planning, _ = undisturbed
    for call in range(planning):
        with subtests.test(call=call), changed(before) as (desk, event):
            desk.room.crash_after = call
            with pytest.raises(Crash):
                desk.arrive(event)
            carry_on(desk, event)
            assert expected == lasting(desk)


def test_an_apply_and_a_report_that_end_after_any_call_are_finished_by_their_retry(
    before: list[Item], undisturbed: tuple[list[str], int, int], subtests: pytest.Subtests
) -> None:
    """Step Functions tries again."""
    expected, _, applying = undisturbed
    for call in range(applying):
        with subtests.test(call=call), changed(before) as (desk, event):
            run = desk.arrive(event)
            assert run
            desk.room.crash_after = call
            with pytest.raises(Crash):
                desk.carried_out(run.id)
            desk.room.crash_after = None
            desk.carried_out(run.id)
            assert expected == lasting(desk)


def test_an_event_that_comes_again_after_all_changes_nothing(before: list[Item]) -> None:
    """Not a single item."""
    with changed(before) as (desk, event):
        carry_on(desk, event)
        once = desk.room.items()
        carry_on(desk, event)
        assert once == desk.room.items()
