"""Orders that are delivered twice at once, or that are handled before whoever sent them has recorded their run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from addresses.run import Run, RunKind, RunStatus
from addresses.run_book import read_run, read_state
from addresses.run_items import run_item
from directory_sync.errors import Unreachable
from directory_sync.reader import Entry
from tests.doubles.listed import Listed
from tests.simulation.beginning import Worlds
from tests.simulation.cloud import Invocation
from tests.simulation.quiet import Quiet
from tests.syncing import CORP, SyncRoom, sync_room

ALICE = Entry("1", ("alice@example.com",), ("a1@example.com",), "Alice")


@dataclass
class Interrupted(Listed):
    """A list that does something else in the midst of being read for the first time."""

    meanwhile: Callable[[], None] = lambda: None

    def full(self) -> Iterator[Entry]:
        """Every entry, after what happens meanwhile."""
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        yield from super().full()


def same_order_meanwhile(room: SyncRoom, directory: Interrupted) -> Run:
    """The first run, whose order is delivered a second time and handled to its end while the first reads."""
    order = room.order(1)

    def handle() -> None:
        room.sync(order)
        room.carry_out(order.run)

    directory.meanwhile = handle
    directory.put(ALICE)
    room.directory = directory
    assert room.sync(order) is None
    room.carry_out(order.run)
    return read_run(room.table, order.run)


def test_an_order_that_is_delivered_twice_at_once_is_decided_once() -> None:
    """The slower of the two finds the run at its end, and leaves it as it is."""
    with sync_room() as room:
        run = same_order_meanwhile(room, Interrupted())
        assert (RunStatus.APPLIED, None) == (run.status, run.because)
        assert (1, 1) == (run.counts["open"], run.counts["link"])
        assert read_state(room.table, "corp").reading is not None


def test_of_an_order_that_is_delivered_twice_at_once_a_failure_takes_nothing_back() -> None:
    """One of the two read the directory, the other did not: what the first one did is not called a failure."""
    with sync_room() as room:

        @dataclass
        class Broken(Interrupted):
            def full(self) -> Iterator[Entry]:
                entries = list(super().full())
                if self.wholes == 2:
                    raise Unreachable("It does not answer.")
                yield from entries

        run = same_order_meanwhile(room, Broken())
        assert RunStatus.APPLIED is run.status


@pytest.mark.parametrize("actor", ["admin@example.com", "schedule"])
def test_a_persons_order_that_steps_back_before_its_run_is_recorded_still_says_so(actor: str) -> None:
    """Whoever ordered it records the run only afterwards; of the schedule's, nothing is told."""
    with sync_room(CORP) as room:
        order = room.order(2).model_copy(update={"actor": actor})

        def step_back() -> None:
            room.sync(order)

        room.directory = Interrupted(meanwhile=step_back)
        room.directory.put(ALICE)
        room.sync(room.order(1))
        begun = Run(order.run, RunKind.SYNC, room.runs()[0].source, actor, order.started_at)
        if actor == "schedule":
            assert order.run not in {run.id for run in room.runs()}
            return
        room.table.put_new(run_item(begun))
        found = read_run(room.table, order.run)
        assert RunStatus.FAILED is found.status
        assert found.because == f"Run {room.order(1).run} of directory corp is under way. Wait until it has ended."


def test_an_order_that_steps_back_leaves_its_other_delivery_alone() -> None:
    """The one met another run; before it said so, that run had ended, and the other delivery had the directory."""
    world = Worlds().world(1)
    world.directories["corp"].put(Entry("3", ("dora@example.com",)))
    first, second = (order(f"{number:012}", world.moment) for number in (1, 2))
    other, late, again = (world.cloud.invoke("directory_sync", each) for each in (first, second, second))
    assert other
    assert late
    assert again
    go_on(other, 3)
    go_on(late, 2)
    go_on(other)
    Quiet(world).rest()
    go_on(again, 3)
    go_on(late)
    go_on(again)
    Quiet(world).rest()
    assert ["applied", "applied"] == [
        run["status"] for run in world.runs() if run["run"] in {first["run"], second["run"]}
    ]


def order(unique: str, at: str) -> dict[str, Any]:
    """An order of the schedule to sync the directory corp."""
    run = f"20260301T120000Z-{unique}"
    return {"do": "sync", "directory": "corp", "run": run, "started_at": at, "actor": "schedule", "whole": True}


def go_on(invocation: Invocation, calls: int | None = None) -> None:
    """Let the invocation come as far as before its call of this number, or to its end."""
    while not invocation.ended and (calls is None or invocation.calls < calls):
        invocation.go_on()
