"""Waiting for what happens by events: asked again and again, never slept for."""

import time
from collections.abc import Callable


def until[T](ask: Callable[[], T], wanted: Callable[[T], object] = bool, within: float = 30) -> T:
    """The first answer that is as wanted; after ``within`` seconds the last one, for the assertion to show."""
    deadline = time.monotonic() + within
    while not wanted(answer := ask()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return answer
