"""Whatever call of AWS a process ends after, doing it again ends in the same table as if nothing had happened."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from addresses.run import RunStatus
from addresses.step import KINDS
from addresses.table import Item
from directory_sync.reader import Entry
from tests.syncing import Crash, SyncRoom, sync_room

BEFORE = [
    Entry("1", ("alice@example.com",), ("a1@example.com", "a2@example.org"), "Alice"),
    Entry("2", ("bob@example.com",), ("b1@example.com",), "Bob"),
    Entry("3", ("carol@example.com",), ("c1@example.com",), "Carol"),
    Entry("4", ("dave@example.com",), (), "Dave"),
    Entry("5", ("erin@example.com",), (), "Erin"),
]
# Unlink and link (1), relink (from 2 to 1), promote (3), close (2), a swap (4 and 5), open (6), adopt (the name of 1).
AFTER = [
    Entry("1", ("alice@example.com",), ("a1@example.com", "b1@example.com", "a3@example.com"), "Alice Jones"),
    Entry("3", ("c1@example.com",), ("carol@example.com",), "Carol"),
    Entry("4", ("erin@example.com",), (), "Dave"),
    Entry("5", ("dave@example.com",), (), "Erin"),
    Entry("6", ("frank@example.com",), ("bob@example.com",), "Frank"),
]


@pytest.fixture(scope="module")
def before() -> list[Item]:
    """The table when the directory has been synced once."""
    with sync_room() as room:
        room.directory.become(BEFORE)
        room.synced(1)
        return room.items()


@contextmanager
def changed(before: list[Item]) -> Iterator[SyncRoom]:
    """The directory was synced, and has changed since in every way that makes a step."""
    with sync_room() as room:
        room.load(before)
        room.directory.become(BEFORE)
        room.directory.become(AFTER)
        yield room


def lasting(room: SyncRoom) -> list[str]:
    """The items, but for what tells that something was done a second time: times, and how often a run was written."""
    told = [
        {name: value for name, value in item.items() if item["sk"] not in {"RUN", "STATE"} or name != "version"}
        for item in room.items()
    ]
    return [re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", "<time>", str(item)) for item in told]


@pytest.fixture(scope="module")
def undisturbed(before: list[Item]) -> tuple[list[str], int, int]:
    """The table after a run that nothing happened to, and how many calls it made to plan and to apply."""
    with changed(before) as room:
        order = room.order(2)
        room.sync(order)
        planning = room.calls
        room.carry_out(order.run)
        return lasting(room), planning, room.calls - planning


def test_the_plan_has_steps_of_all_kinds(before: list[Item]) -> None:
    """So that each is interrupted below."""
    with changed(before) as room:
        run = room.synced(2)
        assert RunStatus.APPLIED is run.status
        assert {*KINDS} == {name for name in KINDS if run.counts[name]}
        assert 0 == run.counts["conflict"]


def test_a_sync_that_ends_after_any_call_is_finished_by_its_redelivery(
    before: list[Item], undisturbed: tuple[list[str], int, int], subtests: pytest.Subtests
) -> None:
    """Lambda delivers the order again: one run, the same table."""
    expected, planning, _ = undisturbed
    for call in range(planning):
        with subtests.test(call=call), changed(before) as room:
            order = room.order(2)
            room.crash_after = call
            with pytest.raises(Crash):
                room.sync(order)
            room.sync(order)
            room.carry_out(order.run)
            assert expected == lasting(room)


def test_an_apply_that_ends_after_any_call_is_finished_by_its_retry(
    before: list[Item], undisturbed: tuple[list[str], int, int], subtests: pytest.Subtests
) -> None:
    """Step Functions tries again: every step once, and the counts of the run say so."""
    expected, _, applying = undisturbed
    for call in range(applying):
        with subtests.test(call=call), changed(before) as room:
            order = room.order(2)
            room.sync(order)
            room.crash_after = call
            with pytest.raises(Crash):
                room.carry_out(order.run)
            room.carry_out(order.run)
            assert expected == lasting(room)


def test_a_run_that_is_carried_out_and_ordered_again_changes_nothing(before: list[Item]) -> None:
    """Every part, the end and the order come a second time."""
    with changed(before) as room:
        order = room.order(2)
        room.sync(order)
        room.carry_out(order.run)
        once = room.items()
        room.carry_out(order.run)
        room.sync(order)
        assert once == room.items()


def test_the_next_run_does_what_one_left_that_never_came_back(
    before: list[Item], undisturbed: tuple[list[str], int, int], subtests: pytest.Subtests
) -> None:
    """Its lease ends; the next run says that it failed, and brings about what the directory says. Every third call."""
    _, planning, _ = undisturbed
    for call in range(0, planning, 3):
        with subtests.test(call=call), changed(before) as room:
            order = room.order(2)
            room.crash_after = call
            with pytest.raises(Crash):
                room.sync(order)
            assert RunStatus.APPLIED is room.synced(200).status
            assert room.links() == {
                **dict.fromkeys(
                    ["a1@example.com", "a3@example.com", "alice@example.com", "b1@example.com"], "alice@example.com"
                ),
                **dict.fromkeys(["c1@example.com", "carol@example.com"], "c1@example.com"),
                **dict.fromkeys(["bob@example.com", "frank@example.com"], "frank@example.com"),
                **{each: each for each in ("dave@example.com", "erin@example.com")},
            }
            assert {RunStatus.APPLIED, RunStatus.FAILED} >= {run.status for run in room.runs()}
