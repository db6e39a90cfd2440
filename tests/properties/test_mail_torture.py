"""Whatever happens to a message on its way, it is kept; each damage is told by its seed, and is the same every time."""

import pytest

from tests.evil_mail import traps
from tests.ingestion import require_kept
from tests.mail import raw_message
from tests.mutations import mutated

SEEDS = 2_000
BATCH = 100
LARGEST = 32 * 1024
MESSAGES = [raw_message(), *(trap.raw for trap in traps() if len(trap.raw) < 20_000)]


@pytest.mark.parametrize("first", range(0, SEEDS, BATCH))
def test_a_damaged_message_is_kept(first: int) -> None:
    """All that is promised of any bytes holds of these."""
    for seed in range(first, first + BATCH):
        try:
            require_kept(mutated(seed, MESSAGES, LARGEST))
        except Exception as refusal:
            refusal.add_note(f"The seed is {seed}.")
            raise
