"""What template.yaml must say, above all where the embedded AWS would not notice that it does not."""

from collections.abc import Iterable
from typing import Any

import pytest

from local.template import load, of_type

TEMPLATE = load()
RESOURCES = TEMPLATE["Resources"]
FUNCTIONS = dict(of_type(TEMPLATE, "AWS::Serverless::Function"))
QUEUES = dict(of_type(TEMPLATE, "AWS::SQS::Queue"))
ROUTES = dict(of_type(TEMPLATE, "AWS::ApiGatewayV2::Route"))
ALARMS = dict(of_type(TEMPLATE, "AWS::CloudWatch::Alarm"))

PUBLIC_ROUTES = {"GET /openapi.json", "GET /docs"}
KEPT = {"AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool"}
FOURTEEN_DAYS = 14 * 24 * 60 * 60


def properties(name: str) -> Any:
    """The properties of a resource."""
    return RESOURCES[name]["Properties"]


def statements(function: str) -> list[dict[str, Any]]:
    """What the role of a function allows."""
    role, _ = properties(function)["Role"]["Fn::GetAtt"]
    found: list[dict[str, Any]] = []
    for policy in properties(role)["Policies"]:
        stated = policy["PolicyDocument"]["Statement"]
        found += stated if isinstance(stated, list) else [stated]
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
        for reference in dimension["Value"].values()
        if alarm["Properties"]["MetricName"] == metric
    }


def dead_letter_queue(name: str) -> str | None:
    """Where a queue puts what could not be processed."""
    redrive = properties(name).get("RedrivePolicy")
    return redrive["deadLetterTargetArn"]["Fn::GetAtt"][0] if redrive else None


DEAD_LETTER_QUEUES = {dead_letter_queue(name) for name in QUEUES} - {None}


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


def test_raw_messages_are_versioned_encrypted_and_closed_to_the_public() -> None:
    """A raw message can neither be replaced nor read by a stranger."""
    bucket = properties("MailBucket")
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert "Enabled" == bucket["VersioningConfiguration"]["Status"]
    assert "AES256" == encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"]
    assert {True} == set(bucket["PublicAccessBlockConfiguration"].values())
    assert 4 == len(bucket["PublicAccessBlockConfiguration"])
    assert [{"ObjectOwnership": "BucketOwnerEnforced"}] == bucket["OwnershipControls"]["Rules"]


def test_raw_messages_travel_over_tls_only() -> None:
    """Without TLS nobody gets at the bucket, whatever else allows it."""
    denied = [
        statement
        for statement in properties("MailBucketPolicy")["PolicyDocument"]["Statement"]
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
        for event in function["Properties"].get("Events", {}).values():
            queue, _ = event["Properties"]["Queue"]["Fn::GetAtt"]
            assert properties(queue)["VisibilityTimeout"] >= 6 * timeout
            assert ["ReportBatchItemFailures"] == event["Properties"]["FunctionResponseTypes"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_keeps_its_own_log_for_a_while_and_has_an_alarm_on_errors(name: str) -> None:
    """No log grows for ever, and no unknown error goes by unseen."""
    assert properties(properties(name)["LoggingConfig"]["LogGroup"]["Ref"])["RetentionInDays"] >= 30
    assert name in watched("Errors")


def test_no_two_functions_share_a_role_or_a_log() -> None:
    """What one function may do is nobody else's right."""
    roles = [properties(name)["Role"]["Fn::GetAtt"][0] for name in FUNCTIONS]
    logs = [properties(name)["LoggingConfig"]["LogGroup"]["Ref"] for name in FUNCTIONS]
    assert len(FUNCTIONS) == len(set(roles)) == len(set(logs))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_names_its_actions_and_resources(name: str) -> None:
    """No wildcard but within one resource of this stack, such as the objects under a prefix of the bucket."""
    resources = [resource for statement in statements(name) for resource in listed(statement["Resource"])]
    own = [next(iter(listed(resource.get("Fn::GetAtt", resource.get("Fn::Sub"))))) for resource in resources]
    assert not [action for action in actions(name) if "*" in action]
    assert not [each for each in own if each.removeprefix("${").partition(".")[0] not in RESOURCES]
    assert {"Allow"} == {statement["Effect"] for statement in statements(name)}


def test_no_function_may_delete_or_scan() -> None:
    """What exists stays, and nothing reads the whole table."""
    every = set().union(*map(actions, FUNCTIONS))
    assert not [action for action in every if "Delete" in action and not action.startswith("sqs:")]
    assert "dynamodb:Scan" not in every


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
