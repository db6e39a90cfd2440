"""A clock for tests, on which waiting takes no time."""

from dataclasses import dataclass, field

from directory_sync.web.patience import Clock


@dataclass
class Hourglass:
    """Time that passes only when somebody waits; ``slept`` are the seconds of each wait."""

    start: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def deadline(self, seconds: float = 600) -> float:
        """The moment so many seconds after the start."""
        return self.start + seconds

    def clock(self, now: float | None = None) -> Clock:
        """The clock that readers are given; its calendar says ``now``, or what this machine's does."""
        if now is None:
            return Clock(monotonic=self._monotonic, sleep=self.slept.append)
        return Clock(monotonic=self._monotonic, now=lambda: now + sum(self.slept), sleep=self.slept.append)

    def _monotonic(self) -> float:
        return self.start + sum(self.slept)
