"""The routes of runs: what was done and why, and what an administrator decides of it."""

from datetime import UTC, datetime
from heapq import merge
from http import HTTPStatus
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query
from pydantic import StringConstraints

from addresses import cursor as cursors
from addresses.api import caller_of
from addresses.directory_items import directories
from addresses.errors import RunNotApplied
from addresses.mailbox import MANUAL, SPREADSHEET, RunId, Source, directory_source
from addresses.order import RevertOrder
from addresses.problem import answers
from addresses.run import Run, RunKind, RunStatus, seen_at
from addresses.run_book import read_run
from addresses.run_items import run_from, run_key, runs_of
from link_api import decisions, ordering, run_steps
from link_api.app import app, launcher, plans, table
from link_api.import_progress import progress
from link_api.run_models import ApproveRun, RevertRun, RunAnswer, RunPage, RunStarted, StepAnswer, StepPage

TAGS = ["Runs"]
# Nothing longer can be a run or a source; and DynamoDB takes no key of more than 2,048 bytes.
Word = Annotated[str, StringConstraints(min_length=1, max_length=64)]
_AFTER_ALL = "~"
_AS_IT_IS = RevertRun.model_validate({})


@app.get("/runs", summary="List runs", tags=TAGS, responses=answers(200, 422))
def list_runs(
    source: Annotated[Word | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> RunPage:
    """The newest first: of one source (``directory:<name>``, ``spreadsheet``, ``manual``), or of all that there are.

    Those of a directory that was deleted are listed by its source alone.
    """
    sources = [Source(source)] if source else [MANUAL, SPREADSHEET, *map(directory_source, directories(table()))]
    name = f"runs of {source or 'all'}"
    before = cursors.take(name, cursor) if cursor else _AFTER_ALL
    lists = [table().list_page(runs_of(each), before, limit, newest_first=True) for each in sources]
    keys = [[RunId(item["listed_as"]) for item in found] for found in lists]
    newest = list(merge(*keys, reverse=True))[:limit]
    items = table().get_many(map(run_key, newest))
    found = [_shown(run_from(items[run_key(each)])) for each in newest if run_key(each) in items]
    return RunPage(runs=found, next=cursors.give(name, newest[-1]) if len(newest) == limit else None)


@app.get("/runs/<run>", summary="Read a run", tags=TAGS, responses=answers(200, 404, 422))
def read(run: Word) -> RunAnswer:
    """How far it has come, what it came to, and why it is held or failed."""
    found = read_run(table(), RunId(run))
    return RunAnswer.of(seen_at(found, datetime.now(UTC)), progress(found, table()))


@app.get("/runs/<run>/steps", summary="Read a run's steps", tags=TAGS, responses=answers(200, 404, 422))
def read_steps(
    run: Word,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> StepPage:
    """First what was found and has no step: conflicts, and what was ignored or kept; then the steps, with outcomes."""
    found, following = run_steps.page(read_run(table(), RunId(run)), table(), plans(), cursor, limit)
    steps = [
        StepAnswer(
            step=each["step"],
            sentence=each["sentence"],
            outcome=each.get("outcome"),
            reason=each.get("reason"),
            data=each,
        )
        for each in found
    ]
    return StepPage(steps=steps, next=following)


@app.post(
    "/runs/<run>/approve",
    summary="Have a held run carried out",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(202, 400, 404, 409, 413, 422),
)
def approve_run(run: Word, body: Annotated[ApproveRun, Body()]) -> Response[RunStarted]:
    """Exactly the plan of this digest, once, within 24 hours of its being made."""
    approved = decisions.approve(table(), RunId(run), body.digest, caller_of(app).address, datetime.now(UTC))
    if approved:
        launcher().launch(approved)
    return _accepted(run)


@app.post(
    "/runs/<run>/reject",
    summary="Decide against a held run",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(202, 404, 409, 422),
)
def reject_run(run: Word) -> Response[RunStarted]:
    """Nothing of it is done. As long as the directory says the same, its runs are rejected without being held."""
    decisions.reject(table(), RunId(run), caller_of(app).address, datetime.now(UTC))
    return _accepted(run)


@app.post(
    "/runs/<run>/revert",
    summary="Take a run back",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(202, 400, 404, 409, 413, 422),
)
def revert_run(run: Word, body: Annotated[RevertRun, Body()] = _AS_IT_IS) -> Response[RunStarted]:
    """A new run that does the opposite of what this one did; what has moved on since is a conflict, and stays.

    A directory that still says the same does it again with its next whole reading: put it right, or disable it, first.
    """
    reverted = read_run(table(), RunId(run))
    if reverted.status not in {RunStatus.APPLIED, RunStatus.FAILED}:
        raise RunNotApplied(f"Run {run} is {reverted.status}: it has changed nothing that could be taken back.")
    new, at = ordering.new_run()
    actor = caller_of(app).address
    order = RevertOrder(reverts=reverted.id, run=new, started_at=at, actor=actor, dry_run=body.dry_run)
    begun = Run(new, RunKind.REVERT, reverted.source, actor, at, dry_run=body.dry_run, reverts=reverted.id)
    ordering.send(order, begun, table())
    return _accepted(new)


def _shown(run: Run) -> RunAnswer:
    return RunAnswer.of(seen_at(run, datetime.now(UTC)))


def _accepted(run: str) -> Response[RunStarted]:
    return Response(HTTPStatus.ACCEPTED.value, "application/json", RunStarted(run=run))
