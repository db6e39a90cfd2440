"""A row of the table of figures, and how what stands in it is measured."""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import batched
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """``here`` is what was measured of this project, ``beside`` the floor or the peer, ``ratio`` the one by the other.

    ``met`` is whether the target is; None if there was nothing to compare with.
    """

    work: str
    here: str
    beside: str
    ratio: str
    target: str
    met: bool | None


def at_most(work: str, here: float, peer: str, beside: float, most: float) -> Row:
    """A row of something that should take no more than so many times the seconds that the peer takes."""
    ratio = here / beside
    return Row(work, f"{here:.2f} s", f"{peer}: {beside:.2f} s", f"{ratio:.2f} x", f"<= {most:g} x", ratio <= most)


def at_least(work: str, here: float, peer: str, beside: float, least: float) -> Row:
    """A row of something of which there should be at least so many times in a second what the peer does."""
    ratio = here / beside
    told = f"{here:,.0f}/s", f"{peer}: {beside:,.0f}/s"
    return Row(work, *told, f"{ratio:.2f} x", f">= {least:g} x", ratio >= least)


def cpu(once: Callable[[], object], times: int = 1) -> float:
    """Seconds of this process's CPU that it takes: of several times the best."""
    best = float("inf")
    for _ in range(times):
        began = time.process_time()
        once()
        best = min(best, time.process_time() - began)
    return best


class Watch:
    """Adds up the CPU that is spent in parts of a loop, so that making what is worked on does not count."""

    def __init__(self) -> None:
        """Nothing was spent."""
        self.seconds = 0.0

    def each[T, R](self, given: Iterable[T], work: Callable[[Iterable[T]], R], some: int = 1000) -> Iterator[R]:
        """What the work makes of so many at a time, which are made before its time begins."""
        for portion in batched(given, some, strict=False):
            began = time.process_time()
            result = work(portion)
            self.seconds += time.process_time() - began
            yield result


def peak() -> int:
    """The most memory that this process ever had, in MiB."""
    # Not getrusage, which counts what the process was before it became this program.
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) // 1024
