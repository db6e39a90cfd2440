"""`make fuzz`: inputs that reach new code, made by a fuzzer that watches the parsers (libFuzzer, through atheris).

Each target is a process of its own, since code is instrumented when it is imported. What was found to reach anything
new is kept in ``.fuzzing/<target>/corpus``, and the next run goes on from there; an input that breaks a promise is kept
beside it, and ends its target. Put it into ``tests/fuzzing/found/<target>/``, mend what it shows, and it is tried by
``make test`` from then on.
"""

import argparse
import re
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path

from tests.fuzzing.inputs import TARGETS, seeds

KEPT = Path(".fuzzing")
# Ours, and the parsers in Python that it uses.
WATCHED = [
    *("addresses", "archive_api", "directory_sync", "link_api", "mail_ingest", "spreadsheet_import"),
    *("email", "email_validator", "idna", "ldap3", "pyasn1"),
]
# Where what is read is text or XML, longer inputs show nothing that shorter ones do not.
_LONGEST = 16 * 1024
_HUNG_SECONDS = 30
_MEMORY_MEBIBYTES = 1536
_EXECUTED = re.compile(r"stat::number_of_executed_units: (\d+)")
_COVERED = re.compile(r"cov: (\d+)")


def main() -> int:
    """Fuzz the targets that are asked for, one after the other; 0 if nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = f"of {', '.join(TARGETS)}; all of them, if none is named"
    parser.add_argument("targets", nargs="*", metavar="target", help=every)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--here", action="store_true", help="fuzz one target in this process, to its end")
    asked = parser.parse_args()
    if asked.here:
        _fuzz(asked.targets[0], asked.seconds, asked.seed)
    return max([_fuzzed(target, asked.seconds, asked.seed) for target in asked.targets or TARGETS])


def _fuzzed(target: str, seconds: int, seed: int) -> int:
    """Whether the target's own process found anything; what it came to is printed as a row of a table."""
    command = [sys.executable, "-m", "tests.fuzzing", target, f"--seconds={seconds}", f"--seed={seed}", "--here"]
    begun = time.monotonic()
    ended = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    executed, covered = _EXECUTED.findall(ended.stderr), _COVERED.findall(ended.stderr)
    took = time.monotonic() - begun
    found = "nothing" if not ended.returncode else f"SEE {KEPT / target / 'log'}"
    (KEPT / target / "log").write_text(ended.stdout + ended.stderr, encoding="utf-8")
    print(
        f"| {target} | {int((executed or [0])[-1]):,} | {took:.0f} | {(covered or ['?'])[-1]} | {found} |", flush=True
    )
    return int(bool(ended.returncode))


def _fuzz(target: str, seconds: int, seed: int) -> None:
    """Fuzz in this process, which this ends."""
    import atheris  # noqa: PLC0415 - it is installed for `make fuzz` alone

    corpus, start = KEPT / target / "corpus", KEPT / target / "seeds"
    for folder in (corpus, start):
        folder.mkdir(parents=True, exist_ok=True)
    with atheris.instrument_imports(include=WATCHED):
        check = import_module(f"tests.fuzzing.targets.{target}").check
    for number, raw in enumerate(seeds(target)):
        (start / f"{number:04}").write_bytes(raw)
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "max_len": _LONGEST,
        "timeout": _HUNG_SECONDS,
        "rss_limit_mb": _MEMORY_MEBIBYTES,
        "artifact_prefix": f"{KEPT / target}/",
        "print_final_stats": 1,
    }
    atheris.Setup([target, *(f"-{name}={value}" for name, value in options.items()), str(corpus), str(start)], check)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
