"""The routes of imports: where to put a spreadsheet, and what became of its rows."""

import os
import re
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import islice
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from addresses import cursor as cursors
from addresses.api import caller_of
from addresses.errors import InvalidCursor, NoSuchImport
from addresses.mailbox import SPREADSHEET, RunId
from addresses.problem import answers, file_answer
from addresses.row_result import RowOutcome
from addresses.run import LOST_AFTER, Run, RunKind, Upload, seen_at
from addresses.run_items import run_from, run_item, run_key
from link_api import import_template, ordering
from link_api.app import app, rows, s3, table
from link_api.import_models import Copies, ImportAnswer, ImportStarted, RowAnswer, StartImport
from link_api.import_progress import progress
from link_api.run_models import RunAnswer
from link_api.runs import Word

TAGS = ["Imports"]
COPY_SECONDS = 300


@app.post(
    "/imports",
    summary="Begin an import",
    tags=TAGS,
    status_code=HTTPStatus.CREATED,
    responses=answers(201, 400, 413, 422),
)
def begin_import(body: Annotated[StartImport, Body()]) -> Response[ImportStarted]:
    """PUT the file's bytes to ``url`` within an hour. A file put under ``uploads/`` by other means is imported too."""
    run, at = ordering.new_run()
    # What a file may be called is up to its owner, what a key may hold is not.
    name = re.sub(r"[^\w.() -]", "_", re.split(r"[/\\]", body.filename)[-1]) or "import"
    upload = Upload(key=f"uploads/{run}/{name}", filename=body.filename or name)
    actor = caller_of(app).address
    begun = Run(run, RunKind.IMPORT, SPREADSHEET, actor, at, dry_run=body.dry_run, upload=upload)
    table().put_new(run_item(begun))
    where = {"Bucket": os.environ["IMPORT_BUCKET"], "Key": upload.key}
    url = s3().generate_presigned_url("put_object", Params=where, ExpiresIn=int(LOST_AFTER.total_seconds()))
    return Response(HTTPStatus.CREATED.value, "application/json", ImportStarted(id=run, url=url))


# These two are not validated: Powertools would make JSON of their bytes.
@app.get(
    "/imports/template.xlsx",
    summary="Download an empty workbook",
    tags=TAGS,
    responses=answers(200, 422) | file_answer(import_template.WORKBOOK_TYPE),
    enable_validation=False,
)
def workbook_template() -> Response[bytes]:
    """A workbook with the headers that are understood, and a sheet that explains them."""
    return _file(import_template.workbook(), import_template.WORKBOOK_TYPE, "import.xlsx")


@app.get(
    "/imports/template.csv",
    summary="Download an empty CSV file",
    tags=TAGS,
    responses=answers(200, 422) | file_answer(import_template.CSV_TYPE),
    enable_validation=False,
)
def csv_template() -> Response[bytes]:
    """The headers that are understood, as CSV."""
    return _file(import_template.CSV, import_template.CSV_TYPE, "import.csv")


@app.get("/imports/<import_id>", summary="Read an import", tags=TAGS, responses=answers(200, 404, 422))
def read_import(
    import_id: Word,
    outcome: Annotated[RowOutcome | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=5000)] = 1000,
) -> ImportAnswer:
    """The run, and the results of its rows in order: all, or those of one ``outcome``. The status says what is done."""
    run = _import(import_id)
    listing = f"rows of {run.id} {outcome or ''}"
    given = cursors.take(listing, cursor) if cursor else "0"
    # The checksum of a cursor is no secret, so who wrote this one may be anybody.
    if not re.fullmatch("[0-9]{1,9}", given):
        raise InvalidCursor("This cursor does not belong to this listing. Start again without one.")
    kept = run.upload.results if run.upload else None
    results = rows().results(kept, int(given)) if kept else ()
    found = list(islice((each for each in results if outcome in {None, each[1].outcome}), limit + 1))
    shown = RunAnswer.of(seen_at(run, datetime.now(UTC)), progress(run, table()))
    return ImportAnswer(
        **shown.model_dump(),
        filename=run.upload.filename if run.upload else "",
        copies=_copies(run),
        rows=[RowAnswer.of(result) for _, result in found[:limit]],
        next=cursors.give(listing, str(found[limit][0])) if len(found) > limit else None,
    )


def _import(import_id: str) -> Run:
    item = table().get(run_key(RunId(import_id)))
    run = run_from(item) if item else None
    if run is None or run.kind is not RunKind.IMPORT:
        raise NoSuchImport(f"There is no import {import_id}. GET /runs?source=spreadsheet lists those that there are.")
    return run


def _copies(run: Run) -> Copies | None:
    if not run.upload or not run.upload.copies:
        return None
    return Copies(**{key.rpartition(".")[2]: _signed(key) for key in run.upload.copies})


def _signed(key: str) -> str:
    where = {"Bucket": os.environ["IMPORT_BUCKET"], "Key": key, "ResponseContentDisposition": "attachment"}
    return s3().generate_presigned_url("get_object", Params=where, ExpiresIn=COPY_SECONDS)


def _file(content: bytes, content_type: str, name: str) -> Response[bytes]:
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(HTTPStatus.OK.value, content_type, content, headers=disposition)
