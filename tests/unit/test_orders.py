"""The events of syncing: what the schedule, the administrators' API and the state machine send."""

import json
from typing import TYPE_CHECKING, Any

from addresses.mailbox import RunId
from addresses.order import FinishOrder, PartOrder, ReportOrder, RevertOrder, SyncOrder
from directory_sync.schedule import orders
from local import ROOT, template
from tests.syncing import CORP

if TYPE_CHECKING:
    from pydantic import BaseModel


def event(name: str) -> Any:
    """The event of this name."""
    return json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))


def state(*path: str) -> dict[str, Any]:
    """What stands there in the state machine's definition, its names without the mark of what is filled in."""
    found = json.loads(template.load()["Resources"]["PlanStateMachine"]["Properties"]["DefinitionString"]["Fn::Sub"])
    for each in path:
        found = found[each]
    return {name.removesuffix(".$"): value for name, value in found.items()}


def test_the_schedule_orders_one_run_for_each_directory_that_is_enabled() -> None:
    """Each with an id that begins with the event's time."""
    asleep = CORP.model_copy(update={"enabled": False})
    ordered = list(orders(event("directory_sync_schedule"), {"corp": CORP, "merged": CORP, "old": asleep}))
    assert ["corp", "merged"] == [order.directory for order in ordered]
    assert {"20260301T094500Z"} == {order.run.partition("-")[0] for order in ordered}
    assert 2 == len({order.run for order in ordered})
    assert {("schedule", False, "2026-03-01T09:45:00.000000Z")} == {
        (order.actor, order.dry_run, order.started_at) for order in ordered
    }


def test_the_same_tick_delivered_twice_orders_the_same_runs_and_another_tick_others() -> None:
    """So a second delivery finds every run begun."""
    tick = event("directory_sync_schedule")
    known = {"corp": CORP}
    assert list(orders(tick, known)) == list(orders(tick, known))
    assert list(orders(tick, known)) != list(orders(tick | {"id": "another"}, known))


def test_orders_are_what_their_events_say() -> None:
    """To the letter: what is sent is what arrives."""
    kinds: dict[str, type[BaseModel]] = {
        "directory_sync_order": SyncOrder,
        "apply_plan_part": PartOrder,
        "apply_plan_finish": FinishOrder,
        "apply_plan_revert": RevertOrder,
        "spreadsheet_import_report": ReportOrder,
    }
    for name, kind in kinds.items():
        assert event(name) == kind.model_validate(event(name)).model_dump(mode="json"), name
    assert RunId("20260301T094500Z-0f3c5d2e9a71") == SyncOrder.model_validate(event("directory_sync_order")).run


def test_the_state_machine_sends_just_these_events() -> None:
    """Names that differ would be refused by the function, part by part."""
    assert event("apply_plan_part").keys() == state("States", "CarryOut", "ItemSelector").keys()
    assert event("apply_plan_finish").keys() == state("States", "Finish", "Parameters", "Payload").keys()
    assert event("spreadsheet_import_report").keys() == state("States", "Report", "Parameters", "Payload").keys()
