"""The routes of runs: what was done and why, and what an administrator decides of it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from addresses import cursor, plan_store
from addresses.address import parse
from addresses.mailbox import MANUAL, Profile, RunId, Source, directory_source
from addresses.order import RevertOrder
from addresses.outcome import Outcome, Verdict
from addresses.plan import Conflict, Note, Plan, in_order
from addresses.run import Run, RunKind, RunStatus
from addresses.run_book import Decided, read_run, read_state, record, superseded
from addresses.run_items import run_item, run_write, steps_item
from addresses.step import Link, Open, Step
from addresses.sync_state_items import state_write
from addresses.times import stamp
from tests.cloud import PLAN_BUCKET
from tests.gateway import Cloud, empty_cloud, send
from tests.people import A1, ALICE, BOB, CAROL, ref

CORP, SCHOOL = directory_source("corp"), directory_source("school")
DIRECTORY = {
    "kind": "google",
    "customer": "C0123abcd",
    "admin": "admin@example.com",
    "secret_name": "google.json",
}
STEPS: tuple[Step, ...] = (
    *(Open(ref(f"m-{primary}", primary), Profile(primary)) for primary in (ALICE, BOB, CAROL)),
    Link(ref(f"m-{ALICE}", ALICE), A1),
)
PLAN = in_order(
    CORP,
    STEPS,
    conflicts=[Conflict(A1, (ALICE, BOB), "both claim it")],
    notes=[Note("ignored", "3 primaries of example.org were left out", 3), Note("kept", "entry 7: primary 7")],
)
FOUND = ["conflict", "ignored", "kept"]


@pytest.fixture(autouse=True)
def cloud() -> Iterator[Cloud]:
    """A directory is configured, and nothing has been run."""
    with empty_cloud() as empty:
        assert 201 == send("PUT /directories/corp", DIRECTORY).status
        yield empty


def written(cloud: Cloud, number: int, source: Source = CORP, **changed: Any) -> Run:
    """A run in the table, which began a second after the one before it."""
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1) + timedelta(seconds=number)
    kind = RunKind.MANUAL if source == MANUAL else RunKind.SYNC
    new = Run(RunId(f"20260301T094500Z-{number:012}"), kind, source, "schedule", stamp(began))
    run = replace(new, **changed)
    cloud.table.write_together([run_write(run)])
    return replace(run, version=1)


def planned(cloud: Cloud, number: int = 1, plan: Plan = PLAN, **changed: Any) -> Run:
    """A run whose plan is stored, with what was found in making it."""
    prefix, parts = cloud.plans.store(plan)
    findings = cloud.plans.store_findings(RunId(f"20260301T094500Z-{number:012}"), plan.conflicts, plan.notes)
    of_plan = {"digest": plan.digest, "counts": plan.counts, "plan": prefix, "parts": len(parts), "findings": findings}
    return written(cloud, number, **{"status": RunStatus.PLANNED, **of_plan, **changed})


def held(cloud: Cloud, **changed: Any) -> Run:
    """A run that waits for an administrator, as its directory's state says too."""
    run = planned(cloud, status=RunStatus.HELD, held_because="It would take too much away.", **changed)
    state = read_state(cloud.table, "corp")
    cloud.table.write_together([state_write(replace(state, held=run.id))])
    return run


def pages(request: str, name: str, limit: int) -> list[list[Any]]:
    """All pages of a listing."""
    found, cursor = [], ""
    while True:
        page = send(f"{request}limit={limit}{cursor}").body
        found.append(page[name])
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def refusal(request: str, body: Any = None) -> tuple[int, str]:
    """The status and the type of a problem."""
    answer = send(request, body)
    return answer.status, answer.body["type"]


def test_runs_are_listed_newest_first() -> None:
    """Those of requests by hand and those of directories alike."""
    send("PUT /settings", {"internal_domains": ["example.com"]})
    assert 201 == send(f"PUT /mailboxes/{ALICE}").status
    assert 202 == send("POST /directories/corp/sync").status
    listed = send("GET /runs").body
    assert None is listed["next"]
    assert listed["runs"] == sorted(listed["runs"], key=lambda run: str(run["id"]), reverse=True)
    assert {("manual", "applied"), ("directory:corp", "gathering")} == {
        (run["source"], run["status"]) for run in listed["runs"]
    }


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_of_all_runs_have_each_once_and_in_order(cloud: Cloud, limit: int) -> None:
    """However the sources take turns."""
    sources = [CORP, MANUAL, CORP, CORP, MANUAL, MANUAL, CORP]
    runs = [written(cloud, number, source) for number, source in enumerate(sources)]
    found = pages("GET /runs?", "runs", limit)
    assert [run.id for run in reversed(runs)] == [run["id"] for page in found for run in page]
    assert limit >= max(map(len, found))


def test_runs_of_one_source_are_its_own(cloud: Cloud) -> None:
    """Also of a directory that was deleted, which the list of all leaves out."""
    written(cloud, 1, CORP)
    school = written(cloud, 2, SCHOOL)
    found = pages("GET /runs?source=directory:school&", "runs", 1)
    assert [school.id] == [run["id"] for page in found for run in page]
    assert 1 == len(send("GET /runs").body["runs"])


def test_a_cursor_of_one_list_of_runs_is_none_of_another(cloud: Cloud) -> None:
    """It would begin at a surprising place."""
    written(cloud, 1)
    written(cloud, 2)
    cursor = send("GET /runs?limit=1").body["next"]
    assert (422, "invalid-cursor") == refusal(f"GET /runs?source=manual&cursor={cursor}")


def test_a_run_is_shown_as_it_is(cloud: Cloud) -> None:
    """Every field."""
    run = held(cloud)
    assert send(f"GET /runs/{run.id}").body == {
        "id": run.id,
        "kind": "sync",
        "source": "directory:corp",
        "status": "held",
        "dry_run": False,
        "counts": PLAN.counts,
        "held_because": "It would take too much away.",
        "because": None,
        "digest": PLAN.digest,
        "actor": "schedule",
        "decided_by": None,
        "reverts": None,
        "started_at": run.started_at,
        "finished_at": None,
        "progress": None,
    }


@pytest.mark.parametrize("request_", ["GET /runs/x", "GET /runs/x/steps", "POST /runs/x/reject", "POST /runs/x/revert"])
def test_a_run_that_there_is_not_is_not_found(request_: str) -> None:
    """Whatever is asked of it."""
    assert (404, "no-such-run") == refusal(request_)


def test_a_run_that_there_is_not_cannot_be_approved() -> None:
    """The digest may be that of any plan."""
    assert (404, "no-such-run") == refusal("POST /runs/x/approve", {"digest": PLAN.digest})


@pytest.mark.parametrize("request_", [f"GET /runs/{'x' * 3000}", f"GET /runs?source={'x' * 3000}"])
def test_what_is_too_long_for_a_key_is_refused(request_: str) -> None:
    """The table would refuse it with an error that says nothing to the caller."""
    assert (422, "invalid-request") == refusal(request_)


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_the_steps_of_a_planned_run_come_from_its_plan(
    cloud: Cloud, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was found first, then every part in order, however small the pages."""
    monkeypatch.setattr(plan_store, "STEPS_IN_PART", 1)
    plan = in_order(CORP, _apart(), PLAN.conflicts, notes=PLAN.notes)
    run = planned(cloud, plan=plan)
    assert run.parts > 1
    found = [step for page in pages(f"GET /runs/{run.id}/steps?", "steps", limit) for step in page]
    assert [*FOUND, *["open"] * len(plan.steps)] == [step["step"] for step in found]
    assert sorted(step.sentence for step in plan.steps) == sorted(step["sentence"] for step in found[len(FOUND) :])
    assert ["conflict", None, None, *["planned"] * len(plan.steps)] == [step["outcome"] for step in found]


def _apart() -> Iterator[Step]:
    """Steps that touch nothing in common, more than one transaction holds."""
    for number in range(101):
        primary = parse(f"n{number:03}@example.com")
        yield Open(ref(f"m-{number}", primary), Profile())


@pytest.mark.parametrize("limit", [1, 2, 3, 1000])
def test_the_steps_of_a_run_that_was_carried_out_come_from_their_records(cloud: Cloud, limit: int) -> None:
    """Part by part, transaction by transaction, with what became of each."""
    run = planned(cloud, status=RunStatus.APPLIED)
    applied, done, met = STEPS[0], STEPS[1], STEPS[2]
    records = {
        (0, 0): [Outcome(applied, Verdict.APPLIED), Outcome(done, Verdict.ALREADY_DONE)],
        (0, 1): [Outcome(met, Verdict.CONFLICT, "it belongs to somebody else")],
        (2, 0): [Outcome(done, Verdict.ALREADY_DONE)],
        (10, 0): [Outcome(applied, Verdict.APPLIED)],
    }
    for (part, batch), outcomes in reversed(records.items()):
        cloud.table.put(steps_item(run.id, part, batch, outcomes))
    found = [step for page in pages(f"GET /runs/{run.id}/steps?", "steps", limit) for step in page]
    expected = [outcome for outcomes in records.values() for outcome in outcomes]
    assert [(each.step.sentence, each.verdict.value, each.reason or None) for each in expected] == [
        (step["sentence"], step["outcome"], step["reason"]) for step in found[len(FOUND) :]
    ]


def test_a_request_by_hand_has_its_steps_too() -> None:
    """The run is named in the address's history."""
    send("PUT /settings", {"internal_domains": ["example.com"]})
    send(f"PUT /mailboxes/{ALICE}")
    run = send(f"GET /addresses/{ALICE}").body["history"][-1]["run"]
    [step] = send(f"GET /runs/{run}/steps").body["steps"]
    assert ("open", f"open a mailbox for {ALICE}", "applied") == (step["step"], step["sentence"], step["outcome"])


def test_a_run_without_a_plan_has_no_steps(cloud: Cloud) -> None:
    """It is still being made, or nothing was to be done."""
    run = written(cloud, 1)
    assert {"steps": [], "next": None} == send(f"GET /runs/{run.id}/steps").body


def test_a_cursor_of_one_runs_steps_is_none_of_anothers(cloud: Cloud) -> None:
    """It would begin at a surprising place."""
    first, second = planned(cloud, 1), planned(cloud, 2)
    cursor = send(f"GET /runs/{first.id}/steps?limit=1").body["next"]
    assert (422, "invalid-cursor") == refusal(f"GET /runs/{second.id}/steps?cursor={cursor}")


@pytest.mark.parametrize("position", ["FINDINGS|first", "FINDINGS|", "FINDINGS|-1", "FINDINGS"])
def test_a_cursor_whose_place_is_no_number_is_refused(cloud: Cloud, position: str) -> None:
    """Its checksum is right, since that is no secret."""
    run = planned(cloud)
    forged = cursor.give(f"steps of {run.id}", position)
    assert (422, "invalid-cursor") == refusal(f"GET /runs/{run.id}/steps?cursor={forged}")


def test_a_held_run_of_a_directory_that_was_forgotten_is_not_carried_out(cloud: Cloud) -> None:
    """Its mailboxes would be kept by a directory that there is not."""
    run = held(cloud)
    assert 204 == send("DELETE /directories/corp").status
    assert (404, "no-such-directory") == refusal(f"POST /runs/{run.id}/approve", {"digest": run.digest})
    assert RunStatus.HELD is read_run(cloud.table, run.id).status
    assert [] == cloud.executions


def test_an_approved_run_is_carried_out(cloud: Cloud) -> None:
    """Exactly its plan, and the run says who approved it."""
    run = held(cloud)
    approved = send(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest})
    assert (202, {"run": run.id}) == (approved.status, approved.body)
    assert [{"run": run.id, "kind": "sync", "bucket": PLAN_BUCKET, "plan": run.plan}] == cloud.executions
    found = read_run(cloud.table, run.id)
    assert (RunStatus.APPLYING, "admin@example.com") == (found.status, found.decided_by)
    state = read_state(cloud.table, "corp")
    assert (run.id, None) == (state.under_way, state.held)
    assert (409, "run-under-way") == refusal("POST /directories/corp/sync")


def test_an_approval_is_of_one_plan(cloud: Cloud) -> None:
    """Another digest is the approval of something else."""
    run = held(cloud)
    assert (409, "digest-differs") == refusal(f"POST /runs/{run.id}/approve", {"digest": "0" * 64})
    assert (422, "invalid-request") == refusal(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest[:12]})
    assert 422 == send(f"POST /runs/{run.id}/approve", {}).status
    assert ([], RunStatus.HELD) == (cloud.executions, read_run(cloud.table, run.id).status)


def test_a_run_is_approved_once(cloud: Cloud) -> None:
    """The second approval starts nothing."""
    run = held(cloud)
    assert 202 == send(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest}).status
    assert (409, "run-not-held") == refusal(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest})
    assert 1 == len(cloud.executions)


@pytest.mark.parametrize(("age", "expected"), [(timedelta(hours=23, minutes=59), 202), (timedelta(hours=24), 409)])
def test_a_run_can_be_approved_for_24_hours(cloud: Cloud, age: timedelta, expected: int) -> None:
    """What the directory says may have changed since."""
    run = held(cloud, started_at=stamp(datetime.now(UTC) - age))
    answer = send(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest})
    assert expected == answer.status
    assert expected == 202 or ("approval-too-late", []) == (answer.body["type"], cloud.executions)


def test_a_run_whose_place_a_newer_one_took_names_it(cloud: Cloud) -> None:
    """The administrator decides on that one."""
    run = held(cloud)
    newer = replace(run, id=RunId("20260301T100000Z-0f3c5d2e9a71"), version=0)
    record(cloud.table, newer.id, "corp", lambda found: Decided(newer, *superseded(found, newer.id, stamp(_now()))))
    for request in (f"POST /runs/{run.id}/approve", f"POST /runs/{run.id}/reject"):
        refused = send(request, {"digest": PLAN.digest} if "approve" in request else None)
        assert (409, "run-not-held") == (refused.status, refused.body["type"])
        assert newer.id in refused.body["detail"]


def _now() -> datetime:
    return datetime.now(UTC)


def test_a_run_is_not_carried_out_while_another_is_under_way(cloud: Cloud) -> None:
    """It waits, and can be approved when that one has ended."""
    run = held(cloud)
    busy = replace(
        read_state(cloud.table, "corp"), under_way=RunId("other"), until=stamp(_now() + timedelta(minutes=9))
    )
    cloud.table.write_together([state_write(busy)])
    assert (409, "run-under-way") == refusal(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest})
    assert ([], RunStatus.HELD) == (cloud.executions, read_run(cloud.table, run.id).status)
    free = replace(read_state(cloud.table, "corp"), under_way=None, until=None)
    cloud.table.write_together([state_write(free)])
    assert 202 == send(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest}).status


def test_a_rejected_run_is_not_carried_out(cloud: Cloud) -> None:
    """Its plan is remembered, so that it is not held a second time."""
    run = held(cloud)
    assert 202 == send(f"POST /runs/{run.id}/reject").status
    found = send(f"GET /runs/{run.id}").body
    assert ("rejected", "admin@example.com", "admin@example.com rejected it.") == (
        *(found["status"], found["decided_by"], found["because"]),
    )
    assert found["finished_at"] >= found["started_at"]
    state = read_state(cloud.table, "corp")
    assert (PLAN.digest, None) == (state.rejected, state.held)
    assert (409, "run-not-held") == refusal(f"POST /runs/{run.id}/approve", {"digest": PLAN.digest})
    assert [] == cloud.executions


@pytest.mark.parametrize("status", [RunStatus.APPLIED, RunStatus.FAILED])
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_run_that_changed_something_can_be_taken_back(cloud: Cloud, status: RunStatus, *, dry_run: bool) -> None:
    """By a run of its own, which can be read at once; a failed one may have been carried out in part."""
    run = planned(cloud, status=status)
    answer = send(f"POST /runs/{run.id}/revert", {"dry_run": dry_run})
    found = send(f"GET /runs/{answer.body['run']}").body
    assert 202 == answer.status
    assert ("gathering", "revert", "directory:corp", run.id, dry_run) == (
        *(found["status"], found["kind"], found["source"], found["reverts"], found["dry_run"]),
    )
    order = {"do": "revert", "reverts": run.id, "run": found["id"], "started_at": found["started_at"]}
    expected = RevertOrder.model_validate({**order, "actor": "admin@example.com", "dry_run": dry_run})
    assert [("apply-plan", expected.model_dump())] == cloud.orders.sent


@pytest.mark.parametrize("status", sorted(set(RunStatus) - {RunStatus.APPLIED, RunStatus.FAILED}))
def test_a_run_that_has_changed_nothing_cannot_be_taken_back(cloud: Cloud, status: RunStatus) -> None:
    """Nor one that is still being carried out."""
    run = planned(cloud, status=status)
    assert (409, "run-not-applied") == refusal(f"POST /runs/{run.id}/revert")
    assert [] == cloud.orders.sent


def test_who_got_the_order_may_be_quicker(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has recorded of the run already stays."""
    quick: list[str] = []

    def take(function: str, order: dict[str, Any]) -> None:
        run = Run(RunId(order["run"]), RunKind.SYNC, CORP, order["actor"], order["started_at"], RunStatus.APPLIED)
        cloud.table.put(run_item(run))
        quick.append(function)

    monkeypatch.setattr(cloud.orders, "arrive", take)
    answer = send("POST /directories/corp/sync")
    assert (["directory-sync"], "applied") == (quick, send(f"GET /runs/{answer.body['run']}").body["status"])
