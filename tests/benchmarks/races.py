"""`make races ROUNDS=200`: many act at once on the embedded AWS, round after round; what was found is counted.

Each round is written down in `.local/races/<seed>`; with the same seed, everybody wishes for the same again.
"""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from local import ROOT, slapd, stack
from tests.races.rounds import Figures, Rounds
from tests.races.world import opened

# Histories grow with every round, and so does the table that is read whole: after so many, all begin anew.
ON_ONE_STACK = 40


def main() -> None:
    """Do the rounds, and print what they came to; end with 1 if anything was broken."""
    arguments = argparse.ArgumentParser(description="Races on the embedded AWS.")
    arguments.add_argument("--rounds", type=int, default=200)
    arguments.add_argument("--seed", type=int, default=secrets.randbelow(10**9))
    asked = arguments.parse_args()
    figures, folder = Figures(), ROOT / ".local" / "races" / str(asked.seed)
    folder.mkdir(parents=True, exist_ok=True)
    print(f"seed {asked.seed}; the rounds are written down in {folder}", flush=True)
    for first in range(0, asked.rounds, ON_ONE_STACK):
        _on_one_stack(range(first, min(first + ON_ONE_STACK, asked.rounds)), asked.seed, folder, figures)
        print(figures, flush=True)
    sys.exit(bool(figures.violations))


def _on_one_stack(numbers: range, seed: int, folder: Path, figures: Figures) -> None:
    with tempfile.TemporaryDirectory(prefix="alias-addresses-races-") as scratch:
        servers = Path(scratch) / "slapd"
        servers.mkdir()
        with (
            slapd.running(servers) as server,
            stack.running(Path(scratch) / "stack", say=lambda _: None) as outputs,
            opened(outputs, server) as world,
        ):
            rounds = Rounds(world, seed, folder, figures)
            for number in numbers:
                broken = rounds.go(number)
                for sentence in broken:
                    print(f"round {number}: {sentence}", flush=True)
                if broken:
                    # The rounds after it would only tell of the same again.
                    return


if __name__ == "__main__":
    main()
