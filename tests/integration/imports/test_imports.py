"""Links by spreadsheet over HTTP and S3, on the deployed stack."""

import csv
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO, StringIO

import httpx
import pytest
from openpyxl import Workbook, load_workbook

from tests.integration.imports.conftest import Desk
from tests.integration.sync.office import Office
from tests.invariants import check_replay

MANY = 501  # one more than a spreadsheet may take away unasked


def workbook(desk: Desk, *rows: tuple[str, ...]) -> bytes:
    """An Excel workbook of these rows, which do not begin in its first cell."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["", "Staff after the merger"])
    sheet.append([])
    for row in rows:
        sheet.append(["", *(desk.office.address(each) if "@" in each else each for each in row)])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_a_workbook_links_within_and_across_domains_and_answers_every_row(desk: Desk, office: Office) -> None:
    """The main job; each address says that a spreadsheet linked it, and by which run."""
    office.open("bob", "shared")
    content = workbook(
        desk,
        ("Alias", "E-Mail", "Name"),
        ("a.jones@", "alice@", "Alice Jones"),
        ("alice@merged", "alice@", "Alice Jones"),
        ("shared@", "alice@", ""),
        ("", "carol@", "Carol"),
        ("not an address", "carol@", ""),
        ("carol@elsewhere.example.net", "carol@", ""),
        ("bob@", "carol@", ""),
    )
    ended = desk.imported(content, "staff.xlsx")
    assert "applied" == ended.status
    assert {"alice": ["a.jones", "alice@merged", "shared"], "bob": [], "carol": []} == office.links()
    assert [
        (4, "a.jones", "linked"),
        (5, "alice@merged", "linked"),
        (6, "shared", "relinked"),
        (7, None, "opened"),
        (8, None, "already"),
        (8, "not an address", "invalid"),
        (9, None, "already"),
        (9, "carol@elsewhere.example.net", "ignored"),
        (10, "bob", "conflict"),
    ] == desk.outcomes(ended.id)
    assert {"done": 7, "rows": 7} == desk.shown(ended.id)["progress"]
    history = office.whose("alice@merged")
    assert ("alias", "spreadsheet", ended.id) == (history["kind"], history["source"], history["history"][-1]["run"])
    assert "Alice Jones" == office.admin.get(f"/mailboxes/{office.address('alice')}").json()["name"]


def test_a_file_put_into_the_bucket_by_other_means_is_imported_too(desk: Desk, office: Office) -> None:
    """With a name of its own, blanks and all; and it is told who put it there."""
    before = desk.runs()
    desk.put(desk.sheet("alice a1"), f"uploads/from HR/{office.domain} (März).csv")
    run = desk.begun_after(before)
    assert "applied" == desk.ended(run).status
    assert {"alice": ["a1"]} == office.links()
    shown = desk.shown(run)
    assert (f"{office.domain} (März).csv", "spreadsheet") == (shown["filename"], shown["source"])


def test_a_dry_run_says_what_the_import_that_follows_does(desk: Desk, office: Office) -> None:
    """The same sentences, the same digest, the same results; and it changes nothing itself."""
    content = desk.sheet("alice a1", "alice a2@merged", "bob a1", "carol")
    before = office.book()
    dry = desk.imported(content, dry_run=True)
    assert ("planned", before) == (dry.status, office.book())
    real = desk.imported(content)
    assert (dry.steps, dry.found, dry.digest) == (real.steps, real.found, real.digest)
    assert desk.shown(dry.id)["rows"] == desk.shown(real.id)["rows"]


def test_the_same_file_again_writes_nothing_but_its_run(desk: Desk, office: Office) -> None:
    """Every row is so already, but the one that was in conflict."""
    content = desk.sheet("alice a1", "bob b1", "carol b1", "dave d1", "alice d1 unlink")
    desk.imported(content)
    before = office.items()
    again = desk.imported(content)
    assert [] == again.steps
    check_replay(before, [item for item in office.items() if item["pk"] != f"RUN#{again.id}"])
    assert ["already", "conflict", "conflict", "already", "already"] == [each[2] for each in desk.outcomes(again.id)]


def test_the_copy_with_results_can_be_corrected_and_uploaded_again(desk: Desk, office: Office) -> None:
    """As a workbook and as CSV; the columns that were added are no obstacle."""
    first = desk.imported(desk.sheet("alice a1", "bob", "carol =1+1"))
    copies = desk.shown(first.id)["copies"]
    rows = list(csv.reader(StringIO(httpx.get(copies["csv"]).content.decode("utf-8-sig"))))
    assert ["Email", "Alias", "Action", "outcome", "reason"] == rows[0]
    assert ["linked", "opened", "linked"] == [row[3] for row in rows[1:]]
    assert rows[3][1].startswith("'=1+1@"), "a program would take it for a formula"
    book = load_workbook(BytesIO(httpx.get(copies["xlsx"]).content))
    sheet = book.active
    assert sheet is not None
    assert {"s", "n"} >= {cell.data_type for row in sheet.iter_rows() for cell in row}, "no cell is a formula"
    sheet["B4"] = office.address("carol@merged")
    content = BytesIO()
    book.save(content)
    again = desk.imported(content.getvalue(), "corrected.xlsx")
    assert [(2, "a1", "already"), (3, None, "already"), (4, "carol@merged", "linked")] == desk.outcomes(again.id)


def test_what_takes_much_away_is_held_then_rejected_or_approved_and_taken_back(desk: Desk, office: Office) -> None:
    """Over 500 aliases unlinked: an administrator looks at it first. No newer file takes a held one's place."""
    desk.imported(desk.sheet(*(f"alice a{number}" for number in range(MANY))))
    unlinking = desk.sheet(*(f"alice a{number} unlink" for number in range(MANY)))
    first, held = desk.imported(unlinking), desk.imported(unlinking)
    assert [("held", MANY)] * 2 == [(each.status, each.counts["unlink"]) for each in (first, held)]
    assert "over the limit of 500" in held.held_because
    assert {"done": 0, "rows": MANY} == desk.shown(held.id)["progress"]
    office.admin.post(f"/runs/{first.id}/reject").raise_for_status()
    assert ["rejected", "held"] == [desk.shown(each.id)["status"] for each in (first, held)]
    assert MANY == len(office.links()["alice"])
    office.admin.post(f"/runs/{held.id}/approve", json={"digest": held.digest}).raise_for_status()
    approved = desk.ended(held.id)
    assert ("applied", []) == (approved.status, office.links()["alice"])
    assert {"done": MANY, "rows": MANY} == desk.shown(held.id)["progress"]
    assert {"unlinked"} == {each["outcome"] for each in desk.shown(held.id)["rows"]}
    revert = office.admin.post(f"/runs/{held.id}/revert").raise_for_status().json()["run"]
    assert "applied" == office.ended(revert).status
    assert MANY == len(office.links()["alice"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7 and so on", "PDF"),
        (b"", "empty"),
        (b"PK\x03\x04 cut off", "damaged"),
        (b"given name,family name\r\nAlice,Jones\r\n", "header"),
    ],
)
def test_a_file_that_is_refused_says_why_and_keeps_no_other_waiting(
    desk: Desk, office: Office, content: bytes, says: str
) -> None:
    """Nothing of it is done; the file after it is read at once."""
    bad, good = desk.bring(content, "bad.xlsx"), desk.bring(desk.sheet("alice a1"))
    assert "applied" == desk.ended(good).status
    ended = desk.ended(bad)
    assert "failed" == ended.status
    assert says in ended.because
    assert ([], None) == (desk.shown(bad)["rows"], desk.shown(bad)["copies"])
    assert {"alice": ["a1"]} == office.links()


def test_a_second_file_by_the_same_link_is_an_import_of_its_own(desk: Desk, office: Office) -> None:
    """A dry run still, if that was asked for; the first keeps its results."""
    begun = desk.begin(dry_run=True)
    httpx.put(begun["url"], content=desk.sheet("alice a1")).raise_for_status()
    assert "planned" == desk.ended(begun["id"]).status
    before = desk.runs()
    httpx.put(begun["url"], content=desk.sheet("alice a2")).raise_for_status()
    second = desk.begun_after(before)
    assert "planned" == desk.ended(second).status
    assert ([(2, "a1", "linked")], [(2, "a2", "linked")]) == (desk.outcomes(begun["id"]), desk.outcomes(second))
    assert {} == office.links()


def test_the_same_sheet_from_many_hands_at_once_is_carried_out_once(desk: Desk, office: Office) -> None:
    """Whoever comes second finds it done; nobody opens a second mailbox for anybody."""
    content = desk.sheet(*(f"p{number} a{number}" for number in range(20)))
    with ThreadPoolExecutor(4) as executor:
        runs = list(executor.map(lambda _: desk.bring(content), range(4)))
    for run in runs:
        ended = desk.ended(run)
        assert "applied" == ended.status
        assert 0 == ended.counts["conflict"]
        assert {"linked", "already"} >= {each[2] for each in desk.outcomes(run)}
    assert {f"p{number}": [f"a{number}"] for number in range(20)} == office.links()


def test_the_templates_can_be_downloaded(desk: Desk) -> None:
    """Through the gateway, byte for byte."""
    answer = desk.office.admin.get("/imports/template.xlsx").raise_for_status()
    assert ["Links", "Explanation"] == load_workbook(BytesIO(answer.content)).sheetnames
    assert b"\xef\xbb\xbfEmail,Name,Alias,Action\r\n" == desk.office.admin.get("/imports/template.csv").content
