"""An entry that was deleted, made anew under another id, and is restored: who is whose mailbox then."""

import pytest

from directory_sync.reader import Entry
from tests.simulation.beginning import Worlds
from tests.simulation.quiet import Quiet


@pytest.mark.parametrize("whole", [False, True])
def test_an_entry_whose_mailboxes_others_took_over_twice_opens_a_third(*, whole: bool) -> None:
    """Each time it was deleted, and another with its primary was made; each time it was restored with a new primary."""
    quiet = Quiet(Worlds().world(1))
    corp = quiet.world.directories["corp"]
    quiet.sync()
    there = list(corp.entries_by_id.values())
    first, second, third = (Entry("7", (f"{name}@example.com",)) for name in ("dora", "dana", "dina"))
    heir, next_heir = Entry("8", first.primaries), Entry("9", second.primaries)
    for entries in ([first], [heir], [heir, second], [heir, next_heir], [heir, next_heir, third]):
        corp.become([*there, *entries])
        [run] = [run for run in quiet.sync(whole=whole) if run["source"] == "directory:corp"]
        assert ("applied", 0) == (run["status"], run["counts"].get("conflict", 0))
    assert {"dora@example.com", "dana@example.com", "dina@example.com"} <= set(quiet.links())
