"""The index of mailboxes by directory shows a write some time later; a run right after another minds that."""

import pytest

from directory_sync.reader import Entry
from tests.simulation.acts import DIRECTORY
from tests.simulation.beginning import Worlds
from tests.simulation.quiet import Quiet

ALICE = Entry("1", ("alice@example.com",), ("a1@example.com",))
BOB = Entry("2", ("bob@example.com",), ("b1@example.com",))
CAUTIOUS = DIRECTORY | {"limits": {"count": 1, "percent": 100, "floor": 0}}
DORA = Entry("3", ("dora@example.com",))


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    """They take seconds to make."""
    return Worlds()


@pytest.fixture
def quiet(worlds: Worlds) -> Quiet:
    """Alice and Bob are synced; from now on, no index shows anything that is written."""
    quiet = Quiet(worlds.world(1))
    quiet.world.directories["corp"].become([ALICE, BOB])
    quiet.sync(whole=True)
    quiet.world.cloud.lag = True
    return quiet


@pytest.mark.parametrize("whole", [False, True])
def test_whoever_joined_with_the_last_run_and_left_is_missed(quiet: Quiet, *, whole: bool) -> None:
    """Also before the index shows that they ever came."""
    quiet.world.directories["corp"].become([ALICE, BOB, DORA])
    quiet.sync()
    assert "dora@example.com" in quiet.links()
    quiet.world.directories["corp"].become([ALICE, BOB])
    quiet.sync(whole=whole)
    assert "dora@example.com" not in quiet.links()


@pytest.mark.parametrize("whole", [False, True])
def test_an_alias_that_was_linked_with_the_last_run_and_is_gone_is_unlinked(quiet: Quiet, *, whole: bool) -> None:
    """The index shows the mailbox without it, as the directory has it again."""
    quiet.world.directories["corp"].become([Entry("1", ALICE.primaries, ("a1@example.com", "a2@example.com")), BOB])
    quiet.sync()
    assert "alice@example.com" == quiet.links()["a2@example.com"]
    quiet.world.directories["corp"].become([ALICE, BOB])
    quiet.sync(whole=whole)
    assert "a2@example.com" not in quiet.links()


def test_a_run_that_was_approved_counts_as_the_last(quiet: Quiet) -> None:
    """What it wrote is read from the table, too."""
    quiet.world.directories["corp"].become([Entry("9", ("b1@example.com",), ("alice@example.com",)), DORA])
    quiet.ask("PUT /directories/corp", CAUTIOUS)
    run = next(run for run in quiet.sync() if run["source"] == "directory:corp")
    assert "held" == run["status"]
    assert 202 == quiet.ask(f"POST /runs/{run['run']}/approve", {"digest": run["digest"]}).status
    assert "dora@example.com" in quiet.links()
    quiet.world.directories["corp"].become([Entry("9", ("b1@example.com",), ("alice@example.com",))])
    quiet.ask("PUT /directories/corp", DIRECTORY | {"limits": {"count": 10, "percent": 100, "floor": 10}})
    quiet.sync()
    assert "dora@example.com" not in quiet.links()
