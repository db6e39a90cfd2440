"""The simulation as a judge of mutants: a schedule that ends in a violation has noticed one."""

import logging

import pytest

from tests.simulation.__main__ import run

EACH = 16


@pytest.mark.parametrize("first", range(0, 4 * EACH, EACH))
def test_schedules_end_without_a_violation(first: int) -> None:
    """Few of them, always the same: a mutant that survives has met them all."""
    logging.disable(logging.CRITICAL)
    try:
        assert [] == run(range(first, first + EACH)).violations
    finally:
        logging.disable(logging.NOTSET)
