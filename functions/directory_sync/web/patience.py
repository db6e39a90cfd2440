"""How long to wait before a web service is asked again, and by which clock."""

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

_LONGEST_GUESS = 60.0


@dataclass(frozen=True)
class Clock:
    """Time as a run sees it: what deadlines are counted in, what the calendar says, and how waiting is done."""

    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def pause(attempt: int, retry_after: str | None, now: float) -> float:
    """Seconds to wait after this many attempts: what the service asks for, else twice as long each time, by guess.

    ``retry_after`` is the field of RFC 9110 section 10.2.3, seconds or a date. One that asks for no pause at all, or
    that cannot be read, counts as none: several of Graph's services send none when they are busy.
    """
    asked = _asked(retry_after, now) if retry_after else 0
    if asked > 0:
        return asked
    guess: float = min(_LONGEST_GUESS, 2.0 ** min(attempt - 1, 10))
    # Those who were refused at the same moment do not all come back at the same moment.
    return guess * random.uniform(0.5, 1)  # noqa: S311 - it spreads requests over time and protects nothing


def _asked(retry_after: str, now: float) -> float:
    if re.fullmatch(r"[0-9]{1,9}", retry_after.strip()):
        return float(retry_after)
    try:
        date = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0
    # A date in "-0000" comes without a zone; HTTP's are always GMT.
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now
