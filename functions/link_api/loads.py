"""The routes of bulk loads: which there were, and what became of their messages."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Literal
from urllib.parse import unquote

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import AfterValidator, StringConstraints

from addresses import cursor as cursors
from addresses.errors import NoSuchLoad
from addresses.load import LoadName, LoadOutcome, LoadResult
from addresses.load_items import (
    CONTAINER,
    COUNT,
    LOADS,
    RESULT,
    container_from,
    counts_from,
    load_partition,
    result_from,
    results_of,
)
from addresses.problem import answers
from addresses.table import Item
from addresses.text import one_line
from link_api.app import app, table
from link_api.listing import BEFORE_ALL
from link_api.load_models import ContainerAnswer, LoadAnswer, LoadListed, LoadPage, MessageResult

TAGS = ["Loads"]
_AFTER_ALL = "~"
_CONTAINERS_SHOWN = 1000
Name = Annotated[str, StringConstraints(min_length=1, max_length=1024), AfterValidator(unquote)]


@app.get("/loads", summary="List bulk loads", tags=TAGS, responses=answers(200, 422))
def list_loads(
    cursor: Annotated[str | None, Query()] = None, limit: Annotated[int, Query(ge=1, le=100)] = 50
) -> LoadPage:
    """What was put under ``import/`` of the mail bucket, by its first folder or its file, the newest first."""
    before = (cursors.take(LOADS, cursor) if cursor else "") or _AFTER_ALL
    found = [item["listed_as"] for item in table().list_page(LOADS, before, limit, newest_first=True)]
    return LoadPage(
        loads=[LoadListed(name=name, begun_at=at) for at, _, name in (each.partition("#") for each in found)],
        next=cursors.give(LOADS, found[-1]) if len(found) == limit else None,
    )


@app.get("/loads/<name>", summary="Read a bulk load", tags=TAGS, responses=answers(200, 404, 422))
def read_load(
    name: Name,
    outcome: Annotated[Literal["nobody", "ignored", "failed"] | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> LoadAnswer:
    """How far it has come, and a page of what became of its messages: of all, or of those with one ``outcome``."""
    load = LoadName(name)
    item = table().get((load_partition(load), "LOAD"))
    if item is None:
        raise NoSuchLoad(f"There is no load {one_line(name)}. GET /loads lists those that there are.")
    listing = f"results of {name} {outcome or ''}"
    # The checksum of a cursor is no secret, and in one that somebody made up the position may be empty.
    beyond = (cursors.take(listing, cursor) if cursor else "") or BEFORE_ALL
    found = _of_outcome(load, LoadOutcome(outcome), beyond, limit) if outcome else _results(load, beyond, limit)
    return LoadAnswer(
        name=name,
        begun_at=item["begun_at"],
        counts={LoadOutcome(each): count for each, count in counts_from(_items(load, COUNT)).items() if count},
        containers=[
            ContainerAnswer.of(container_from(each)) for each in islice(_items(load, CONTAINER), _CONTAINERS_SHOWN)
        ],
        messages=[MessageResult.of(each) for each in found],
        next=cursors.give(listing, found[-1].position) if len(found) == limit else None,
    )


def _items(load: LoadName, prefix: str) -> Iterator[Item]:
    return table().partition(load_partition(load), prefix)


def _results(load: LoadName, beyond: str, limit: int) -> list[LoadResult]:
    """The results after this position."""
    items = table().partition(load_partition(load), RESULT, f"{RESULT}{beyond}")
    found = (result_from(item) for item in items)
    return list(islice((each for each in found if each.position > beyond), limit))


def _of_outcome(load: LoadName, outcome: LoadOutcome, beyond: str, limit: int) -> list[LoadResult]:
    """The results after this position that have the outcome."""
    keys = [(item["pk"], item["sk"]) for item in table().list_page(results_of(load, outcome), beyond, limit)]
    items = table().get_many(keys)
    return [result_from(items[key]) for key in keys if key in items]
