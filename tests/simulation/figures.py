"""What a number of schedules came to: how many, of what, and which of them found a violation."""

from collections import Counter
from dataclasses import dataclass, field

# So many violations are told one by one.
TOLD = 10


@dataclass
class Figures:
    """``faults``: by function, operation and what happened. ``violations``: seeds, each with what was broken."""

    schedules: int = 0
    calls: int = 0
    invocations: int = 0
    acts: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    faults: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    violations: list[tuple[int, str]] = field(default_factory=list)

    def add(self, other: "Figures") -> None:
        """Add what other schedules came to."""
        self.schedules += other.schedules
        self.calls += other.calls
        self.invocations += other.invocations
        self.acts.update(other.acts)
        self.answers.update(other.answers)
        self.faults.update(other.faults)
        self.violations += other.violations

    def lines(self, seconds: float) -> list[str]:
        """The figures in words."""
        kinds: Counter[str] = Counter()
        for (_, _, kind), number in self.faults.items():
            kinds[kind] += number
        sites = len({(function, operation) for function, operation, _ in self.faults})
        done = f"{self.invocations:,} invocations, {self.calls:,} calls of AWS"
        return [
            f"{self.schedules:,} schedules in {seconds:,.0f} s: {done}",
            f"acts: {_listed(self.acts)}",
            f"answers: {_listed(self.answers)}",
            f"{sum(kinds.values()):,} faults at {sites} call sites: {_listed(kinds)}",
            f"{len(self.violations):,} violations",
            *(f"  seed {seed}: {what[:400]}" for seed, what in sorted(self.violations)[:TOLD]),
        ]


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counted.most_common())
