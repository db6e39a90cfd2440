"""Whether a plan may be carried out unasked. Pure.

A directory that loses a search right, or a base DN mistyped, looks just like a company that dismissed everybody. So a
plan that takes too much away waits for a person.
"""

from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from addresses.plan import Plan

# The steps that take an address away from somebody; opening and linking only give.
TAKING = ("unlink", "relink", "promote", "close")


def _number(value: object) -> object:
    """What is written as a number; ``true`` and ``"5"`` would pass for one."""
    if isinstance(value, bool | str):
        raise ValueError("must be a number")  # noqa: TRY004 - to pydantic, TypeError is a fault of this program
    return value


# More than there are addresses anywhere, and fewer digits than DynamoDB's numbers have.
Number = Annotated[int, BeforeValidator(_number), Field(ge=0, le=10**9)]
Percent = Annotated[
    float, BeforeValidator(_number), Field(ge=0, le=100), AfterValidator(lambda percent: round(percent, 6))
]


@dataclass(frozen=True)
class Limits:
    """How much a run may take away: at most ``count`` and at most ``percent`` of what its source owns.

    Up to ``floor`` is always let through, so that a small organisation is not asked about every leaver.
    """

    # Where they are configured, a limit that is misspelt must not be one that nobody set.
    __pydantic_config__ = ConfigDict(extra="forbid")

    count: Number = 500
    percent: Percent = 10.0
    floor: Number = 10


@dataclass(frozen=True)
class Held:
    """A plan that waits for a person, and the sentence why."""

    because: str


def check(plan: Plan, owned: int, limits: Limits) -> Held | None:
    """None when the plan may be carried out, else why it is held.

    ``owned`` is how many addresses the plan's source has in the table now.
    """
    counts = plan.counts
    taking = sum(counts[name] for name in TAKING)
    if taking <= limits.floor:
        return None
    share = 100 * taking / owned if owned else 100.0
    broken = [
        *([f"the limit of {limits.count}"] if taking > limits.count else []),
        *([f"the limit of {limits.percent:g} %"] if share > limits.percent else []),
    ]
    if not broken:
        return None
    parts = ", ".join(f"{counts[name]} {name}" for name in TAKING if counts[name])
    return Held(
        f"{plan.source} would take away {taking} of its {owned} addresses ({parts}; {share:.1f} %), which is over "
        f"{' and '.join(broken)}. If this is meant, approve the run with its digest within 24 hours; else reject it."
    )
