"""One round after the other: the directory changes, sixteen act at once, and when all is at rest it is looked at."""

import json
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from addresses.address import Address
from addresses.mailbox import Existing
from addresses.outcome import Verdict
from addresses.run import Run, RunStatus
from addresses.run_items import STEPS, outcomes_from
from addresses.step import KINDS, kind
from addresses.table import Item
from tests.races import audit, rest, staff
from tests.races.acts import Act, Before, Sheet, chosen
from tests.races.crowd import Crowd, Noted
from tests.races.world import World
from tests.table import address_book
from tests.waiting import until

# How many rounds begin with a sync of a directory that was reorganised.
OFTEN = 0.6


@dataclass
class Figures:
    """What all rounds came to."""

    rounds: int = 0
    seconds: float = 0
    answers: Counter[str] = field(default_factory=Counter)
    runs: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    messages: int = 0
    violations: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """As they are published."""
        tables = {"answers": self.answers, "runs": self.runs, "steps": self.steps}
        lines = [
            f"{name}: {sum(counted.values())}: {', '.join(f'{what} {n}' for what, n in sorted(counted.items()))}"
            for name, counted in tables.items()
        ]
        first = f"rounds {self.rounds}, messages {self.messages}, violations {len(self.violations)}"
        return "\n".join([f"{first}, seconds {self.seconds:.0f}", *lines])

    def add(self, noted: Iterable[Noted], runs: Iterable[Run], steps: Iterable[Item], violations: list[str]) -> None:
        """Count one round."""
        self.rounds += 1
        for each in noted:
            said = each.said if each.status >= 400 and isinstance(each.said, dict) else {}
            if each.status:
                self.answers[f"{each.status} {said.get('type', said.get('errorType', ''))}".strip()] += 1
            else:
                self.messages += each.what.startswith("sent ")
        self.runs.update(f"{each.kind} {each.status}" for each in runs)
        for item in steps:
            for outcome in outcomes_from(item):
                applied = outcome.verdict is Verdict.APPLIED
                self.steps[kind(outcome.step) if applied else outcome.verdict.value] += 1
        self.violations += violations


@dataclass
class Rounds:
    """Rounds in one world, each chosen by ``seed`` and its number, each written down in ``folder``."""

    world: World
    seed: int
    folder: Path
    figures: Figures

    def __post_init__(self) -> None:
        """What others left among the dead letters is none of these rounds."""
        while rest.dead_letters(self.world):
            pass

    def go(self, number: int) -> list[str]:
        """One round; the sentences of what was broken."""
        began, world = time.monotonic(), self.world
        chance = Random(f"{self.seed}-{number}")  # noqa: S311 - so that a round can be had again
        known: set[str] = {each.id for each in rest.runs(world)}
        held = self._prepared(chance)
        before = world.items()
        actors = chosen(number, self._before(before, held), chance)
        crowd = Crowd(world)
        crowd.act(actors)
        violations = [*rest.restless(world, known, _sheets(actors)), *audit.answers(crowd.noted)]
        try:
            items = world.items()
            violations += self._looked_at(crowd.noted, before, items, chance) + self._quiet(known, items)
        except httpx.HTTPError as failure:
            violations.append(f"when nobody else asked, the API answered: {failure}")
        new = [each for each in rest.runs(world) if each.id not in known]
        violations += audit.ended(new, world)
        items = world.items()
        steps = [each for each in items if _is_steps(each) and each["pk"].removeprefix("RUN#") not in known]
        self.figures.add(crowd.noted, new, steps, violations)
        self.figures.seconds += time.monotonic() - began
        self._write_down(number, crowd.noted, new, steps, address_book(items), violations)
        return violations

    def _prepared(self, chance: Random) -> Run | None:
        """The directory changes, at times so much that its run is held; then once more, without a run."""
        held: Run | None = None
        if not self.world.staff or chance.random() < OFTEN:
            self._directory(staff.reorganised(self.world.names, chance))
            run = self._sync(whole=True)
            held = run if run.status is RunStatus.HELD else None
        self._directory(staff.changed(self.world.staff, self.world.names, chance))
        return held

    def _before(self, items: Iterable[Item], held: Run | None) -> Before:
        """By what everybody wishes."""
        holders = {
            address: mailbox.primary
            for mailbox in address_book(items).mailboxes.values()
            for address in mailbox.addresses
        }
        own: dict[str, str] = {address: primary for address, primary in holders.items() if address in self.world.names}
        runs = [each for each in rest.runs(self.world) if each.status is RunStatus.APPLIED]
        done = [each.id for each in runs if any(each.counts.get(kind) for kind in KINDS)]
        digest = held.digest if held else ""
        return Before(self.world.names, own, self.world.directory, done[::-1], held.id if held else None, digest)

    def _directory(self, wanted: staff.Staff) -> None:
        staff.write(self.world.slapd.editor, self.world.unit, self.world.staff, wanted)
        self.world.staff = wanted

    def _looked_at(
        self, noted: Sequence[Noted], before: Sequence[Item], items: Sequence[Item], chance: Random
    ) -> list[str]:
        """What is broken now that all is at rest."""
        world, exist = self.world, address_book(items)
        return [
            *audit.book(items),
            *audit.untouched(before, items),
            *audit.mail(world, items),
            *audit.read(world, noted, exist),
            *audit.seen(world, chance.choice(world.names), exist),
            *audit.listed(world, exist),
        ]

    def _quiet(self, known: set[str], before: Sequence[Item]) -> list[str]:
        """A sync alone brings about what the directory says, and leaves nothing to do for the next."""
        world, run = self.world, self._sync(whole=True)
        if run.status is RunStatus.REJECTED:
            # Somebody rejected just this plan in the race.
            world.configure()
            run = self._sync(whole=True)
        if run.status is RunStatus.HELD:
            world.admin.post(f"/runs/{run.id}/approve", json={"digest": run.digest}).raise_for_status()
            run = self._ended(run.id)
        after = world.items()
        bad = [] if run.status is RunStatus.APPLIED else [f"the quiet sync {run.id} is {run.status}: {run.because}"]
        bad += audit.book(after) + audit.untouched(before, after)
        found = world.admin.get(f"/runs/{run.id}/steps", params={"limit": "1000"}).raise_for_status().json()["steps"]
        contested = frozenset(str(each["data"].get("address")) for each in found if each["step"] == "conflict")
        bad += audit.carried_out(world, address_book(after), contested)
        again = self._sync(whole=True, dry_run=True)
        planned = {name: number for name, number in again.counts.items() if name in KINDS and number}
        if planned:
            bad.append(f"after the quiet sync {run.id}, the next, {again.id}, still plans {planned}")
        return bad + rest.restless(world, known, [])

    def _sync(self, **body: bool) -> Run:
        path = f"/directories/{self.world.directory}/sync"
        # The schedule may have come first.
        answer = until(lambda: self.world.admin.post(path, json=body), lambda found: found.status_code != 409)
        return self._ended(answer.raise_for_status().json()["run"])

    def _ended(self, run: str) -> Run:
        return rest.ended(self.world, run)

    def _found(self, run: Run) -> list[str]:
        """What the run found that has no step."""
        if not run.findings:
            return []
        body = self.world.s3.get_object(Bucket=self.world.outputs.plan_bucket, Key=run.findings)["Body"]
        return [each["sentence"] for each in json.load(body)]

    def _write_down(  # noqa: PLR0913, PLR0917
        self,
        number: int,
        noted: Sequence[Noted],
        runs: Sequence[Run],
        steps: Sequence[Item],
        book: Existing,
        violations: Sequence[str],
    ) -> None:
        """What this round did, for whoever has to find out why."""
        said: dict[str, list[Any]] = {}
        for item in steps:
            short = [(each["sentence"], each["outcome"], each.get("reason", "")) for each in item["steps"]]
            said.setdefault(item["pk"].removeprefix("RUN#"), []).append((item["sk"], short))
        whole = {
            "seed": self.seed,
            "round": number,
            "violations": violations,
            "directory": {uid: asdict(person) for uid, person in self.world.staff.items()},
            "requests": [asdict(each) for each in sorted(noted, key=lambda each: each.began)],
            "runs": [asdict(each) | {"found": self._found(each), "steps": said.get(each.id, [])} for each in runs],
            "mailboxes": [asdict(each) for each in book.mailboxes.values() if each.is_open],
            "histories": {name: asdict(book.address(name)) for name in map(Address, self.world.names)},
        }
        path = self.folder / f"round-{number:04}.json"
        path.write_text(json.dumps(whole, indent=1, default=str) + "\n")


def _sheets(actors: Iterable[Iterable[Act]]) -> list[str]:
    return [act.key for acts in actors for act in acts if isinstance(act, Sheet)]


def _is_steps(item: Item) -> bool:
    return bool(item["pk"].startswith("RUN#") and item["sk"].startswith(STEPS))
