"""What the fuzzer begins with, what it once found, and damage to both of them break no promise.

The fuzzer itself runs by hand, as long as it is told to (``make fuzz``): what it does in a few seconds depends on the
machine, and it has no wheel for every one. This is the same everywhere, each time.
"""

from importlib import import_module

import pytest

from tests.fuzzing.inputs import FOUND, TARGETS, found, seeds
from tests.mutations import mutated

# A second or two of each target; what becomes of damaged messages, the properties of mail show as well.
DAMAGED = {"mail": 200, "sheets": 200}
LARGEST = 16 * 1024


@pytest.mark.parametrize("target", TARGETS)
def test_what_fuzzing_begins_with_breaks_no_promise(target: str) -> None:
    """So that whatever breaks one was found by it."""
    for raw in seeds(target):
        _check(target, raw)


@pytest.mark.parametrize("target", TARGETS)
def test_damaged_inputs_break_no_promise(target: str) -> None:
    """The same damage each time."""
    whole = seeds(target)
    for seed in range(DAMAGED.get(target, 1_000)):
        _check(target, mutated(seed, whole, LARGEST))


def test_whatever_was_found_belongs_to_a_target() -> None:
    """And is no longer than it must be."""
    kept = {folder.name for folder in FOUND.iterdir()}
    assert set() == kept - set(TARGETS)
    assert all(len(raw) <= LARGEST for target in kept for raw in found(target))


def _check(target: str, raw: bytes) -> None:
    try:
        import_module(f"tests.fuzzing.targets.{target}").check(raw)
    except Exception as broken:
        broken.add_note(f"The input is {raw[:2_000]!r}.")
        raise
