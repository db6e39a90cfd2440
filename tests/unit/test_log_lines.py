"""Every line that a function logs leads on: to its request, and to the run or the message that it is about."""

import ast
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from addresses.archive import Envelope
from apply_plan import handler as apply_plan
from directory_sync import handler as directory_sync
from directory_sync.reader import Entry
from local import ROOT
from mail_ingest import handler as mail_ingest
from spreadsheet_import import handler as spreadsheet_import
from tests.containers import mbox
from tests.example_items import DIRECTORY
from tests.mail import CONTEXT, batch, raw_message, s3_event
from tests.metered import BUCKET, Metered, metered
from tests.people import A1, ALICE, BOB

ADMIN = "admin@example.com"
CORP = DIRECTORY.model_dump(mode="json", exclude_none=True)
REQUEST = "52fdfc07-2182-154f-163f-5f0f9a621d72"
TICK = {"id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "time": "2026-03-01T09:45:00Z"}
HANDLERS = sorted((ROOT / "functions").glob("*/handler.py"))


class Log:
    """What the functions have logged since it was last read."""

    def __init__(self) -> None:
        self.written = io.StringIO()

    def read(self) -> list[dict[str, Any]]:
        """The lines, each of which has the id of the request by which the function was called."""
        lines = [json.loads(line) for line in self.written.getvalue().splitlines()]
        self.written.truncate(0)
        self.written.seek(0)
        assert {REQUEST} == {line["function_request_id"] for line in lines}
        return lines


@pytest.fixture
def world() -> Iterator[Metered]:
    """All functions, on an empty table."""
    with metered() as world:
        world.empty()
        yield world


@pytest.fixture
def log(world: Metered) -> Iterator[Log]:
    """What they log from now on."""
    assert world
    log = Log()
    listener = logging.StreamHandler(log.written)
    listener.setFormatter(mail_ingest.logger.registered_formatter)
    logger = logging.getLogger(mail_ingest.logger.name)
    logger.addHandler(listener)
    yield log
    logger.removeHandler(listener)


def account(number: int, primary: str, *aliases: str) -> Entry:
    """An account of the directory."""
    return Entry(str(UUID(int=number)), (primary,), aliases, "Alice")


def ordered(world: Metered) -> str:
    """A directory is configured, and a sync ordered; its run."""
    world.send("PUT /directories/corp", CORP, email=ADMIN)
    world.send("POST /directories/corp/sync", {}, email=ADMIN)
    return world.last_run


def test_every_line_of_a_sync_has_its_run(world: Metered, log: Log) -> None:
    """From the order to the end, and of what takes it back; also lines that only say that something began."""
    run = ordered(world)
    world.read_directory(account(1, ALICE, A1))
    world.carry_out()
    lines = log.read()
    assert {run} == {line["run"] for line in lines}
    assert {"An order is carried out.", "The run is planned.", "The run has ended."} <= {
        line["message"] for line in lines
    }
    assert {"corp"} == {line["directory"] for line in lines if line["message"] == "The run is planned."}

    world.send(f"POST /runs/{run}/revert", {}, email=ADMIN)
    undone = world.last_run
    world.invoke(apply_plan, world.orders.sent[-1][1])
    world.carry_out()
    assert {undone} == {line["run"] for line in log.read()} != {run}


def test_the_lines_of_a_container_do_not_keep_the_run_of_the_call_before(world: Metered, log: Log) -> None:
    """A tick of the schedule is of no run, but for the lines about those that it orders."""
    before = ordered(world)
    world.read_directory(account(1, ALICE))
    log.read()
    world.invoke(directory_sync, TICK)
    [line] = log.read()
    assert ("A sync is ordered.", "corp") == (line["message"], line["directory"])
    assert before != line["run"] == world.last_run


def test_a_directory_that_cannot_be_read_is_logged_with_its_run(world: Metered, log: Log) -> None:
    """And with why."""
    run = ordered(world)
    world.table.remove(("DIRECTORIES", "corp"))
    world.read_directory()
    lines = log.read()
    assert {run} == {line["run"] for line in lines}
    assert ["There is no directory corp any more."] == [line["because"] for line in lines if "because" in line]


def test_every_line_of_an_import_has_its_run(world: Metered, log: Log) -> None:
    """From its file to the report of its rows."""
    world.read_sheet(f"email,alias\r\n{ALICE},{A1}\r\n")
    world.carry_out()
    lines = log.read()
    assert {world.last_run} == {line["run"] for line in lines}
    assert {"A file has arrived.", "The import is planned.", "The results are reported."} <= {
        line["message"] for line in lines
    }
    assert spreadsheet_import.logger.get_current_keys().get("run") is None


def test_every_line_of_a_change_by_hand_has_its_run_and_the_request_as_the_access_log_has_it(
    world: Metered, log: Log
) -> None:
    """The gateway's access log has nothing but its own request id in common with the function's."""
    world.send(f"PUT /mailboxes/{ALICE}", email=ADMIN)
    [line] = log.read()
    at_gateway = json.loads((ROOT / "events" / "link_api.json").read_text(encoding="utf-8"))["requestContext"]
    assert at_gateway["requestId"] == line["correlation_id"]
    assert world.send(f"GET /addresses/{ALICE}", email=ADMIN)["history"][0]["run"] == line["run"]


def test_every_line_of_a_delegation_has_the_request_and_who_did_it(world: Metered, log: Log) -> None:
    """It has no run."""
    for primary in (ALICE, BOB):
        world.send(f"PUT /mailboxes/{primary}", email=ADMIN)
    log.read()
    world.send(f"PUT /archives/{BOB}/delegates/{ALICE}", email=ADMIN)
    world.send(f"DELETE /archives/{BOB}/delegates/{ALICE}", email=ADMIN)
    assert [(BOB, ALICE, ADMIN)] * 2 == [(line["archive"], line["delegate"], line["by"]) for line in log.read()]


def test_every_line_of_a_message_has_its_object_and_once_it_was_read_its_digest(world: Metered, log: Log) -> None:
    """What failed has the object too, where it was understood at all; else the id that the queue gave it."""
    world.store(raw_message(), "inbound/1")
    world.store(raw_message(), "inbound/ses/2")
    world.announce("inbound/1")
    world.announce("inbound/ses/2", envelope=Envelope("bob@example.org", (ALICE,)))
    assert ["inbound/1", "inbound/ses/2"] == [line["object_key"] for line in log.read() if line["digest"]]

    mail_ingest.handle(batch(s3_event("inbound/gone", bucket=BUCKET), "poison"), CONTEXT)
    assert [("0", "inbound/gone"), ("1", None)] == [
        (line["itemIdentifier"], line.get("object_key")) for line in log.read()
    ]


def test_every_line_of_a_load_has_its_object(world: Metered, log: Log) -> None:
    """What became of each message is in the table."""
    world.store(mbox(raw_message()), "import/old.mbox")
    world.announce("import/old.mbox")
    assert ["import/old.mbox"] == [line["object_key"] for line in log.read()]


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda path: path.parent.name)
def test_every_function_has_its_request_in_its_lines(handler: Path) -> None:
    """Also those that log nothing yet; and whoever adds keys to all lines takes them away before the next call."""
    tree = ast.parse(handler.read_text(encoding="utf-8"))
    [handle] = [each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "handle"]
    [decorator] = map(ast.unparse, handle.decorator_list)
    assert decorator.startswith("logger.inject_lambda_context")
    package = "".join(each.read_text(encoding="utf-8") for each in handler.parent.rglob("*.py"))
    assert ("append_keys" in package) <= ("clear_state=True" in decorator)


def test_every_module_that_logs_does_so_as_its_function() -> None:
    """By the one logger of its service or a child of it; what is printed is a metric, and has a run or a request."""
    texts = {each: each.read_text(encoding="utf-8") for each in (ROOT / "functions").rglob("*.py")}
    assert {"Logger()", "Logger(child=True)"} == {
        line.partition(" = ")[2] for text in texts.values() for line in text.splitlines() if line.startswith("logger =")
    }
    assert [] == [str(path) for path, text in texts.items() if "print(" in text or "logging.getLogger()" in text]
    for text in texts.values():
        assert text.count("with single_metric(") == text.count("metric.add_metadata(")
