"""What measures is all run, and its clients answer as they were told."""

import ast
from io import BytesIO

from addresses.table import Table
from local import ROOT
from tests.benchmarks.__main__ import MODULES, PAGE, line
from tests.benchmarks.canned import Canned, body
from tests.benchmarks.row import at_least, at_most

FOLDER = ROOT / "tests" / "benchmarks"


def test_every_module_that_has_rows_is_run() -> None:
    """One that is forgotten would have its row on the page for ever."""
    trees = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.py")}
    having = {name for name, tree in trees.items() if "rows" in {getattr(each, "name", "") for each in tree.body}}
    assert having == set(MODULES)


def test_a_client_is_answered_within_the_process() -> None:
    """By what was asked for."""
    asked: list[tuple[str, bytes]] = []

    def answer(operation: str, request: bytes) -> bytes:
        asked.append((operation, request))
        return body({"Item": {"pk": {"S": "A"}, "sk": {"S": "B"}}})

    canned = Canned(answer, lambda path: path.encode())
    assert {"pk": "A", "sk": "B"} == Table(canned.client("dynamodb"), "table").get(("A", "B"))
    assert "GetItem" == asked[0][0]
    found = canned.client("s3").get_object(Bucket="mail", Key="inbound/1")
    assert b"inbound/1" in BytesIO(found["Body"].read()).getvalue()
    assert {"GetItem": 1, "S3 GET": 1} == dict(canned.calls)


def test_a_row_says_whether_its_target_is_met() -> None:
    """At most and at least."""
    assert "| sort | 3.00 s | comm: 2.00 s | 1.50 x | <= 1.5 x | yes |" == line(at_most("sort", 3, "comm", 2, 1.5))
    assert "| sort | 30/s | comm: 20/s | 1.50 x | >= 2 x | no |" == line(at_least("sort", 30, "comm", 20, 2))


def test_the_page_has_room_for_the_figures() -> None:
    """Between its markers."""
    page = PAGE.read_text(encoding="utf-8")
    assert page.count("<!-- Figures -->\n") == page.count("<!-- end -->") == 1
