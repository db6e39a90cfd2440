"""What is fuzzed, and the inputs to begin with: a target's own, and those that once broke a promise."""

from importlib import import_module
from pathlib import Path

_HERE = Path(__file__).parent
FOUND = _HERE / "found"
# Each has ``seeds``, what its fuzzing begins with, and ``check``, which raises if a promise is broken.
TARGETS = sorted(path.stem for path in (_HERE / "targets").glob("*.py"))


def seeds(target: str) -> list[bytes]:
    """The inputs that a target's fuzzing begins with."""
    own: list[bytes] = list(import_module(f"tests.fuzzing.targets.{target}").seeds())
    return [*own, *found(target)]


def found(target: str) -> list[bytes]:
    """The inputs that broke a promise of the target at one time."""
    return [path.read_bytes() for path in sorted((FOUND / target).glob("*"))]
