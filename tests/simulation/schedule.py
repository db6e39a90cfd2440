"""One schedule: acts and deliveries, interleaved at every call while AWS misbehaves; then a calm, and a reckoning.

``python -m tests.simulation 17`` runs the schedule of seed 17 again.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any

from addresses.directory_items import directory_from, directory_key
from addresses.run import RunStatus
from addresses.step import KINDS
from addresses.wire import plain
from tests.simulation.acts import CORP, OTHER, THEMES, ask
from tests.simulation.by_the_rules import require_as_directories_say
from tests.simulation.cloud import Invocation, Violated
from tests.simulation.delivery import Delivery
from tests.simulation.faults import Fault, carried_out, possible
from tests.simulation.figures import Figures
from tests.simulation.reckoning import require_explained_tenures, require_filed_mail
from tests.simulation.world import MOST_SKEW, World

# So many rounds of deliveries must bring everything to rest, once nothing goes wrong any more.
CALM_ROUNDS = 20
SYNCS = 8
# What a function says of an event that it cannot handle, though nothing happened to its calls.
REFUSALS = {"NotBeingApplied"}
# The acts that change links beside the directories.
BY_HAND = {"by_hand", "upload", "decide"}


@dataclass
class Schedule:
    """The schedule of a seed in a world. ``calls`` and ``acts`` tell how much there was of it."""

    world: World
    seed: int
    acts: Counter[str] = field(default_factory=Counter)
    invocations: int = 0

    def __post_init__(self) -> None:
        """Draw how wild it is."""
        self.world.cloud.calls = 0
        self.world.cloud.happened.clear()
        self.random = Random(self.seed)  # noqa: S311 - it is repeated, not guessed
        self.left = self.random.randrange(1, 7)
        self.theme = self.random.choice(THEMES)
        self.sticky = self.random.choice([0.0, 0.5, 0.9])
        self.fault_rate = self.random.choice([0.0, 0.01, 0.03, 0.1])
        self.again_rate = self.random.choice([0.0, 0.2])
        self.world.breaks = self.random.choice([0.0, 0.0, 0.1])
        self.world.cloud.lag = self.random.random() < 0.5
        self.world.cloud.random = self.random
        self.world.cloud.fate = self._fate
        skewed = self.random.random() < 0.3
        for container in self.world.cloud.containers:
            container.random = self.random
            container.skew = MOST_SKEW * self.random.uniform(-1, 1) if skewed else timedelta()

    def run(self) -> None:
        """Run it to its end. Every fourth also finds out whether all comes right again, which takes longer.

        Raises:
            Violated: something did not hold that always must.
        """
        while self._step():
            pass
        self.calm()
        self.come_to_rest()
        require_filed_mail(self.world)
        if self.seed % 4 == 0:
            self._sync_until_all_is_as_the_directories_say()
            self._nothing_changes_when_all_comes_again()
        require_explained_tenures(self.world)

    def figures(self) -> Figures:
        """What there was of it, so far."""
        cloud = self.world.cloud
        return Figures(1, cloud.calls, self.invocations, self.acts, self.world.statuses, Counter(cloud.happened))

    # While everything goes wrong.

    def _step(self) -> bool:
        """Let one thing happen; False if there is nothing left that could."""
        world, random = self.world, self.random
        world.post.collect()
        if world.running and random.random() < self.sticky:
            self._go_on(world.running[-1])
            return True
        ways = [(self._go_on, each) for each in world.running]
        free = len(world.running) < world.cloud.size
        if free and world.post.waiting:
            ways.append((self._begin, random.choice(world.post.waiting)))  # type: ignore[arg-type]
        if world.post.mail:
            ways.append((self._take_mail, None))  # type: ignore[arg-type]
        if self.left:
            ways.append((self._act, None))  # type: ignore[arg-type]
        if not ways:
            return False
        if world.cloud.store.behind and random.random() < 0.3:
            world.cloud.store.replicate(random.randrange(1, 4))
        way, what = random.choice(ways)
        way(what)
        return True

    def _act(self, _nothing: None) -> None:
        self.left -= 1
        [act] = self.random.choices([*self.theme], [*self.theme.values()])
        self.acts[act.__name__] += 1
        act(self.world, self.random)

    def _take_mail(self, _nothing: None) -> None:
        self.world.post.take_mail(self.random.randrange(1, 4))

    def _begin(self, delivery: Delivery) -> None:
        invocation = self.world.cloud.invoke(delivery.function, delivery.event)
        assert invocation is not None
        self.invocations += 1
        self.world.post.waiting.remove(delivery)
        invocation.began = len(self.world.watch.moments) - 1
        self.world.running.append((invocation, delivery))
        self._go_on((invocation, delivery))

    def _go_on(self, running: tuple[Invocation, Delivery]) -> None:
        invocation, delivery = running
        invocation.go_on()
        if not invocation.ended:
            return
        self.world.running.remove(running)
        if not invocation.crashed and invocation.failure is None:
            self._ended(invocation, delivery)
            return
        if invocation.failure and not invocation.disturbed and type(invocation.failure).__name__ not in REFUSALS:
            raise Violated(f"{invocation.function} failed of itself: {invocation.failure!r}, asked {invocation.event}")
        delivery.tries -= 1
        if delivery.tries:
            self.world.post.waiting.append(delivery)
        else:
            delivery.given_up(repr(invocation.failure))

    def _ended(self, invocation: Invocation, delivery: Delivery) -> None:
        if delivery.may_come_again:
            self.world.post.delivered.append((delivery.function, delivery.event))
            if self.random.random() < self.again_rate:
                self.world.post.waiting.append(Delivery(delivery.function, delivery.event, 1))
        delivery.ended(invocation)

    def _fate(self, _invocation: Invocation, service: str, operation: str) -> Fault:
        if self.random.random() >= self.fault_rate:
            return carried_out
        return self.random.choice(possible(service, operation))

    # Once it does not any more.

    def calm(self) -> None:
        """AWS behaves again, and clocks are right."""
        self.fault_rate = self.again_rate = self.world.breaks = 0.0
        self.world.cloud.lag = False
        self.world.cloud.store.replicate()
        for container in self.world.cloud.containers:
            container.skew = timedelta()

    def come_to_rest(self) -> None:
        """Everything is delivered, dead letters too: the cause is gone, so they are handled."""
        for _ in range(CALM_ROUNDS):
            while self._step():
                pass
            if not self.world.post.redrive():
                return
        raise Violated("Dead letters are never handled, though nothing goes wrong any more.")

    def _sync_until_all_is_as_the_directories_say(self) -> None:
        """Some syncs later there is nothing left to do, however the directories are read.

        What was changed by hand, only reading all finds.
        """
        self.world.dead_runs_are_over()
        for name, entries in (("corp", CORP), ("other", OTHER)):
            if not self.world.directories[name].entries_by_id:
                # A directory without anybody is not believed, however often it says so.
                self.world.directories[name].put(*entries)
        if not self.acts.keys() & BY_HAND:
            self._sync_until_nothing_is_left(whole=False)
            if not self._nothing_left(whole=True):
                raise Violated(
                    "Reading all finds what asking for changes did not, though nobody changed links by hand."
                )
        self._sync_until_nothing_is_left(whole=True)
        if not self._nothing_left(whole=False):
            raise Violated("Asking for changes finds what reading all did not.")
        require_as_directories_say(self.world)

    def _sync_until_nothing_is_left(self, *, whole: bool) -> None:
        for _ in range(SYNCS):
            if self._nothing_left(whole=whole):
                return
        raise Violated(f"After {SYNCS} syncs there still is something to do.")

    def _nothing_left(self, *, whole: bool) -> bool:
        """Sync both directories once, approve what is held, and say whether there was nothing to do."""
        before = {run["run"] for run in self.world.runs()}
        self.world.pass_seconds(60)
        self.world.schedule(whole=whole)
        self.come_to_rest()
        new = [run for run in self.world.runs() if run["run"] not in before]
        if len(new) != len(self.world.directories):
            raise Violated(f"Of {len(self.world.directories)} syncs, {len(new)} have a run.")
        for run in new:
            if run["status"] == RunStatus.HELD:
                ask(self.world, f"POST /runs/{run['run']}/approve", {"digest": run["digest"]})
            elif run["status"] not in {RunStatus.APPLIED, RunStatus.REJECTED}:
                raise Violated(f"A quiet sync is {run['status']}: {run.get('because')}")
            if run["status"] == RunStatus.REJECTED:
                # Somebody decided against just this, and now does as they are told in order to be asked once more.
                name = run["source"].removeprefix("directory:")
                known = directory_from(plain(self.world.cloud.store.items[directory_key(name)]))
                ask(self.world, f"PUT /directories/{name}", known.model_dump(mode="json"))
        self.come_to_rest()
        return all(map(_did_nothing, new))

    def _nothing_changes_when_all_comes_again(self) -> None:
        """I5: every event, order and part that was ever delivered."""
        before = dict(self.world.cloud.store.items)
        delivered, self.world.post.delivered = self.world.post.delivered, []
        for function, event in delivered:
            self.world.post.waiting.append(Delivery(function, event, 1, given_up=_refused))
        self.come_to_rest()
        after = self.world.cloud.store.items
        changed = sorted(key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
        # A scheduled order that met another run had left no trace: it is carried out now, and finds nothing to do.
        late = {key for key in changed if key not in before and key[1] == "RUN" and _did_nothing(plain(after[key]))}
        changed = [key for key in changed if key not in late and not (late and key[1] == "STATE")]
        if changed:
            raise Violated(f"What was delivered again changed {changed}: {_difference(before, after, changed[0])}")


def _did_nothing(run: dict[str, Any]) -> bool:
    return run["status"] == RunStatus.APPLIED and not any(run["counts"][kind] for kind in KINDS)


def _refused(_why: str) -> None:
    """What can no longer be carried out is refused, which changes nothing."""


def _difference(before: dict[Any, Any], after: dict[Any, Any], key: Any) -> str:
    return " became ".join(str(plain(items[key])) if key in items else "nothing" for items in (before, after))
