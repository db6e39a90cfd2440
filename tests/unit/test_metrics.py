"""What the functions tell CloudWatch, and that it is what the alarms of the template watch.

The embedded AWS makes no metrics of what is logged, so the lines themselves are looked at.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools.metrics import MetricUnit

from addresses.address import parse
from addresses.check import Limits
from addresses.directory_items import directory_item
from addresses.order import SyncOrder
from addresses.run import RunStatus
from addresses.run_book import read_state
from directory_sync.errors import IncompleteReading
from directory_sync.reader import Entry
from directory_sync.tick import tick
from link_api import decisions
from local import template
from spreadsheet_import import imports
from tests.importing import import_room
from tests.syncing import CORP, SyncRoom, sync_room

TEMPLATE = template.load()
ALARMS = dict(template.of_type(TEMPLATE, "AWS::CloudWatch::Alarm"))
CAUTIOUS = CORP.model_copy(update={"limits": Limits(count=1, percent=100, floor=0)})
TICK = {"id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "time": "2026-03-01T12:00:00Z"}
EVENTS = ["HeldSyncAlarm", "HeldImportAlarm", "FailedSyncAlarm"]
NOON = datetime.fromisoformat("2026-03-01T12:00:00+00:00")


@dataclass(frozen=True)
class Published:
    """A value that CloudWatch takes from a line of the log, and what else the line says."""

    namespace: str
    name: str
    dimensions: dict[str, str]
    unit: str
    value: float
    told: dict[str, Any] = field(compare=False)


def published(log: str) -> list[Published]:
    """What CloudWatch makes of the log, by the rules of the embedded metric format."""
    found = []
    for line in log.splitlines():
        told = json.loads(line)
        assert isinstance(told["_aws"]["Timestamp"], int)
        for directive in told["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                assert len(names) <= 30
                dimensions = {name: told[name] for name in names}
                assert all(isinstance(each, str) and 0 < len(each) <= 1024 for each in dimensions.values())
                for metric in directive["Metrics"]:
                    assert metric["Unit"] in {unit.value for unit in MetricUnit}
                    values = told[metric["Name"]]
                    assert all(isinstance(each, float) for each in values)
                    assert 1 <= len(values) <= 100
                    found += [
                        Published(directive["Namespace"], metric["Name"], dimensions, metric["Unit"], each, told)
                        for each in values
                    ]
    return found


def watched_by(alarm: str) -> tuple[str, str, dict[str, str]]:
    """The metric that an alarm watches: its namespace, name and dimensions, in a stack called alias-addresses."""
    properties = ALARMS[alarm]["Properties"]
    assert {"Ref": "AWS::StackName"} == properties["Namespace"]
    dimensions = {each["Name"]: each["Value"] for each in properties["Dimensions"]}
    return "alias-addresses", properties["MetricName"], dimensions


def values(alarm: str, found: list[Published]) -> list[float]:
    """The values of the alarm's metric among those that were published."""
    return [each.value for each in found if (each.namespace, each.name, each.dimensions) == watched_by(alarm)]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of directory_sync."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "directory_sync")


@pytest.fixture
def room() -> Iterator[SyncRoom]:
    """A directory of which a run may take one address away."""
    with sync_room(CAUTIOUS) as room:
        yield room


def person(number: int) -> Entry:
    """The entry of this number."""
    return Entry(str(number), (f"p{number}@example.com",), (), f"P{number}")


def ticked(room: SyncRoom, at: datetime = NOON) -> list[SyncOrder]:
    """The orders that a tick of the schedule sends."""
    sent: list[SyncOrder] = []
    tick(TICK, room.table, sent.append, at, "request-1")
    return sent


def test_a_held_sync_is_published_each_time_it_is_found_anew_and_no_more_once_it_is_decided(
    room: SyncRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its run, so that the line leads on."""
    room.directory.become([person(1), person(2), person(3)])
    room.synced(1)
    assert [] == published(capsys.readouterr().out)
    room.directory.become([person(3)])
    for number in (2, 3):
        run = room.synced(number)
        [told] = published(capsys.readouterr().out)
        assert [1.0] == values("HeldSyncAlarm", [told])
        assert run.id == told.told["run"]
    decisions.reject(room.table, run.id, parse("admin@example.com"), room.now)
    assert RunStatus.REJECTED is room.synced(4).status
    assert [] == published(capsys.readouterr().out)


def test_a_failed_sync_is_published_with_its_run(
    room: SyncRoom, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not so a dry run: whoever asked for it sees it."""

    def full() -> Iterator[Entry]:
        raise IncompleteReading("the connection was lost")
        yield

    monkeypatch.setattr(room.directory, "full", full)
    room.synced(1, dry_run=True)
    assert [] == published(capsys.readouterr().out)
    run = room.synced(2)
    [told] = published(capsys.readouterr().out)
    assert RunStatus.FAILED is run.status
    assert [1.0] == values("FailedSyncAlarm", [told])
    assert run.id == told.told["run"]


def test_a_sync_that_steps_back_before_another_is_no_failure(
    room: SyncRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schedule comes again."""
    room.directory.become([person(1)])
    room.sync(room.order(1))
    assert room.sync(room.order(2)) is None
    assert [] == published(capsys.readouterr().out)


def test_a_tick_publishes_how_old_the_last_good_sync_of_each_enabled_directory_is_and_the_oldest(
    room: SyncRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a directory that never had one there is nothing to say; a disabled one is nobody's concern."""
    room.directory.become([person(1)])
    began = datetime.fromisoformat(room.synced(1).started_at)
    room.table.put(directory_item("new", CORP))
    room.table.put(directory_item("old", CORP.model_copy(update={"enabled": False})))
    assert ["corp", "new"] == [order.directory for order in ticked(room)]
    found = published(capsys.readouterr().out)
    age = (NOON - began).total_seconds()
    ages = [
        (each.dimensions, each.value, each.unit, each.told["function_request_id"])
        for each in found
        if each.name == "SyncAge"
    ]
    assert [({"service": "directory_sync", "directory": "corp"}, age, "Seconds", "request-1")] == ages
    assert [age] == values("OldestSyncAlarm", found)


def test_a_tick_of_a_stack_without_directories_publishes_no_age_at_all_but_that_the_schedule_runs(
    room: SyncRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the alarm that misses the schedule would go off for an organisation that has none."""
    room.table.remove(("DIRECTORIES", "corp"))
    assert [] == ticked(room)
    found = published(capsys.readouterr().out)
    assert [0.0] == values("OldestSyncAlarm", found) == values("SilentScheduleAlarm", found)


def test_nothing_is_published_by_a_tick_that_could_order_nothing(
    room: SyncRoom, capsys: pytest.CaptureFixture[str]
) -> None:
    """So that the alarm misses it."""

    def refuse(_order: SyncOrder) -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        tick(TICK, room.table, refuse, NOON, "request-1")
    assert [] == published(capsys.readouterr().out)


def test_the_age_counts_from_the_beginning_of_the_last_run_that_was_applied_whatever_it_read(room: SyncRoom) -> None:
    """What changed after that is not here yet; runs that are held, failed or dry count for nothing."""
    room.directory.become([person(1), person(2), person(3)])
    assert read_state(room.table, "corp").age(NOON) is None
    room.synced(1)
    second = room.synced(2)
    room.synced(3, dry_run=True)
    room.directory.become([])
    room.synced(4)
    room.directory.become([person(3)])
    room.synced(5)
    assert NOON - datetime.fromisoformat(second.started_at) == read_state(room.table, "corp").age(NOON)


def test_what_an_older_deployment_wrote_tells_an_age_too(room: SyncRoom) -> None:
    """It knew only when the directory was last read whole."""
    room.directory.become([person(1)])
    room.synced(1)
    item = room.table.get(("DIRECTORY#corp", "STATE")) or {}
    room.table.put({name: value for name, value in item.items() if name != "synced_at"})
    assert timedelta(hours=2) < (read_state(room.table, "corp").age(NOON) or timedelta()) < timedelta(hours=3)


def test_a_held_import_is_published(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each time it is decided, with its run."""
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "spreadsheet_import")
    monkeypatch.setattr(imports, "LIMITS", Limits(count=1, percent=100, floor=1))
    with import_room() as desk:
        desk.imported("email,alias\r\nalice@example.com,a1@example.com;a2@example.com\r\n")
        run = desk.imported("email,alias,action\r\nalice@example.com,a1@example.com;a2@example.com,unlink\r\n")
    [told] = published(capsys.readouterr().out)
    assert RunStatus.HELD is run.status
    assert [1.0] == values("HeldImportAlarm", [told])
    assert run.id == told.told["run"]


def own_alarms() -> dict[str, Any]:
    """The alarms that watch what the functions publish themselves."""
    own = {"Ref": "AWS::StackName"}
    return {name: each["Properties"] for name, each in ALARMS.items() if each["Properties"]["Namespace"] == own}


def test_every_alarm_on_what_the_functions_publish_is_tried_here_with_what_they_publish() -> None:
    """The namespace is given to every function, the service to each; a log level above INFO would swallow the lines."""
    assert {*EVENTS, "OldestSyncAlarm", "SilentScheduleAlarm"} == own_alarms().keys()
    common = TEMPLATE["Globals"]["Function"]
    assert {"Ref": "AWS::StackName"} == common["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]
    assert "INFO" == common["LoggingConfig"]["ApplicationLogLevel"]
    services = {
        each["Properties"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
        for _, each in template.of_type(TEMPLATE, "AWS::Serverless::Function")
    }
    assert {"directory_sync", "spreadsheet_import"} == services & {
        each["Dimensions"][0]["Value"] for each in own_alarms().values()
    }


def test_what_is_published_twice_misleads_no_alarm() -> None:
    """A function that is called again says it again: so no sums, and nothing is counted but whether there is any."""
    asked = {name: (each["Statistic"], each["ComparisonOperator"]) for name, each in own_alarms().items()}
    assert ("SampleCount", "LessThanThreshold") == asked.pop("SilentScheduleAlarm")
    assert {("Maximum", "GreaterThanThreshold")} == set(asked.values())


def test_one_alarm_goes_off_when_nothing_is_published_any_more() -> None:
    """And no other: for those on events silence is good news, and of an age there is nothing new to know."""
    treated = {name: each["TreatMissingData"] for name, each in own_alarms().items()}
    assert {"SilentScheduleAlarm": "breaching", "OldestSyncAlarm": "ignore"} == {
        name: treated.pop(name) for name in ("SilentScheduleAlarm", "OldestSyncAlarm")
    }
    assert {"notBreaching"} == set(treated.values())


def test_a_sync_is_overdue_and_the_schedule_silent_after_the_same_time() -> None:
    """Which the parameter says, by default far more than the schedule needs."""
    alarms = own_alarms()
    assert {"Ref": "SyncOverdue"} == alarms["OldestSyncAlarm"]["Threshold"] == alarms["SilentScheduleAlarm"]["Period"]
    assert 1 == alarms["SilentScheduleAlarm"]["Threshold"]
    every = int(TEMPLATE["Parameters"]["SyncSchedule"]["Default"].removeprefix("rate(").partition(" ")[0]) * 60
    assert TEMPLATE["Parameters"]["SyncOverdue"]["Default"] > 2 * every


@pytest.mark.parametrize("name", EVENTS)
def test_an_alarm_on_what_the_schedule_finds_again_and_again_goes_off_once(name: str) -> None:
    """It stays for an hour, in which the schedule comes by several times."""
    alarm = own_alarms()[name]
    assert (1, 3600) == (alarm["DatapointsToAlarm"], alarm["Period"] * alarm["EvaluationPeriods"])
