"""A directory, spreadsheets, administrators, reverts, mail and readers at once, on the same eight addresses."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from addresses.table import Table
from local.outputs import Outputs
from local.slapd import Slapd
from tests.races import audit, by_condition
from tests.races.rounds import Figures, Rounds
from tests.races.world import opened
from tests.table import create_table, everything

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ROUNDS = 3
SOME_RACES, MANY_RACES = 4, 20


@pytest.fixture
def seed() -> int:
    """Chance, which a failing test tells."""
    chosen = secrets.randbelow(10**9)
    print(f"seed {chosen}")  # noqa: T201 - pytest shows it with a failure
    return chosen


@pytest.mark.timeout(400)
def test_whatever_sixteen_do_at_once_breaks_no_rule(stack: Outputs, slapd: Slapd, seed: int, tmp_path: Path) -> None:
    """After each round all holds that has to hold at rest; `make races` does many more of them."""
    figures = Figures()
    with opened(stack, slapd) as world:
        rounds = Rounds(world, seed, tmp_path, figures)
        for number in range(ROUNDS):
            assert [] == rounds.go(number), f"{tmp_path} has what each round did; seed {seed}\n{figures}"
    assert {"link", "open", "close"} <= figures.steps.keys(), figures


@pytest.mark.timeout(300)
def test_without_the_condition_of_every_write_the_audit_finds_what_breaks(
    dynamodb: "DynamoDBClient", seed: int
) -> None:
    """And with it, the same wishes at once break nothing."""
    assert [] == broken(dynamodb, dynamodb, seed, "careful", SOME_RACES)
    careless: Any = by_condition.Careless(dynamodb)
    assert [] != broken(dynamodb, careless, seed, "careless", MANY_RACES)


def broken(dynamodb: "DynamoDBClient", client: "DynamoDBClient", seed: int, name: str, races: int) -> list[str]:
    """What the audit finds after some races of this client, as soon as it finds anything."""
    create_table(dynamodb, name)
    found: list[str] = []
    for number in range(races):
        by_condition.race(Table(client, name), f"{seed}-{number}")
        found += audit.book(everything(dynamodb, name))
        if found:
            break
    dynamodb.delete_table(TableName=name)
    return found
