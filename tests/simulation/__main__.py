"""Runs schedules: ``python -m tests.simulation 17 18`` those of these seeds, ``--schedules 20000`` so many.

A seed is all that it takes to run a schedule again: the same acts, the same interleaving, the same faults.
"""

import argparse
import gc
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterable
from functools import cache

from tests.simulation.beginning import Worlds
from tests.simulation.cloud import Violated
from tests.simulation.figures import Figures
from tests.simulation.schedule import Schedule

AT_ONCE = 250


@cache
def worlds() -> Worlds:
    """Those of this process, which take a second or two to make."""
    gc.set_threshold(100_000)
    logging.disable(logging.CRITICAL)
    return Worlds()


def run(seeds: Iterable[int]) -> Figures:
    """What the schedules of these seeds come to."""
    figures = Figures()
    for seed in seeds:
        world = worlds().world(seed)
        schedule = Schedule(world, seed)
        try:
            schedule.run()
        except Violated as violation:
            figures.violations.append((seed, str(violation)))
        figures.add(schedule.figures())
    return figures


def main() -> int:
    """Run what was asked for, tell what it came to, and fail if something was violated."""
    asked = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    asked.add_argument("seeds", type=int, nargs="*", help="run the schedules of these seeds")
    asked.add_argument("--schedules", type=int, default=0, help="how many to run, one seed after the other")
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    asked.add_argument("--processes", type=int, default=os.cpu_count(), help="how many processes run them")
    given = asked.parse_args()
    seeds = given.seeds or range(given.first, given.first + given.schedules)
    chunks = [seeds[begin : begin + AT_ONCE] for begin in range(0, len(seeds), AT_ONCE)]
    figures, begun = Figures(), time.monotonic()
    with multiprocessing.Pool(min(given.processes, len(chunks) or 1)) as pool:
        for number, found in enumerate(pool.imap_unordered(run, chunks), start=1):
            figures.add(found)
            for seed, what in found.violations:
                print(f"seed {seed}: {what}", flush=True)
            if number % 400 == 0:
                print(f"{figures.schedules:,} schedules, {len(figures.violations)} violations", flush=True)
    print("\n".join(figures.lines(time.monotonic() - begun)))
    return 1 if figures.violations else 0


if __name__ == "__main__":
    sys.exit(main())
