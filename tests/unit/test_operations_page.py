"""The page for operators names every alarm, and commands that exist, of resources that are there."""

import json
import re
import shlex
from typing import Any

import botocore.session
import pytest
from botocore import xform_name

from local import ROOT, template
from mail_ingest.arrival import arrivals

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
TEMPLATE = template.load()
ALARMS = [name for name, _ in template.of_type(TEMPLATE, "AWS::CloudWatch::Alarm")]
DASHBOARDS = list(template.of_type(TEMPLATE, "AWS::CloudWatch::Dashboard"))
SHELL = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
# What the AWS CLI understands of every command, and of those that it pages through.
EVERYWHERE = {"query", "output", "region", "max-items"}


def commands(program: str) -> list[list[str]]:
    """Every call of a program in the page's shell, as its words; those within $(...) too."""
    found = []
    for block in SHELL:
        joined = block.replace("\\\n", " ")
        for match in re.finditer(rf"(?:^|\$\(|\(\) {{\s*|\s){program} ", joined, re.MULTILINE):
            rest = joined[match.end() - len(program) - 1 :]
            lexer = shlex.shlex(rest, posix=True, punctuation_chars="\n|;")
            lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
            words = []
            try:
                for word in lexer:
                    if set(word) <= set("\n|;"):
                        break
                    words.append(word)
            except ValueError:
                # The quotation begins before the command, within which it stands.
                pass
            found.append(words)
    return found


def made_by_sam() -> set[str]:
    """The names of the resources that SAM makes of the events of functions."""
    return {
        f"{name}{event}"
        for name, function in template.of_type(TEMPLATE, "AWS::Serverless::Function")
        for event in function["Properties"].get("Events", {})
    }


def test_every_alarm_has_its_section_and_the_page_names_no_other() -> None:
    """Its mail begins with that name."""
    headings = [name for line in PAGE.splitlines() if line.startswith("### ") for name in re.findall(r"`(\w+)`", line)]
    assert sorted(ALARMS) == sorted(headings)
    assert set() == set(re.findall(r"\b[A-Z]\w+Alarm\b", PAGE)) - set(ALARMS)


def test_every_resource_that_a_command_names_is_in_the_stack() -> None:
    """By the name that the template has, or that SAM makes of it."""
    named = set(re.findall(r"\bid (\w+)\)", PAGE))
    assert len(named) > 8
    assert set() == named - TEMPLATE["Resources"].keys() - made_by_sam()
    outputs = set(re.findall(r"OutputKey=='(\w+)'", PAGE))
    assert set() == outputs - TEMPLATE["Outputs"].keys()


def test_every_make_target_that_the_page_names_is_there_and_takes_what_it_is_given() -> None:
    """In the text and in commands."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    assert {"deploy", "replay", "refile"} <= set(re.findall(r"`make ([a-z-]+)", PAGE)) <= targets
    given = {(words[1], word.partition("=")[0]) for words in commands("make") for word in words[2:]}
    assert {("replay", "STACK"), ("refile", "STACK"), ("refile", "SINCE")} == given
    for target, variable in given:
        [recipe] = re.findall(rf"^{target}: .*\n\t(.*)$", makefile, re.MULTILINE)
        assert f"$({variable})" in recipe


def test_every_route_that_the_page_calls_is_in_the_template() -> None:
    """By curl, or in the text."""
    routes = {each["Properties"]["RouteKey"] for _, each in template.of_type(TEMPLATE, "AWS::ApiGatewayV2::Route")}
    shapes = {re.sub(r"{\w+}", "*", route) for route in routes}
    called = set()
    for words in commands("curl"):
        method = words[words.index("-X") + 1] if "-X" in words else "POST" if "--json" in words else "GET"
        [path] = [word.removeprefix("$api").partition("?")[0] for word in words if word.startswith("$api")]
        called.add(f"{method} {re.sub(r'\$run|(?<=/directories/)corp', '*', path)}")
    assert {"GET /runs", "POST /runs/*/approve", "POST /directories/*/test"} <= called
    assert set() == called - shapes
    assert set() == set(re.findall(r"`((?:GET|PUT|POST|DELETE) /[\w/{}]+)`", PAGE)) - routes


def described(service: str, operation: str) -> Any:
    """The operation that a command of the AWS CLI calls."""
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name, "-"): model.operation_model(name) for name in model.operation_names}[operation]


AWS = [words for words in commands("aws") if words[1] != "cloudformation" or words[2] != "describe-stack-resource"]


@pytest.mark.parametrize("words", AWS, ids=lambda words: " ".join(words[1:3]))
def test_every_command_of_the_aws_cli_exists_with_the_options_that_it_is_given(words: list[str]) -> None:
    """And has those that it must have."""
    _, service, operation, *rest = words
    given = {word[2:] for word in rest if word.startswith("--")}
    if operation == "wait":
        waiters = botocore.session.get_session().get_waiter_model(service)
        names = {xform_name(name, "-"): waiters.get_waiter(name).operation for name in waiters.waiter_names}
        operation = xform_name(names[rest[0]], "-")
    members = described(service, operation).input_shape
    options = {xform_name(name, "-") for name in members.members}
    negated = {f"no-{xform_name(name, '-')}" for name, each in members.members.items() if each.type_name == "boolean"}
    assert set() == given - options - negated - EVERYWHERE
    assert set() == {xform_name(name, "-") for name in members.required_members} - given


def test_the_page_has_commands_of_every_service_that_it_is_about() -> None:
    """So that the test above is about something."""
    assert {
        *("cloudformation", "dynamodb", "events", "lambda", "logs"),
        *("service-quotas", "sqs", "stepfunctions"),
    } == {words[1] for words in AWS}
    assert len(AWS) > 30


def test_what_is_sent_to_the_queue_by_hand_is_understood() -> None:
    """As SES's own notification, with the recipient that it names."""
    [text] = re.findall(r"--message-body '(.*?)'", PAGE, re.DOTALL)
    assert json.loads(text)
    [arrival] = arrivals(text, "<mail bucket>")
    assert arrival.envelope
    assert ("inbound/ses/abc", ("alice@example.com",)) == (arrival.key, arrival.envelope.recipients)


def test_the_page_counts_what_is_paid_for() -> None:
    """Alarms, and the metrics of our own that they watch."""
    own = {
        (each["Properties"]["MetricName"], str(each["Properties"]["Dimensions"]))
        for _, each in template.of_type(TEMPLATE, "AWS::CloudWatch::Alarm")
        if each["Properties"]["Namespace"] == {"Ref": "AWS::StackName"}
    }
    assert [str(len(ALARMS))] == re.findall(r"(\d+) alarms at", PAGE)
    assert [str(len(own))] == re.findall(r"(\d+) metrics of our own", PAGE)
    assert 1 == len(DASHBOARDS)


def test_messages_and_fields_that_queries_look_for_are_logged() -> None:
    """A query for what nobody writes finds nothing, which looks like good news."""
    functions = "".join(each.read_text(encoding="utf-8") for each in (ROOT / "functions").rglob("*.py"))
    for message in re.findall(r'message = "([^"]+)"', PAGE):
        assert f'"{message}"' in functions
    for field in ("object_key", "digest", "run", "because", "received", "archive", "delegate", "by"):
        assert f'"{field}"' in functions or f"{field}=" in functions, field
