"""The routes of directories: their configuration, and asking for a sync or a test."""

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from addresses.api import caller_of
from addresses.directory import Directory
from addresses.directory_items import directories, directory_from, directory_item, directory_key
from addresses.errors import DirectoryDisabled, NoSuchDirectory, TableBusy
from addresses.mailbox import directory_source
from addresses.order import DirectoryName, SyncOrder
from addresses.problem import answers
from addresses.run import Run, RunKind
from addresses.run_book import read_state
from addresses.sync_state_items import state_write
from addresses.table import Changed
from link_api import ordering
from link_api.app import app, table
from link_api.run_models import Directories, RunStarted, SyncDirectory

TAGS = ["Directories"]
ATTEMPTS = 8
_AS_IT_IS = SyncDirectory.model_validate({})


@app.get("/directories", summary="List directories", tags=TAGS, responses=answers(200, 422))
def list_directories() -> Directories:
    """Every directory by its name; secrets are names in Secrets Manager."""
    return Directories(directories=directories(table()))


@app.put("/directories/<name>", summary="Configure a directory", tags=TAGS, responses=answers(200, 201, 400, 413, 422))
def write_directory(name: DirectoryName, body: Annotated[Directory, Body()]) -> Response[Directory]:
    """The body is the whole configuration. The next sync reads the directory whole; a rejected plan is held anew."""
    known = table().get(directory_key(name)) is not None
    table().put(directory_item(name, body))
    _forget_rejection(name)
    return Response((HTTPStatus.OK if known else HTTPStatus.CREATED).value, "application/json", body)


@app.get("/directories/<name>", summary="Read a directory's configuration", tags=TAGS, responses=answers(200, 404, 422))
def read_directory(name: DirectoryName) -> Directory:
    """As it was configured, and the defaults of what was left out."""
    return _directory(name)


@app.delete(
    "/directories/<name>",
    summary="Forget a directory",
    tags=TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=answers(204, 404, 422),
)
def forget_directory(name: DirectoryName) -> Response[None]:
    """Its mailboxes and links stay, as if an administrator had made them by hand."""
    _directory(name)
    table().remove(directory_key(name))
    return Response(HTTPStatus.NO_CONTENT.value)


@app.post(
    "/directories/<name>/sync",
    summary="Sync a directory now",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(202, 400, 404, 409, 413, 422),
)
def sync_directory(name: DirectoryName, body: Annotated[SyncDirectory, Body()] = _AS_IT_IS) -> Response[RunStarted]:
    """``dry_run`` only plans, and says what would be done. ``GET /runs/{run}`` tells how far the run has come."""
    directory = _directory(name)
    if not body.dry_run:
        if not directory.enabled:
            raise DirectoryDisabled(
                f"{name} is disabled. Enable it with PUT /directories/{name}, or ask for a dry run."
            )
        read_state(table(), name).require_free(datetime.now(UTC))
    return _order(name, "sync", dry_run=body.dry_run, whole=body.whole)


@app.post(
    "/directories/<name>/test",
    summary="Try whether a directory can be read",
    tags=TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=answers(202, 404, 422),
)
def test_directory(name: DirectoryName) -> Response[RunStarted]:
    """A run that logs on, reads the first entries, and says in its steps what they come to; nothing is planned."""
    _directory(name)
    return _order(name, "test", dry_run=True, whole=False)


def _order(name: str, do: Literal["sync", "test"], *, dry_run: bool, whole: bool) -> Response[RunStarted]:
    run, at = ordering.new_run()
    actor = caller_of(app).address
    order = SyncOrder(do=do, directory=name, run=run, started_at=at, actor=actor, dry_run=dry_run, whole=whole)
    kind = RunKind.TEST if do == "test" else RunKind.SYNC
    ordering.send(order, Run(run, kind, directory_source(name), actor, at, dry_run=dry_run), table())
    return Response(HTTPStatus.ACCEPTED.value, "application/json", RunStarted(run=run))


def _directory(name: str) -> Directory:
    found = table().get(directory_key(name))
    if found is None:
        raise NoSuchDirectory(f"There is no directory {name}. GET /directories lists those that there are.")
    return directory_from(found)


def _forget_rejection(name: str) -> None:
    for attempt in range(ATTEMPTS):
        state = read_state(table(), name)
        if state.rejected is None:
            return
        try:
            table().write_together([state_write(replace(state, rejected=None))])
        except Changed:
            table().wait(attempt)
        else:
            return
    raise TableBusy(
        f"{name} is configured, but {ATTEMPTS} tries to forget the plan that was rejected met a run. Send it again."
    )
