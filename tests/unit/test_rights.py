"""Each function may do what its code asks AWS for, and nothing else: roles and code are held against each other.

The embedded AWS looks at no partition keys (``dynamodb:LeadingKeys``); what these conditions let through is asked here,
by the rules of IAM's documentation.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any

import boto3
import pytest

from directory_sync import handler as directory_sync
from mail_ingest import handler as mail_ingest
from tests.access_patterns import LINKED, ONE, Doing, admin, opened
from tests.calling import Calls, calls
from tests.containers import mbox
from tests.data_model import EVERY
from tests.import_patterns import read as read_sheet
from tests.load_patterns import OLD, REPORT, REPORTED, messages, stored, told
from tests.mail import CONTEXT, NO_TIME, batch, raw_message, s3_event
from tests.metered import BUCKET, Metered
from tests.people import ALICE, BOB
from tests.rights import FUNCTIONS, RESOURCES, ROLES, Call, Right, allows, rights, role_of
from tests.run_patterns import carried_out, configured, last_run

pytestmark = pytest.mark.timeout(300)

LOADED = "import/{}/cur/1:2,S"
# More of the same asks for nothing else, and takes its time.
MANY = re.compile(r"\d{2}")


def versioned(world: Metered) -> None:
    """S3 announces a message with its version, as it does for every bucket that keeps versions."""
    version = boto3.client("s3").put_object(Bucket=BUCKET, Key=ONE, Body=raw_message(to=ALICE))["VersionId"]
    mail_ingest.handle(batch(s3_event(ONE, version, BUCKET)), CONTEXT)
    del world


def left(world: Metered) -> None:
    """The time is over before a container's end."""
    world.store(mbox(*messages(20)), OLD)
    mail_ingest.handle(batch(s3_event(OLD, bucket=BUCKET)), NO_TIME)


def secret_read(world: Metered) -> None:
    """A directory is tried out, for which its secret is read first."""
    world.invoke(directory_sync, world.orders.sent[-1][1])


def load(key: str) -> tuple[Doing, ...]:
    """A message is put under this key, and loaded."""
    return stored(raw_message(to=ALICE), key), told(key)


# What functions do that costs no unit of the table, so that no pattern of the data model has it.
MORE: tuple[tuple[Doing, ...], ...] = (
    (versioned,),
    (left,),
    tuple(doing for owner in (ALICE, BOB) for doing in load(LOADED.format(owner))),
    (*LINKED, REPORTED, told(REPORT), opened("/raw")),
    (*LINKED, *load(LOADED.format("x")), opened("/raw")),
    (configured(), admin("POST /directories/corp/test"), secret_read),
    (read_sheet(1), carried_out, last_run("GET /imports/{run}"), read_sheet(1)),
)


@pytest.fixture(scope="module")
def made() -> Iterator[Mapping[str, set[Call]]]:
    """The calls of each function, over every use of the table that the data model has, and some more."""
    with calls() as found, queue_of_loads():
        for pattern in chain.from_iterable(EVERY.values()):
            if not MANY.search(pattern.case):
                do(found, *pattern.before, pattern.use)
        for doings in MORE:
            do(found, *doings)
        yield found.made


@contextmanager
def queue_of_loads() -> Iterator[None]:
    """The queue on which what is left of a container is put."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LOAD_QUEUE", boto3.client("sqs").create_queue(QueueName="loads")["QueueUrl"])
        yield


def do(found: Calls, *doings: Doing) -> None:
    """Do it, from an empty table on."""
    found.world.empty()
    for each in doings:
        each(found.world)


def by_lambda(function: str) -> set[tuple[str, str]]:
    """What Lambda itself does in the function's name, as the template tells."""
    told = RESOURCES[function]["Properties"]
    found = {(f"logs:{each}", told["LoggingConfig"]["LogGroup"]["Ref"]) for each in ("CreateLogStream", "PutLogEvents")}
    for event in told.get("Events", {}).values():
        if event["Type"] == "SQS":
            queue = event["Properties"]["Queue"]["Fn::GetAtt"][0]
            found |= {(f"sqs:{each}", queue) for each in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")}
    if "EventInvokeConfig" in told:
        queue = told["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
        found.add(("sqs:SendMessage", queue))
    if "VpcConfig" in told:
        several = "CreateNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets", "DeleteNetworkInterface"
        found |= {(f"ec2:{each}", "*") for each in (*several, "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses")}
    return found


def asked(function: str, made: Mapping[str, set[Call]]) -> set[Call]:
    """What the function asks for. Of an object that is not there, S3 tells only whoever may list its bucket."""
    objects = {call for call in made[function] if call.action in {"s3:GetObject", "s3:GetObjectVersion"}}
    lists = {
        Call("s3:ListBucketVersions" if call.action.endswith("Version") else "s3:ListBucket", bucket)
        for call in objects
        for bucket in [call.resource.partition("/")[0]]
        if bucket in TELLS_WHAT_IS_GONE.get(function, ())
    }
    # By versions, S3 tells of an object that has none left as of one that never was.
    return made[function] | lists | {Call("s3:ListBucket", call.resource) for call in lists}


TELLS_WHAT_IS_GONE = {
    "SpreadsheetImportFunction": {"ImportBucket", "PlanBucket"},
    "MailIngestFunction": {"MailBucket"},
    "MailLoadFunction": {"MailBucket"},
}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_all_that_its_code_does(function: str, made: Mapping[str, set[Call]]) -> None:
    """To the partition key."""
    role = role_of(function)
    refused = [call for call in sorted(asked(function, made), key=str) if not allows(role, call)]
    assert [] == refused


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_do_nothing_that_its_code_does_not(function: str, made: Mapping[str, set[Call]]) -> None:
    """No action without a caller, but for what Lambda itself does in the function's name."""
    lambdas = by_lambda(function)
    idle = [
        right
        for right in rights(role_of(function))
        if (right.action, right.resource) not in lambdas
        and not any(right.covers(call) for call in asked(function, made))
    ]
    assert [] == idle
    assert lambdas <= {(right.action, right.resource) for right in rights(role_of(function))}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_may_reach_no_kind_of_item_that_its_code_does_not(
    function: str, made: Mapping[str, set[Call]]
) -> None:
    """Neither to read it, nor to write it."""
    by_statement: dict[tuple[str, ...], list[Right]] = {}
    for right in rights(role_of(function)):
        by_statement.setdefault(right.keys, []).append(right)
    for patterns, several in by_statement.items():
        for pattern in patterns:
            narrow = [Right(right.action, right.resource, (pattern,)) for right in several]
            named = [Call(call.action, call.resource, (key,)) for call in made[function] for key in call.keys]
            assert any(right.covers(call) for right in narrow for call in named), (pattern, several)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_names_the_kinds_of_items_that_it_reaches(function: str) -> None:
    """All of the table is nobody's."""
    assert [] == [right for right in rights(role_of(function)) if right.resource == "Table" and not right.keys]


def test_the_state_machine_may_do_what_its_definition_says() -> None:
    """Invoke what its tasks name, list the parts of a plan, and look after the executions of a distributed map."""
    definition = RESOURCES["PlanStateMachine"]["Properties"]["DefinitionString"]["Fn::Sub"]
    invoked = {("lambda:InvokeFunction", name) for name in re.findall(r"\$\{(\w+)\.Arn\}", definition)}
    assert {"ApplyPlanFunction", "SpreadsheetImportFunction"} == {name for _, name in invoked}
    of_a_map = {
        ("s3:ListBucket", "PlanBucket"),
        ("states:StartExecution", "PlanStateMachine"),
        ("states:DescribeExecution", "PlanStateMachine/executions"),
        ("states:StopExecution", "PlanStateMachine/executions"),
    }
    assert invoked | of_a_map == {(right.action, right.resource) for right in rights("PlanStateMachineRole")}


MAIL, LINKS = ("ARCHIVE#alice@example.com", "MESSAGE#0"), ("ADDRESS#alice@example.com", "MAILBOX#1")
WRITING = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
READING = ("GetItem", "BatchGetItem", "Query")


def reached(keys: tuple[str, ...], actions: tuple[str, ...]) -> set[str]:
    """The roles that may do any of this to items with any of these partition keys."""
    each = [Call(f"dynamodb:{action}", "Table", (key,)) for action in actions for key in keys]
    return {role for role in ROLES if any(allows(role, call) for call in each)}


def test_who_reads_mail_is_the_mail_users_api_and_what_files_it() -> None:
    """An administrator who links addresses gets at nobody's mail by that, whatever is wrong with the code."""
    assert {"ArchiveApiRole"} == reached(MAIL[:1], READING)
    assert {"ArchiveApiRole", "MailIngestRole", "MailLoadRole"} == reached(MAIL, READING)


def test_who_changes_mail_is_what_files_it() -> None:
    """I4: linking changes and removes no entry and no message. Nobody may delete one by itself."""
    assert {"MailIngestRole", "MailLoadRole"} == reached(MAIL, WRITING)
    assert set() == reached(MAIL, ("DeleteItem",))


def test_who_changes_links_is_the_administrators_api_and_what_carries_out_plans() -> None:
    """What reads directories and spreadsheets plans; what files mail makes addresses known, and no more."""
    assert {"LinkApiRole", "ApplyPlanRole"} == reached(LINKS, ("UpdateItem",))
    assert {"LinkApiRole", "ApplyPlanRole"} == reached(LINKS[1:], WRITING)
    assert {"LinkApiRole", "ApplyPlanRole", "MailIngestRole", "MailLoadRole"} == reached(LINKS, WRITING)


def test_who_configures_is_the_administrators_api() -> None:
    """Settings and directories; and a configuration is all that can be deleted."""
    assert {"LinkApiRole"} == reached(("SETTINGS", "DIRECTORIES"), WRITING)
    assert {"LinkApiRole"} == reached(("DIRECTORIES",), ("DeleteItem",))
    assert set() == reached(("SETTINGS", "RUN#1", *LINKS, *MAIL), ("DeleteItem",))


def test_a_statement_of_an_unknown_form_is_not_taken_for_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a denial, or another condition, would be read over."""
    stated: dict[str, Any] = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    odd = [
        {**stated, "Effect": "Deny"},
        {**stated, "NotAction": "s3:*"},
        {**stated, "Condition": {"StringLike": {"dynamodb:LeadingKeys": "x"}}},
        {**stated, "Condition": {"ForAllValues:StringLike": {"dynamodb:Attributes": "x"}}},
        {**stated, "Resource": "arn:aws:s3:::other"},
    ]
    for each in odd:
        policy = {"PolicyDocument": {"Statement": each}}
        monkeypatch.setitem(RESOURCES, "OddRole", {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}})
        with pytest.raises(ValueError, match="is not known here"):
            rights("OddRole")


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (Call("dynamodb:GetItem", "Table", ("RUN#1",)), True),
        (Call("dynamodb:GetItem", "Table", ("RUN#1", "RUN#2")), True),
        (Call("dynamodb:GetItem", "Table", ()), True),
        (Call("dynamodb:GetItem", "Table", ("RUN#1", "ARCHIVE#a")), False),
        (Call("dynamodb:GetItem", "Table", ("XRUN#1",)), False),
        (Call("dynamodb:GetItem", "Table/index/by_list", ("RUN#1",)), False),
        (Call("dynamodb:Query", "Table", ("RUN#1",)), False),
    ],
)
def test_a_right_covers_calls_all_of_whose_keys_match(call: Call, expected: bool) -> None:  # noqa: FBT001 - a table
    """As ``ForAllValues:StringLike`` is documented: also a call that names none."""
    assert expected == Right("dynamodb:GetItem", "Table", ("RUN#*", "SETTINGS")).covers(call)
