"""What EventBridge's schedule sets going: one run for each directory that is enabled."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from local import ROOT, aws
from local.outputs import Outputs
from tests.integration.sync.accounts import Accounts
from tests.integration.sync.office import Directory, Office
from tests.waiting import until


@pytest.fixture
def deliver(stack: Outputs) -> Callable[[str], None]:
    """Calls the function with an event, as EventBridge does, and waits until it has been read."""
    functions = aws.session().client("lambda", endpoint_url=stack.endpoint_url, config=aws.DIRECT)

    def delivered(event: str) -> None:
        answer = functions.invoke(FunctionName=stack.directory_sync_function, Payload=event)
        assert "FunctionError" not in answer, answer["Payload"].read()

    return delivered


def scheduled() -> dict[str, Any]:
    """The event, as EventBridge sends it."""
    event: dict[str, Any] = json.loads((ROOT / "events" / "directory_sync_schedule.json").read_text(encoding="utf-8"))
    return event | {"id": str(uuid4()), "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}


def runs(office: Office, directory: Directory) -> list[dict[str, Any]]:
    """The runs of a directory that are over."""
    listed = office.admin.get("/runs", params={"source": f"directory:{directory.name}"}).raise_for_status().json()
    return [run for run in listed["runs"] if run["status"] not in {"gathering", "applying"}]


def test_the_schedule_runs_every_enabled_directory_once_however_often_its_event_is_delivered(
    office: Office, corp: Directory, accounts: Accounts, merged: Directory, deliver: Callable[[str], None]
) -> None:
    """And none that is disabled."""
    accounts.add("Alice", "alice", "a1")
    merged.configure(enabled=False)
    event = json.dumps(scheduled())
    deliver(event)
    [run] = until(lambda: runs(office, corp))
    assert ("applied", "schedule", 1, 1) == (
        *(run["status"], run["actor"]),
        *(run["counts"][step] for step in ("open", "link")),
    )
    assert {"alice": ["a1"]} == office.links()
    corp.has_nothing_left()
    before = runs(office, corp)

    merged.configure(enabled=True)
    deliver(event)
    # The other directory's order shows that the event was read once more.
    until(lambda: runs(office, merged))
    assert (before, 1) == (runs(office, corp), len(runs(office, merged)))
