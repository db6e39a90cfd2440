"""`make mail-corpora`: every message that other parsers are tested with, as it is and damaged 100,000 times, is kept.

Each is taken the whole way up to the table, in a process of its own that may not hang, crash or take a second. What
fails is named by its seed, and done again by it: `--seed 4711 --save failed.eml`, with the same corpora.
"""

import argparse
import multiprocessing
import os
import signal
import sys
import tempfile
import traceback
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.benchmarks.foreign_mail import DISTRIBUTIONS, PYTHON, of_distribution, of_path, of_python
from tests.ingestion import require_kept
from tests.mutations import mutated

MUTATIONS = 100_000
HUNG_SECONDS = 30
OTHERS = 2
SLOWEST = 10
TOLD_EVERY = 10_000
_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Case:
    """A message as it is (a negative number tells which), or damaged by this seed."""

    seed: int
    messages: list[bytes]

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        return self.messages[-1 - self.seed] if self.seed < 0 else mutated(self.seed, self.messages)


@dataclass(frozen=True)
class Answer:
    """What a child says of a case: seconds of CPU, bytes, the mark, and what went wrong."""

    seconds: float
    size: int
    unparsed: str | None = None
    failure: str | None = None


@dataclass
class Figures:
    """What came out."""

    done: Counter[str] = field(default_factory=Counter)
    unparsed: Counter[str] = field(default_factory=Counter)
    slowest: list[tuple[float, int, int]] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)

    def note(self, seed: int, answer: Answer) -> None:
        """Count what came of a case."""
        kind = "as they are" if seed < 0 else "mutations"
        self.done[kind] += 1
        self.unparsed[kind] += answer.unparsed is not None
        self.slowest = sorted([*self.slowest, (answer.seconds, answer.size, seed)], reverse=True)[:SLOWEST]
        if answer.failure:
            self.failed[seed] = answer.failure
            print(f"FAILED {seed}: {answer.failure}", flush=True)
        if self.done.total() % TOLD_EVERY == 0:
            print(f"{self.done.total():,} done, {len(self.failed)} failed", flush=True)


def main() -> int:
    """Collect, ingest, print; 0 if there were corpora enough and none of it failed."""
    asked = _asked()
    messages, missing = collected(asked.pip, asked.more)
    if asked.seed is not None:
        raw = Case(asked.seed, messages).raw
        if asked.save:
            asked.save.write_bytes(raw)
        print(f"{len(raw):,} bytes, which begin with {raw[:300]!r}")
        require_kept(raw)
        return 0
    figures = ingested_all(messages, [*range(-len(messages), 0), *range(asked.first, asked.first + asked.mutations)])
    told(figures)
    return 1 if missing or figures.failed else 0


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("more", nargs="*", type=Path, help="archives or folders with more messages in their tests")
    parser.add_argument("--pip", type=Path, default=Path(".venv-sam/bin/pip"), help="what fetches the distributions")
    parser.add_argument("--mutations", type=int, default=MUTATIONS)
    parser.add_argument("--first", type=int, default=0, help="the seed to begin with")
    parser.add_argument("--seed", type=int, help="ingest this one alone, in this process")
    parser.add_argument("--save", type=Path, help="where to put the message of --seed")
    return parser.parse_args()


def collected(pip: Path, more: list[Path]) -> tuple[list[bytes], bool]:
    """Every message of every corpus, each once, and whether too few corpora could be had."""
    corpora = {PYTHON: of_python()}
    with tempfile.TemporaryDirectory(prefix="alias-addresses-corpora-") as folder:
        for each in DISTRIBUTIONS:
            corpora[each] = of_distribution(each, pip, Path(folder))
    corpora |= {path.name: of_path(path) for path in more}
    for name, found in corpora.items():
        print(f"{name}: {len(found):,} messages" if found else f"MISSING: {name} could not be had, or has no message.")
    messages = sorted({raw for found in corpora.values() for raw in found})
    about = sha256(b"".join(sha256(raw).digest() for raw in messages)).hexdigest()[:12]
    print(f"In all {len(messages):,} different messages, known together as {about}.", flush=True)
    had = sum(1 for name, found in corpora.items() if found and name != PYTHON)
    too_few = not corpora[PYTHON] or had < OTHERS
    if too_few:
        print(f"MISSING: CPython's tests and {OTHERS} other corpora are needed; this run proves less.", file=sys.stderr)
    return messages, too_few


def ingested_all(messages: list[bytes], seeds: list[int]) -> Figures:
    """Take each in a child process; one that ends it, or hangs, has failed, and another child goes on behind it."""
    figures, position = Figures(), 0
    while position < len(seeds):
        here, there = _fork.Pipe(duplex=False)
        child = _fork.Process(target=_work, args=(messages, seeds[position:], there))
        child.start()
        there.close()
        position += _followed(child, here, figures, messages, seeds[position:])
    return figures


def _followed(
    child: BaseProcess, answers: Connection, figures: Figures, messages: list[bytes], seeds: list[int]
) -> int:
    """How many seeds the child has done, the last of which may have been its end."""
    for done, seed in enumerate(seeds):
        answer = None
        with suppress(EOFError):
            answer = answers.recv() if answers.poll(HUNG_SECONDS) else "hung"
        if isinstance(answer, Answer):
            figures.note(seed, answer)
            continue
        if answer == "hung" and child.pid:
            os.kill(child.pid, signal.SIGKILL)
        child.join()
        what = f"The process {answer or 'ended'} ({child.exitcode})."
        figures.note(seed, Answer(HUNG_SECONDS, len(Case(seed, messages).raw), failure=what))
        return done + 1
    child.join()
    return len(seeds)


def _work(messages: list[bytes], seeds: list[int], answers: Connection) -> None:
    for seed in seeds:
        raw = Case(seed, messages).raw
        try:
            found = require_kept(raw)
            answer = Answer(found.seconds, len(raw), found.message.unparsed)
        except BaseException as error:  # noqa: BLE001 - a parser in Rust panics with no Exception
            at = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {str(error)[:300]} ({Path(at.filename).name}:{at.lineno})"
            answer = Answer(0, len(raw), failure=what)
        answers.send(answer)


def told(figures: Figures) -> None:
    """A line for each thing that was measured."""
    for kind, number in figures.done.items():
        print(f"{kind}: {number:,} ingested, {figures.unparsed[kind]:,} of them marked unparsed")
    print(f"failed: {len(figures.failed):,} {sorted(figures.failed)[:50] or ''}")
    for seconds, size, seed in figures.slowest:
        print(f"slowest: {seconds * 1000:.0f} ms of CPU for {size:,} bytes, seed {seed}")


if __name__ == "__main__":
    sys.exit(main())
