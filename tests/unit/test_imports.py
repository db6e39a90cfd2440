"""The life of an import: what is recorded when, what is told of it, and what becomes of what goes wrong."""

from collections.abc import Iterator
from typing import Any

import pytest

from addresses.check import Limits
from addresses.items import settings_item
from addresses.mailbox import SPREADSHEET, RunId
from addresses.order import FinishOrder
from addresses.row_result import RowOutcome
from addresses.run import Run, RunKind, RunStatus, Upload
from addresses.run_book import read_run
from addresses.run_items import run_item
from addresses.settings import Settings
from apply_plan.finish import finish
from spreadsheet_import import gathering, imports, uploads
from spreadsheet_import.arrival import arrivals
from tests.importing import IMPORTS, ImportRoom, import_room
from tests.invariants import check_invariants
from tests.people import A1, ALICE, BOB

SHEET = "email,alias\r\nalice@example.com,a1@example.com\r\nbob@example.com,\r\n"
ORDERED = RunId("20260301T094500Z-0f3c5d2e9a71")


@pytest.fixture
def desk() -> Iterator[ImportRoom]:
    """Nothing has been imported."""
    with import_room() as empty:
        yield empty


def outcomes(desk: ImportRoom, run: Run) -> list[str]:
    """What the rows came to."""
    return [str(each.outcome) for each in desk.results(run)]


def test_an_import_opens_and_links_and_tells_how_many_rows_are_done_with_each_part(desk: ImportRoom) -> None:
    """Both rows hang on the one part of the plan."""
    run = desk.imported(SHEET)
    assert {A1: ALICE, ALICE: ALICE, BOB: BOB} == desk.room.links()
    assert (RunStatus.APPLIED, RunKind.IMPORT, SPREADSHEET) == (run.status, run.kind, run.source)
    assert ["linked", "opened"] == outcomes(desk, run)
    assert (2, (2,)) == (run.upload.rows, run.upload.of_parts) if run.upload else False
    check_invariants(desk.room.book())


def ordered(desk: ImportRoom, *, dry_run: bool = False) -> str:
    """An import was ordered; the key of its link."""
    key = f"uploads/{ORDERED}/list.csv"
    upload = Upload(key, "my list.csv")
    begun = Run(ORDERED, RunKind.IMPORT, SPREADSHEET, "admin@example.com", "2026-03-01T09:44:00.000000Z", upload=upload)
    desk.room.table.put_new(run_item(Run(**{**vars(begun), "dry_run": dry_run})))
    return key


def test_a_file_that_comes_by_a_link_is_the_import_that_gave_it(desk: ImportRoom) -> None:
    """With the name that it was given there, and as a dry run if that was asked for."""
    key = ordered(desk, dry_run=True)
    desk.arrive(desk.upload(SHEET, key))
    run = read_run(desk.room.table, ORDERED)
    assert (RunStatus.PLANNED, "admin@example.com") == (run.status, run.actor)
    assert ("my list.csv", 2) == (run.upload.filename, len(run.upload.copies)) if run.upload else False
    assert {} == desk.room.links()


def test_another_file_by_the_same_link_is_a_run_of_its_own_that_looks_or_does_as_the_first(desk: ImportRoom) -> None:
    """Both events may come twice, in any order."""
    key = ordered(desk, dry_run=True)
    first, second = desk.upload(SHEET, key), desk.upload("email\r\ncarol@example.com\r\n", key)
    for event in (first, second, first, second):
        desk.arrive(event)
    runs = desk.room.runs()
    assert [(True, RunStatus.PLANNED, 2), (True, RunStatus.PLANNED, 1)] == [
        (run.dry_run, run.status, run.upload.rows if run.upload else None) for run in runs
    ]
    assert {"admin@example.com"} == {run.actor for run in runs}


def test_a_second_delivery_that_comes_late_takes_nothing_from_what_the_first_did(
    desk: ImportRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It plans when all is done; the run, and the results of its rows, are the first's."""
    event = desk.upload(SHEET)

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.undo()
        run = desk.arrive(event)
        assert run
        desk.carried_out(run.id)
        return gathering.known(*arguments)

    monkeypatch.setattr("spreadsheet_import.imports.known", overtaken)
    assert None is desk.arrive(event)
    [run] = desk.room.runs()
    assert (RunStatus.APPLIED, ["linked", "opened"]) == (run.status, outcomes(desk, run))


def test_a_key_that_only_looks_like_a_link_is_a_file_like_any_other(desk: ImportRoom) -> None:
    """Of a run that there is not, or of another key than its link had."""
    desk.imported(SHEET, f"uploads/{ORDERED}/list.csv")
    ordered(desk, dry_run=True)
    run = desk.imported("email\r\ncarol@example.com\r\n", f"uploads/{ORDERED}/other.csv")
    assert (RunStatus.APPLIED, False) == (run.status, run.dry_run)
    assert RunStatus.GATHERING is read_run(desk.room.table, ORDERED).status


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    desk: ImportRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what S3 tells of it."""
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    event = desk.upload(SHEET)
    desk.s3.delete_object(Bucket=IMPORTS, Key="uploads/list.csv", VersionId=arrivals(event)[0].upload.version)
    run = desk.arrive(event)
    assert run
    assert (RunStatus.FAILED, "The file has") == (run.status, (run.because or "")[:12])
    assert run.finished_at


def test_rows_that_name_more_addresses_than_fit_into_memory_are_refused(
    desk: ImportRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However few rows they are; what cannot be used counts too."""
    monkeypatch.setattr(gathering, "MOST_ADDRESSES", 4)
    fits = desk.imported("email,alias\r\nalice@example.com,a1@example.com;nobody;a2@example.net\r\n")
    refused = desk.imported("email,alias\r\nbob@example.com,b1@example.com;b2@example.com;b3@example.com;x\r\n")
    assert (RunStatus.APPLIED, RunStatus.FAILED) == (fits.status, refused.status)
    assert "Its rows name more than 4 addresses." in (refused.because or "")
    assert {ALICE: ALICE, A1: ALICE} == desk.room.links()


def test_a_file_that_was_removed_in_the_meantime_fails_its_run_alone(desk: ImportRoom) -> None:
    """There is nothing to try again."""
    event = desk.upload(SHEET)
    desk.s3.delete_object(Bucket=IMPORTS, Key="uploads/list.csv", VersionId=arrivals(event)[0].upload.version)
    run = desk.arrive(event)
    assert run
    assert "The file was removed before it was read. Upload it again." == run.because


def test_a_file_is_read_as_it_was_announced_whatever_was_put_in_its_place(desk: ImportRoom) -> None:
    """The newer version has an event of its own."""
    event = desk.upload(SHEET)
    desk.upload("email\r\ncarol@example.com\r\n")
    run = desk.arrive(event)
    assert run
    desk.carried_out(run.id)
    assert {A1: ALICE, ALICE: ALICE, BOB: BOB} == desk.room.links()


def test_without_internal_domains_nothing_can_be_said_of_any_row(desk: ImportRoom) -> None:
    """The run says what to do."""
    desk.room.table.put(settings_item(Settings()))
    run = desk.arrive(desk.upload(SHEET))
    assert run
    assert (RunStatus.FAILED, "No internal domain is set.") == (run.status, (run.because or "")[:26])


def test_a_sheet_with_a_header_and_no_rows_is_applied_with_nothing_to_do(desk: ImportRoom) -> None:
    """It has its copies all the same."""
    run = desk.imported("email,alias\r\n")
    assert (RunStatus.APPLIED, 0) == (run.status, run.upload.rows if run.upload else None)
    assert 2 == len(run.upload.copies) if run.upload else False


def test_what_others_did_in_the_meantime_is_told_in_the_row(desk: ImportRoom) -> None:
    """By hand, between planning and applying: bob got the alias, and another's row was done already."""
    run = desk.arrive(desk.upload(SHEET.replace("bob@example.com,", "carol@example.com,c1@example.com")))
    assert run
    other = desk.arrive(desk.upload("email,alias\r\nbob@example.com,a1@example.com\r\ncarol@example.com,\r\n"))
    assert other
    desk.carried_out(other.id)
    ended = desk.carried_out(run.id)
    assert ["conflict", "linked"] == outcomes(desk, ended)
    [conflict, _] = desk.results(ended)
    assert "others made it an address of bob@example.com meanwhile; upload the file again" == conflict.reason
    assert BOB == desk.room.links()[A1]


def test_rows_of_a_part_that_was_not_carried_out_say_so(desk: ImportRoom) -> None:
    """The run has failed; the file can be uploaded again."""
    run = desk.arrive(desk.upload(SHEET))
    assert run
    finish(FinishOrder(run=run.id, failed="States.Timeout"), desk.room.table, lambda: desk.room.now)
    desk.report().write(run.id)
    ended = read_run(desk.room.table, run.id)
    assert RunStatus.FAILED is ended.status
    assert {(RowOutcome.IGNORED, "it was not carried out; upload the file again")} == {
        (each.outcome, each.reason) for each in desk.results(ended)
    }


def test_what_takes_more_away_than_a_person_wants_to_be_asked_about_is_held(
    desk: ImportRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the sentence why; nothing is done, and no copies are written."""
    monkeypatch.setattr(imports, "LIMITS", Limits(count=1, percent=100, floor=1))
    desk.imported("email,alias\r\nalice@example.com,a1@example.com;a2@example.com\r\n")
    run = desk.imported("email,alias,action\r\nalice@example.com,a1@example.com;a2@example.com,unlink\r\n")
    assert RunStatus.HELD is run.status
    assert "spreadsheet would take away 2 of its 3 addresses (2 unlink; 66.7 %)" in (run.held_because or "")
    assert ["unlinked", "unlinked"] == outcomes(desk, run)
    assert () == run.upload.copies if run.upload else False
    assert ALICE == desk.room.links()[A1]


def test_conflicts_in_masses_are_told_by_their_number(desk: ImportRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Among the steps of the run; the rows have all of them."""
    monkeypatch.setattr(imports, "CONFLICTS_FOUND", 2)
    rows = "".join(f"{who}@example.com,x{number}@example.com\r\n" for number in range(5) for who in ("alice", "bob"))
    run = desk.imported(f"email,alias\r\n{rows}")
    assert (5, ["conflict"] * 10) == (run.counts["conflict"], outcomes(desk, run))
    found = desk.room.plans.findings(run.findings or "")
    assert ["conflict", "conflict", "ignored"] == [each["step"] for each in found]
    assert "3 more conflicts are not listed here; the results of the rows have them all" == found[-1]["sentence"]
