"""Dead letters are tried again, each at least once, whatever happens to the command meanwhile."""

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from local import ROOT
from operations.orders import NotUnderstood, order_in
from operations.replay import replay
from tests.operating import APPLY, IMPORT, SYNC, Crash, Desk, desk

# Of a command that finds seven letters.
CALLS = 19


@pytest.fixture
def office() -> Iterator[Desk]:
    """A stack whose queues are empty."""
    with desk() as made:
        yield made


def order(name: str) -> dict[str, Any]:
    """The event of this name."""
    found: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text(encoding="utf-8"))
    return found


def record(function: str, event: Any, account: str = "123456789012") -> str:
    """What Lambda leaves of a call that failed every time."""
    arn = f"arn:aws:lambda:eu-west-1:{account}:function:{function}:$LATEST"
    told = {"requestId": "1", "functionArn": arn, "condition": "RetriesExhausted", "approximateInvokeCount": 3}
    return json.dumps(
        {
            "version": "1.0",
            "timestamp": "2026-03-01T09:45:00.000Z",
            "requestContext": told,
            "requestPayload": event,
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorMessage": "no", "errorType": "Exception"},
        }
    )


def replayed(office: Desk) -> int:
    """Give the command."""
    return replay(office.session.client("sqs"), office.session.client("lambda"), office.outputs, office.said.append)


def test_mail_and_loads_go_back_to_the_queues_that_they_came_from(office: Desk) -> None:
    """As they were sent, more of them than one call takes."""
    mail = sorted(f"mail {number}" for number in range(25))
    office.send("MailDeadLetterQueue", *mail)
    office.send("LoadDeadLetterQueue", "load")

    assert 0 == replayed(office)

    assert mail == office.waiting("MailQueue")
    assert ["load"] == office.waiting("LoadQueue")
    assert [] == office.waiting("MailDeadLetterQueue") + office.waiting("LoadDeadLetterQueue")
    assert [
        "Mail: 25 messages went back to the queue.",
        "Loads: 1 message went back to the queue.",
        "Orders: there are no dead letters.",
    ] == office.said


def test_an_order_is_given_anew_to_the_function_that_failed_at_it(office: Desk) -> None:
    """With the event that it had, whether that is an order, S3's event or the schedule's."""
    sync, uploaded, tick = (
        order(name) for name in ("directory_sync_order", "spreadsheet_uploaded", "directory_sync_schedule")
    )
    undo = order("apply_plan_revert")
    failed = [(SYNC, sync), (IMPORT, uploaded), (SYNC, tick), (APPLY, undo)]
    office.send("OrderDeadLetterQueue", *(record(function, event) for function, event in failed))

    assert 0 == replayed(office)

    assert sorted(failed, key=repr) == sorted(office.orders.sent, key=repr)
    assert [] == office.waiting("OrderDeadLetterQueue")
    assert f"Orders: {SYNC} is called again, for run {sync['run']}." in office.said
    assert f"Orders: {IMPORT} is called again, with the event that it had." in office.said


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("poison", "it is no record of a failed call"),
        ("{}", "it is no record of a failed call"),
        (record(SYNC, None), "it is no record of a failed call"),
        (record("payroll", {}), "it is about payroll, which is no function of this stack"),
        (record(SYNC, {}).replace("arn:aws:lambda", "arn:aws:states"), "it is no record of a failed call"),
    ],
)
def test_what_is_not_understood_stays_and_is_told_of(office: Desk, body: str, why: str) -> None:
    """Its neighbours are tried again; nothing but this stack's functions is called, whatever a letter says."""
    office.send("OrderDeadLetterQueue", body, record(SYNC, order("directory_sync_order")))

    assert 1 == replayed(office)

    assert [body] == office.waiting("OrderDeadLetterQueue")
    assert [SYNC] == [function for function, _ in office.orders.sent]
    [told] = [sentence for sentence in office.said if " stays, for " in sentence]
    assert why in told


def test_a_function_is_called_in_this_account_whatever_account_a_letter_names() -> None:
    """It is called by its name."""
    assert SYNC == order_in(record(SYNC, {}, account="999999999999"), [SYNC]).function
    with pytest.raises(NotUnderstood):
        order_in(record(SYNC, {}), [])


def test_what_is_printed_of_a_letter_names_nobody(office: Desk) -> None:
    """Terminals are copied into tickets."""
    event = order("spreadsheet_uploaded")
    office.send("OrderDeadLetterQueue", record(IMPORT, event), record("payroll", {"to": "alice@example.com"}), "alice@")
    replayed(office)
    assert "@" not in "".join(office.said)
    assert event["Records"][0]["s3"]["object"]["key"] not in "".join(office.said)


def test_a_second_command_finds_what_the_first_left_at_once(office: Desk) -> None:
    """Nobody has to wait until SQS shows it again."""
    office.send("OrderDeadLetterQueue", "poison")
    assert (1, 1) == (replayed(office), replayed(office))


@pytest.mark.parametrize("call", range(CALLS + 2))
def test_a_command_that_is_cut_off_after_any_call_loses_nothing_and_the_next_one_ends_it(
    office: Desk, call: int
) -> None:
    """What was on its way may be tried twice."""
    events = [order(name) for name in ("directory_sync_order", "apply_plan_revert")]
    mail = ["mail 1", "mail 2"]
    office.send("MailDeadLetterQueue", *mail)
    office.send("LoadDeadLetterQueue", "load 1", "load 2")
    office.send("OrderDeadLetterQueue", "poison", *(record(SYNC, event) for event in events))

    office.crash_after = call
    with suppress(Crash):
        replayed(office)
    cut_off, office.crash_after = office.crash_after is None, None
    assert set(mail) == {*office.waiting("MailQueue"), *office.waiting("MailDeadLetterQueue")}
    office.later()
    assert 1 == replayed(office)

    assert set(mail) == set(office.waiting("MailQueue"))
    assert {"load 1", "load 2"} == set(office.waiting("LoadQueue"))
    assert {event["run"] for event in events} == {event["run"] for _, event in office.orders.sent}
    assert ["poison"] == office.waiting("OrderDeadLetterQueue")
    assert [] == office.waiting("MailDeadLetterQueue") + office.waiting("LoadDeadLetterQueue")
    # The last of these crash points lies behind the last call, so that every one before was tried.
    assert cut_off == (call < CALLS)
