"""Whatever call of AWS meets whatever fault, doing it again ends where it would have ended without: nothing is lost."""

import logging
from collections.abc import Iterator

import pytest

from local import template
from tests.simulation.beginning import Worlds
from tests.simulation.cases import CASES, Case
from tests.simulation.each_call import done, each_call


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """They take seconds to make; what the functions would log of all the faults is of no use here."""
    logging.disable(logging.CRITICAL)
    yield Worlds()
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_fault_at_any_call_changes_nothing_in_the_end(worlds: Worlds, case: Case) -> None:
    """Refused, carried out unheard, carried out twice, done in part, in conflict, or the end of the process."""
    tried = list(each_call(worlds, case))
    assert len(tried) >= 5
    assert [] == [each for each in tried if each.differs]


def test_every_function_that_calls_aws_is_among_them(worlds: Worlds) -> None:
    """But the one that describes the API, which calls nothing."""
    resources = template.load()["Resources"].values()
    handlers = {each["Properties"]["Handler"] for each in resources if each["Type"] == "AWS::Serverless::Function"}
    seen = {call.function for case in CASES for call in done(worlds, case)[0]}
    assert {handler.partition(".")[0] for handler in handlers} == {*seen, "api_description"}
