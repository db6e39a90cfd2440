"""The routes of imports: the link for the file, and what became of its rows."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from addresses import row_store
from addresses.mailbox import SPREADSHEET, RunId
from addresses.row_result import RowOutcome, RowResult
from addresses.row_store import RowStore
from addresses.run import Run, RunKind, RunStatus, Upload
from addresses.run_book import read_run
from addresses.run_items import part_item, run_write
from addresses.times import stamp
from spreadsheet_import.layout import header
from spreadsheet_import.sheets.reading import Sheet
from tests.cloud import IMPORT_BUCKET, PLAN_BUCKET
from tests.gateway import Cloud, empty_cloud, send
from tests.people import ALICE

ID = RunId("20260301T094500Z-0f3c5d2e9a71")
PREFIX = f"rows/{ID}/digest/"
RESULTS = [RowResult(number, ALICE, None, RowOutcome(outcome)) for number, outcome in enumerate(RowOutcome, start=2)]


@pytest.fixture(autouse=True)
def cloud() -> Iterator[Cloud]:
    """Nothing has been imported."""
    with empty_cloud() as empty:
        yield empty


def written(cloud: Cloud, upload: Upload | None = None, **changed: Any) -> Run:
    """An import in the table."""
    found = upload or Upload("uploads/list.csv", "list.csv", "v1", rows=8, results=PREFIX)
    new = Run(ID, RunKind.IMPORT, SPREADSHEET, "admin@example.com", stamp(datetime.now(UTC)), upload=found)
    run = replace(new, **changed)
    cloud.table.write_together([run_write(run)])
    return run


def stored(cloud: Cloud, results: list[RowResult] = RESULTS) -> None:
    """The results of the import's rows."""
    assert PREFIX == RowStore(cloud.session.client("s3"), PLAN_BUCKET).store(ID, "digest", results)


def test_an_import_begins_with_a_link_that_is_good_for_an_hour() -> None:
    """For a key of its own, by which its file is known when it arrives."""
    answer = send("POST /imports", {"filename": "Staff (March).xlsx", "dry_run": True})
    assert 201 == answer.status
    link = urlsplit(answer.body["url"])
    assert f"/uploads/{answer.body['id']}/Staff%20%28March%29.xlsx" in link.path
    assert ["3600"] == parse_qs(link.query)["X-Amz-Expires"]
    shown = send(f"GET /imports/{answer.body['id']}").body
    assert ("import", "spreadsheet", "gathering", True) == tuple(
        shown[name] for name in ("kind", "source", "status", "dry_run")
    )
    assert ("Staff (March).xlsx", [], None, None) == tuple(
        shown[name] for name in ("filename", "rows", "copies", "progress")
    )


@pytest.mark.parametrize(
    ("filename", "ends"),
    [
        ("../../etc/passwd", "/passwd"),
        ("C:\\lists\\a b.csv", "/a%20b.csv"),
        ("a\u202e#?.xlsx", "/a%20__.xlsx"),
        ("/", "/import"),
    ],
)
def test_a_file_may_have_any_name_but_a_key_may_not(filename: str, ends: str) -> None:
    """No name leads out of the import's own folder."""
    begun = send("POST /imports", {"filename": filename}).body
    assert f"/uploads/{begun['id']}{ends}" == urlsplit(begun["url"]).path.removeprefix(f"/{IMPORT_BUCKET}")


@pytest.mark.parametrize("body", [{}, {"filename": ""}, {"filename": "x" * 201}, {"filename": "a.csv", "dry": True}])
def test_what_is_misspelt_is_refused(body: dict[str, Any]) -> None:
    """A dry run that is asked for in vain would be none."""
    assert (422, "invalid-request") == (
        send("POST /imports", body).status,
        send("POST /imports", body).body["type"],
    )


def test_a_link_that_brought_no_file_within_its_hour_says_so(cloud: Cloud) -> None:
    """The import is over."""
    began = stamp(datetime.now(UTC) - timedelta(hours=1, minutes=1))
    written(cloud, Upload("uploads/list.csv", "list.csv"), started_at=began)
    shown = send(f"GET /imports/{ID}").body
    assert ("failed", "No file came") == (shown["status"], shown["because"][:12])


def test_every_row_is_answered_in_order(cloud: Cloud) -> None:
    """With what the outside calls an outcome."""
    written(cloud, status=RunStatus.APPLIED)
    stored(cloud)
    shown = send(f"GET /imports/{ID}").body
    assert [str(each) for each in RowOutcome] == [each["outcome"] for each in shown["rows"]]
    assert {"row": 2, "primary": ALICE, "alias": None, "outcome": "linked", "reason": ""} == shown["rows"][0]
    assert None is shown["next"]


@pytest.mark.parametrize(("limit", "chunk"), [(1, 3), (3, 1), (3, 8), (8, 3), (8, 8), (9, 5000)])
def test_rows_come_in_pages(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, limit: int, chunk: int) -> None:
    """None twice, none left out, however they are kept; also when only one outcome is asked for."""
    monkeypatch.setattr(row_store, "RESULTS_IN_CHUNK", chunk)
    written(cloud)
    stored(cloud)
    assert [each.row for each in RESULTS] == [each["row"] for each in pages(f"GET /imports/{ID}?limit={limit}")]
    conflicts = pages(f"GET /imports/{ID}?limit={limit}&outcome=conflict")
    assert ["conflict"] == [each["outcome"] for each in conflicts]


def pages(request: str) -> list[Any]:
    """The rows of all pages."""
    found, cursor = [], ""
    while True:
        page = send(f"{request}{cursor}").body
        found += page["rows"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def test_progress_is_told_by_rows_and_those_of_a_part_are_done_with_it(cloud: Cloud) -> None:
    """Of ten rows two need nothing, five hang on the first part, three on the second."""
    upload = Upload("uploads/list.csv", "list.csv", "v1", rows=10, of_parts=(5, 3))
    expected = {
        RunStatus.GATHERING: {"done": 0, "rows": 10},
        RunStatus.HELD: {"done": 2, "rows": 10},
        RunStatus.APPLYING: {"done": 5, "rows": 10},
        RunStatus.PLANNED: {"done": 10, "rows": 10},
    }
    cloud.table.put(part_item(ID, 1, {"link": 3}))
    for version, status in enumerate(expected):
        written(cloud, upload, status=status, parts=2, version=version)
        assert expected[status] == send(f"GET /imports/{ID}").body["progress"]
        assert expected[status] == send(f"GET /runs/{ID}").body["progress"]


def test_the_copies_are_to_be_fetched_for_five_minutes(cloud: Cloud) -> None:
    """To be saved, not shown."""
    keys = (f"results/{ID}/list.xlsx", f"results/{ID}/list.csv")
    written(cloud, Upload("uploads/list.csv", "list.csv", "v1", rows=0, copies=keys), status=RunStatus.APPLIED)
    copies = send(f"GET /imports/{ID}").body["copies"]
    assert {"xlsx": keys[0], "csv": keys[1]} == {
        kind: urlsplit(url).path.removeprefix(f"/{IMPORT_BUCKET}").strip("/") for kind, url in copies.items()
    }
    assert {("300", "attachment")} == {
        (
            parse_qs(urlsplit(url).query)["X-Amz-Expires"][0],
            parse_qs(urlsplit(url).query)["response-content-disposition"][0],
        )
        for url in copies.values()
    }


def test_another_run_is_no_import(cloud: Cloud) -> None:
    """Nor is one that there never was; and a cursor of another listing is refused."""
    written(cloud, kind=RunKind.REVERT, upload=None)
    for each in (ID, "20260301T094500Z-000000000000"):
        assert (404, "no-such-import") == (
            send(f"GET /imports/{each}").status,
            send(f"GET /imports/{each}").body["type"],
        )
    started = send("POST /imports", {"filename": "a.csv"}).body["id"]
    assert "invalid-cursor" == send(f"GET /imports/{started}?cursor=MTA").body["type"]


def test_a_held_import_is_approved_or_rejected_by_itself(cloud: Cloud) -> None:
    """It has no directory whose state it would have to do with."""
    held: dict[str, Any] = {"status": RunStatus.HELD, "digest": "0" * 64, "plan": "plans/x-1/", "parts": 1}
    written(cloud, **held)
    assert 202 == send(f"POST /runs/{ID}/approve", {"digest": "0" * 64}).status
    assert RunStatus.APPLYING is read_run(cloud.table, ID).status
    [execution] = cloud.executions
    assert {"run": ID, "kind": "import", "bucket": PLAN_BUCKET, "plan": "plans/x-1/"} == execution
    written(cloud, **held, version=2)
    assert 202 == send(f"POST /runs/{ID}/reject").status
    assert RunStatus.REJECTED is read_run(cloud.table, ID).status
    assert None is cloud.table.get(("DIRECTORY#", "STATE"))


def test_an_import_that_waited_for_more_than_a_day_is_to_be_uploaded_again(cloud: Cloud) -> None:
    """What it stands on may be long gone."""
    began = stamp(datetime.now(UTC) - timedelta(hours=25))
    written(cloud, status=RunStatus.HELD, digest="0" * 64, started_at=began)
    answer = send(f"POST /runs/{ID}/approve", {"digest": "0" * 64})
    assert "approval-too-late" == answer.body["type"]
    assert "Upload the file again" in answer.body["detail"]


def test_the_templates_have_a_header_that_is_understood() -> None:
    """And the workbook explains it on its second sheet."""
    workbook, text = send("GET /imports/template.xlsx").body, send("GET /imports/template.csv").body
    book = load_workbook(BytesIO(workbook))
    assert ["Links", "Explanation"] == book.sheetnames
    rows = [[str(cell) for cell in row] for row in book["Links"].iter_rows(values_only=True)]
    assert rows == list(csv.reader(StringIO(text.decode("utf-8-sig"))))
    found = header.table([Sheet("Links", hidden=False, rows=lambda: iter(list(enumerate(rows, start=1))))])
    assert (0, (1,), (2,), 3) == (
        found.columns.primary,
        found.columns.names,
        found.columns.aliases,
        found.columns.action,
    )
