"""What template.yaml must say, above all where the embedded AWS would not notice that it does not."""

import json
import re
from collections.abc import Iterable
from typing import Any

import pytest

from addresses.directory_items import DIRECTORIES
from addresses.launch import CARRIED_OUT_WITHIN_MINUTES
from addresses.order import FinishOrder, PartOrder, ReportOrder
from addresses.run import RunKind
from local.template import load, of_type

TEMPLATE = load()
RESOURCES = TEMPLATE["Resources"]
FUNCTIONS = dict(of_type(TEMPLATE, "AWS::Serverless::Function"))
QUEUES = dict(of_type(TEMPLATE, "AWS::SQS::Queue"))
ROUTES = dict(of_type(TEMPLATE, "AWS::ApiGatewayV2::Route"))
ALARMS = dict(of_type(TEMPLATE, "AWS::CloudWatch::Alarm"))

PUBLIC_ROUTES = {"GET /openapi.json", "GET /docs"}
KEPT = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"}
BUCKETS = ["MailBucket", "PlanBucket"]
# What a resource is where it can only be named, since the two of them name each other.
NAMED = {"stateMachine:${AWS::StackName}-plans": "PlanStateMachine"}
FOURTEEN_DAYS = 14 * 24 * 60 * 60


def properties(name: str) -> Any:
    """The properties of a resource."""
    return RESOURCES[name]["Properties"]


def statements(function: str) -> list[dict[str, Any]]:
    """What the role of a function allows, by its own policies and by those that name it."""
    role, _ = properties(function)["Role"]["Fn::GetAtt"]
    found: list[dict[str, Any]] = []
    apart = [each["Properties"] for _, each in of_type(TEMPLATE, "AWS::IAM::Policy")]
    for policy in [*properties(role)["Policies"], *(each for each in apart if {"Ref": role} in each["Roles"])]:
        for stated in listed(policy["PolicyDocument"]["Statement"]):
            found += [each for each in stated["Fn::If"][1:] if "Ref" not in each] if "Fn::If" in stated else [stated]
    return found


def listed(value: Any) -> list[Any]:
    """One or several, as IAM writes them, always as a list."""
    return value if isinstance(value, list) else [value]


def actions(function: str) -> set[str]:
    """All that a function may do."""
    return {action for statement in statements(function) for action in listed(statement["Action"])}


def watched(metric: str) -> set[str]:
    """The resources whose metric an alarm watches."""
    return {
        next(iter(listed(reference)))
        for alarm in ALARMS.values()
        for dimension in alarm["Properties"]["Dimensions"]
        if isinstance(dimension["Value"], dict)
        for reference in dimension["Value"].values()
        if alarm["Properties"]["MetricName"] == metric
    }


def dead_letter_queue(name: str) -> str | None:
    """Where a queue puts what could not be processed."""
    redrive = properties(name).get("RedrivePolicy")
    return redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] if redrive else None


def failed_orders(function: str) -> str | None:
    """Where Lambda puts an order that the function, called without waiting for its answer, failed at every time."""
    failure = properties(function).get("EventInvokeConfig", {}).get("DestinationConfig", {}).get("OnFailure")
    return failure["Destination"]["Fn::GetAtt"][0] if failure else None


def resource_of(arn: dict[str, Any]) -> str | None:
    """The resource of this stack that an ARN in a policy leads to."""
    [text] = [next(iter(listed(value))) for value in arn.values()]
    name = text.removeprefix("${").partition(".")[0].rstrip("}")
    return name if name in RESOURCES else next((NAMED[each] for each in NAMED if text.endswith(f":{each}")), None)


DEAD_LETTER_QUEUES = {*map(dead_letter_queue, QUEUES), *map(failed_orders, FUNCTIONS)} - {None}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("TimeToLiveSpecification", {"AttributeName": "expires_at", "Enabled": True}),
        ("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": True}),
        ("SSESpecification", {"SSEEnabled": True}),
        ("DeletionProtectionEnabled", True),
        ("BillingMode", "PAY_PER_REQUEST"),
    ],
)
def test_the_table_is_encrypted_backed_up_and_protected(name: str, expected: object) -> None:
    """The embedded AWS drops most of these without a word."""
    assert expected == properties("Table")[name]


def test_raw_messages_are_versioned() -> None:
    """A raw message cannot be replaced."""
    assert "Enabled" == properties("MailBucket")["VersioningConfiguration"]["Status"]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_encrypted_and_closed_to_the_public(name: str) -> None:
    """A stranger reads neither messages nor who is about to lose an address."""
    bucket = properties(name)
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert "AES256" == encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"]
    assert {True} == set(bucket["PublicAccessBlockConfiguration"].values())
    assert 4 == len(bucket["PublicAccessBlockConfiguration"])
    assert [{"ObjectOwnership": "BucketOwnerEnforced"}] == bucket["OwnershipControls"]["Rules"]


@pytest.mark.parametrize("name", BUCKETS)
def test_a_bucket_is_reached_over_tls_only(name: str) -> None:
    """Without TLS nobody gets at it, whatever else allows it."""
    assert {"Ref": name} == properties(f"{name}Policy")["Bucket"]
    denied = [
        statement
        for statement in properties(f"{name}Policy")["PolicyDocument"]["Statement"]
        if statement.get("Effect") == "Deny"
    ]
    assert [("*", "s3:*", {"Bool": {"aws:SecureTransport": False}})] == [
        (statement["Principal"], statement["Action"], statement["Condition"]) for statement in denied
    ]


@pytest.mark.parametrize("name", [name for name, resource in RESOURCES.items() if resource["Type"] in KEPT])
def test_what_holds_data_outlives_the_stack(name: str) -> None:
    """Deleting the stack, or a change that replaces the resource, deletes no link, no message and no user."""
    assert ("Retain", "Retain") == (RESOURCES[name]["DeletionPolicy"], RESOURCES[name]["UpdateReplacePolicy"])


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_encrypted_and_keeps_messages_for_fourteen_days(name: str) -> None:
    """Fourteen days are the most that SQS grants for finding out what is wrong."""
    assert properties(name)["SqsManagedSseEnabled"] is True
    assert FOURTEEN_DAYS == properties(name)["MessageRetentionPeriod"]


@pytest.mark.parametrize("name", sorted(QUEUES.keys() - DEAD_LETTER_QUEUES))
def test_a_queue_has_a_dead_letter_queue_and_an_alarm_on_what_waits(name: str) -> None:
    """A message that cannot be processed makes room for its neighbours and is not forgotten."""
    assert dead_letter_queue(name) in QUEUES
    assert name in watched("ApproximateAgeOfOldestMessage")


@pytest.mark.parametrize("name", sorted(filter(None, DEAD_LETTER_QUEUES)))
def test_a_dead_letter_queue_has_an_alarm(name: str) -> None:
    """Somebody is told of the first message that lies there."""
    assert name in watched("ApproximateNumberOfMessagesVisible")


def test_a_batch_is_not_handed_out_again_while_it_is_being_processed() -> None:
    """AWS asks for a visibility timeout of six times the function's timeout at least."""
    for function in FUNCTIONS.values():
        timeout = function["Properties"].get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"])
        events = function["Properties"].get("Events", {}).values()
        for event in [each for each in events if each["Type"] == "SQS"]:
            queue, _ = event["Properties"]["Queue"]["Fn::GetAtt"]
            assert properties(queue)["VisibilityTimeout"] >= 6 * timeout
            assert ["ReportBatchItemFailures"] == event["Properties"]["FunctionResponseTypes"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_keeps_its_own_log_for_a_while_and_has_an_alarm_on_errors(name: str) -> None:
    """No log grows for ever, and no unknown error goes by unseen."""
    assert properties(properties(name)["LoggingConfig"]["LogGroup"]["Ref"])["RetentionInDays"] >= 30
    assert name in watched("Errors")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_is_throttled_is_seen(name: str) -> None:
    """Calls of the API are lost by it; others come again, later."""
    assert name in watched("Throttles")


def test_throttles_of_the_table_and_of_each_index_are_seen() -> None:
    """Of reads and writes; that of an index is the table's as far as writes wait for it."""
    indexes = [each["IndexName"] for each in properties("Table")["GlobalSecondaryIndexes"]]
    for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
        found = [
            {each["Name"]: each["Value"] for each in alarm["Properties"]["Dimensions"]}
            for alarm in ALARMS.values()
            if alarm["Properties"]["MetricName"] == metric
        ]
        table = {"TableName": {"Ref": "Table"}}
        assert [table, *({**table, "GlobalSecondaryIndexName": each} for each in indexes)] == found


def test_no_two_functions_share_a_role_or_a_log() -> None:
    """What one function may do is nobody else's right."""
    roles = [properties(name)["Role"]["Fn::GetAtt"][0] for name in FUNCTIONS]
    logs = [properties(name)["LoggingConfig"]["LogGroup"]["Ref"] for name in FUNCTIONS]
    assert len(FUNCTIONS) == len(set(roles)) == len(set(logs))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_names_its_actions_and_resources(name: str) -> None:
    """No wildcard but within one resource of this stack, such as the objects under a prefix of the bucket.

    But for what lies outside the stack: the network and the secrets of directories.
    """
    inside = [each for each in statements(name) if each not in OUTSIDE]
    assert not [action for action in actions(name) if "*" in action]
    assert not [each for each in inside for resource in listed(each["Resource"]) if not resource_of(resource)]
    assert {"Allow"} == {statement["Effect"] for statement in statements(name)}


NETWORK = {
    "Effect": "Allow",
    "Action": [
        *("ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"),
        *("ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
    ],
    "Resource": "*",
}
SECRETS = {
    "Effect": "Allow",
    "Action": "secretsmanager:GetSecretValue",
    "Resource": {
        "Fn::Sub": "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${DirectorySecrets}"
    },
}
OUTSIDE = [NETWORK, SECRETS]


def test_only_the_function_that_reads_directories_gets_at_secrets_and_a_network() -> None:
    """The network only where subnets are given; the secrets only those that the parameter names."""
    assert ["DirectorySyncFunction"] == [name for name in FUNCTIONS if SECRETS in statements(name)]
    assert ["DirectorySyncFunction"] == [name for name in FUNCTIONS if NETWORK in statements(name)]
    stated = properties("DirectorySyncRole")["Policies"][0]["PolicyDocument"]["Statement"]
    assert {"Fn::If": ["InNetwork", NETWORK, {"Ref": "AWS::NoValue"}]} in stated


def test_no_function_may_delete_or_scan() -> None:
    """What exists stays, and nothing reads the whole table; a directory's configuration alone can be taken away."""
    every = set().union(*map(actions, FUNCTIONS))
    deleting = {action for action in every if "Delete" in action}
    assert {"dynamodb:DeleteItem", "sqs:DeleteMessage", "ec2:DeleteNetworkInterface"} == deleting
    assert "dynamodb:Scan" not in every
    assert [("LinkApiFunction", {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [DIRECTORIES]}})] == [
        (name, each.get("Condition"))
        for name in FUNCTIONS
        for each in statements(name)
        if "dynamodb:DeleteItem" in listed(each["Action"])
    ]


@pytest.mark.parametrize("name", ["DirectorySyncFunction", "ApplyPlanFunction"])
def test_an_order_that_fails_every_time_is_kept_and_seen(name: str) -> None:
    """Lambda tries an order that nobody waits for three times, and then throws it away without a word."""
    kept = failed_orders(name)
    assert kept in QUEUES
    assert {"sqs:SendMessage"} <= {
        action
        for each in statements(name)
        for action in listed(each["Action"])
        if each["Resource"] == {"Fn::GetAtt": [kept, "Arn"]}
    }


def test_every_function_that_is_sent_orders_keeps_those_that_fail() -> None:
    """Whoever may invoke a function does so without waiting."""
    asked = {
        resource["Fn::GetAtt"][0]
        for name in FUNCTIONS
        for each in statements(name)
        if "lambda:InvokeFunction" in listed(each["Action"])
        for resource in listed(each["Resource"])
    }
    assert {"DirectorySyncFunction", "ApplyPlanFunction"} == asked
    assert None not in map(failed_orders, asked)


def test_the_schedule_is_a_parameter() -> None:
    """An organisation says how often its directories are asked."""
    [event] = properties("DirectorySyncFunction")["Events"].values()
    assert {"Type": "Schedule", "Properties": {"Schedule": {"Ref": "SyncSchedule"}}} == event
    assert re.fullmatch(r"rate\(\d+ minutes\)", TEMPLATE["Parameters"]["SyncSchedule"]["Default"])


def test_directories_are_read_from_within_a_network_only_where_one_is_given() -> None:
    """A function in a network has no way to the internet unless that network has one."""
    network = {"SubnetIds": {"Ref": "DirectorySubnets"}, "SecurityGroupIds": {"Ref": "DirectorySecurityGroups"}}
    expected = {"Fn::If": ["InNetwork", network, {"Ref": "AWS::NoValue"}]}
    assert {"DirectorySyncFunction": expected} == {
        name: each["Properties"]["VpcConfig"] for name, each in FUNCTIONS.items() if "VpcConfig" in each["Properties"]
    }


def states() -> dict[str, Any]:
    """The definition of the state machine, by its states; those of the map are among them."""
    definition = json.loads(properties("PlanStateMachine")["DefinitionString"]["Fn::Sub"])
    found: dict[str, Any] = definition["States"]
    parts: dict[str, Any] = found["CarryOut"]["ItemProcessor"]["States"]
    return found | parts


def test_every_task_of_the_state_machine_is_tried_again_whatever_went_wrong() -> None:
    """A part is safe to carry out again, and so is the end of a run."""
    tasks = {name: each for name, each in states().items() if each["Type"] == "Task"}
    assert {"Part", "Finish", "Report"} == tasks.keys()
    for task in tasks.values():
        [retry] = task["Retry"]
        assert ["States.ALL"] == retry["ErrorEquals"]
        assert retry["MaxAttempts"] >= 5


def test_a_plan_that_cannot_be_carried_out_still_ends_its_run() -> None:
    """The run says what was not done, and the execution fails, so that the alarm goes off."""
    found = states()
    [caught] = found["CarryOut"]["Catch"]
    assert (["States.ALL"], "$.error", "Finish") == (caught["ErrorEquals"], caught["ResultPath"], caught["Next"])
    assert {"Error": ""} == found["CarriedOut"]["Result"]
    [well] = found["HasFailed"]["Choices"]
    assert ("$.error.Error", "", "Done") == (well["Variable"], well["StringEquals"], well["Next"])
    assert ("Failed", "Fail") == (found["HasFailed"]["Default"], found["Failed"]["Type"])
    assert "PlanStateMachine" in watched("ExecutionsFailed")
    # Step Functions does not count as failed what took longer than its time.
    assert "PlanStateMachine" in watched("ExecutionsTimedOut")


def test_the_results_of_an_import_are_reported_whether_its_plan_failed_or_not() -> None:
    """And of no other run, since no other has rows."""
    found = states()
    assert "HasRows" == found["Finish"]["Next"]
    [imported] = found["HasRows"]["Choices"]
    assert ("$.kind", RunKind.IMPORT, "Report") == (imported["Variable"], imported["StringEquals"], imported["Next"])
    assert {"HasFailed"} == {found["HasRows"]["Default"], found["Report"]["Next"]}


def test_a_run_keeps_its_directory_longer_than_its_plan_may_take() -> None:
    """Else the next run would begin while parts of this one are still carried out."""
    definition = json.loads(properties("PlanStateMachine")["DefinitionString"]["Fn::Sub"])
    assert CARRIED_OUT_WITHIN_MINUTES * 60 > definition["TimeoutSeconds"]
    assert definition["States"]["CarryOut"]["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"


def test_what_is_sent_to_the_state_machine_and_to_the_function_behind_it_is_what_they_read() -> None:
    """The definition is text, in which no type checker looks."""
    found = states()
    [selected, finish, report] = [
        {name.removesuffix(".$") for name in given}
        for given in (
            found["CarryOut"]["ItemSelector"],
            found["Finish"]["Parameters"]["Payload"],
            found["Report"]["Parameters"]["Payload"],
        )
    ]
    assert PartOrder.model_fields.keys() == selected
    assert FinishOrder.model_fields.keys() == finish
    assert ReportOrder.model_fields.keys() == report


@pytest.mark.parametrize("name", ["ArchiveApiFunction", "ApiDescriptionFunction"])
def test_what_only_reads_may_only_read(name: str) -> None:
    """A mail user's requests change nothing, whatever is wrong with the code."""
    writing = {
        action for action in actions(name) if not action.partition(":")[2].startswith(("Get", "BatchGet", "Query"))
    }
    assert {"logs:CreateLogStream", "logs:PutLogEvents"} == writing


@pytest.mark.parametrize("name", ROUTES)
def test_every_route_but_the_description_asks_who_is_calling(name: str) -> None:
    """A route without the authorizer would be open to the world."""
    route = properties(name)
    expected = ("NONE", None) if route["RouteKey"] in PUBLIC_ROUTES else ("JWT", {"Ref": "Users"})
    assert expected == (route["AuthorizationType"], route.get("AuthorizerId"))


def routes_to(integration: str) -> set[str]:
    """The keys of the routes that end at an integration."""
    target = {"Fn::Sub": f"integrations/${{{integration}}}"}
    return {route["Properties"]["RouteKey"] for route in ROUTES.values() if target == route["Properties"]["Target"]}


def described(paths: dict[str, Any]) -> set[str]:
    """The keys of the routes that an OpenAPI description has."""
    return {f"{method.upper()} {path}" for path, item in paths.items() for method in item}


def test_the_gateway_has_the_routes_that_the_functions_answer() -> None:
    """A route of one without the other is a 404 that nobody meant."""
    from archive_api.routes import app as archive  # noqa: PLC0415 - slow, and no other test here needs them
    from link_api.routes import app as links  # noqa: PLC0415

    def answered(app: Any) -> set[str]:
        return described(app.get_openapi_schema().model_dump(by_alias=True, exclude_none=True)["paths"])

    assert answered(links) == routes_to("Links")
    assert answered(archive) == routes_to("Archive")
    assert PUBLIC_ROUTES == routes_to("Description")


def test_ses_is_left_alone_unless_mail_domains_are_given() -> None:
    """An account that receives mail otherwise, and the embedded AWS, see nothing of SES."""
    kinds = {resource["Type"]: resource.get("Condition") for resource in RESOURCES.values()}
    assert {"AWS::SES::ReceiptRuleSet": "ReceivesMail", "AWS::SES::ReceiptRule": "ReceivesMail"} == {
        kind: condition for kind, condition in kinds.items() if kind.startswith("AWS::SES::")
    }


def test_users_come_by_invitation_and_cannot_change_their_email() -> None:
    """The email claim says whose archive is shown, so its bearer must not be able to write it."""
    assert {"AllowAdminCreateUserOnly": True} == properties("UserPool")["AdminCreateUserConfig"]
    assert "Schema" not in properties("UserPool")
    assert ["name"] == properties("UserPoolClient")["WriteAttributes"]


def test_the_layer_is_built_for_what_runs_it() -> None:
    """A compiled package for another Python or processor fails at the first import."""
    layer, functions = RESOURCES["AddressesLayer"], TEMPLATE["Globals"]["Function"]
    assert [functions["Runtime"]] == layer["Properties"]["CompatibleRuntimes"] == [layer["Metadata"]["BuildMethod"]]
    assert functions["Architectures"] == layer["Properties"]["CompatibleArchitectures"]
    assert functions["Architectures"] == [layer["Metadata"]["BuildArchitecture"]]


def every_alarm_action(alarms: Iterable[Any]) -> list[Any]:
    """What happens when an alarm goes off."""
    return [action for alarm in alarms for action in alarm["Properties"]["AlarmActions"]]


def test_every_alarm_reaches_the_alarm_topic() -> None:
    """An alarm that tells nobody is none."""
    assert [{"Ref": "AlarmTopic"}] * len(ALARMS) == every_alarm_action(ALARMS.values())


def dashboard() -> list[dict[str, Any]]:
    """The widgets of the dashboard."""
    widgets: list[dict[str, Any]] = json.loads(properties("Dashboard")["DashboardBody"]["Fn::Sub"])["widgets"]
    return widgets


def test_the_dashboard_shows_every_alarm_and_names_only_what_is_there() -> None:
    """The body is text, in which CloudFormation fills in names."""
    [alarms] = [each["properties"]["alarms"] for each in dashboard() if each["type"] == "alarm"]
    assert [f"${{{name}.Arn}}" for name in ALARMS] == alarms
    named = set(re.findall(r"\$\{([\w:]+)", properties("Dashboard")["DashboardBody"]["Fn::Sub"]))
    assert named <= {*RESOURCES, "AWS::Region", "AWS::StackName"}


def test_the_dashboard_shows_every_metric_that_an_alarm_watches() -> None:
    """What goes off can be looked at, and how it came to that."""
    shown = {
        part
        for each in dashboard()
        for metric in each["properties"].get("metrics", [])
        for part in metric
        if isinstance(part, str)
    }
    assert {alarm["Properties"]["MetricName"] for alarm in ALARMS.values()} <= shown


def test_no_widgets_of_the_dashboard_lie_over_each_other() -> None:
    """In its grid of 24 columns."""
    cells = [
        (column, row)
        for each in dashboard()
        for column in range(each["x"], each["x"] + each["width"])
        for row in range(each["y"], each["y"] + each["height"])
    ]
    assert len(cells) == len(set(cells))
    assert max(column for column, _ in cells) < 24
