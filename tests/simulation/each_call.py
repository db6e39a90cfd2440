"""One thing of each kind is done again and again, and each time another call of AWS meets another fault."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.simulation.beginning import Worlds
from tests.simulation.cases import Case
from tests.simulation.cloud import Invocation
from tests.simulation.faults import Fault, carried_out, name, possible
from tests.simulation.meaning import meaning
from tests.simulation.quiet import Quiet


@dataclass(frozen=True)
class Called:
    """One of the calls that a case makes."""

    function: str
    service: str
    operation: str


@dataclass(frozen=True)
class Tried:
    """A case with a fault at its call of this number; ``differs`` is what came of it that does not without one."""

    call: Called
    number: int
    fault: str
    differs: list[str]


def each_call(worlds: Worlds, case: Case) -> Iterator[Tried]:
    """The case with every fault that there may be at each of its calls.

    What was not handled is delivered again, a client asks again, and then the schedule comes twice.
    """
    calls, expected = done(worlds, case)
    for number, call in enumerate(calls):
        for fault in dict.fromkeys(possible(call.service, call.operation)):
            _, found = done(worlds, case, number, fault)
            differs = [f"+ {each}" for each in found if each not in expected]
            differs += [f"- {each}" for each in expected if each not in found]
            yield Tried(call, number, name(fault), differs)


def done(
    worlds: Worlds, case: Case, at: int | None = None, fault: Fault = carried_out
) -> tuple[list[Called], list[str]]:
    """The calls that the case makes, and what comes of it with this fault at its call of this number."""
    quiet = Quiet(worlds.world(case.begins))
    case.prepare(quiet)
    calls: list[Called] = []

    def fate(invocation: Invocation, service: str, operation: str) -> Fault:
        calls.append(Called(invocation.function, service, operation))
        return fault if len(calls) - 1 == at else carried_out

    quiet.world.cloud.fate = fate
    case.do(quiet)
    quiet.rest()
    quiet.world.cloud.fate = lambda *_: carried_out
    for _ in range(2):
        quiet.sync()
    return calls, meaning(quiet, runs=not case.orders)
