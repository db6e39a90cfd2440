"""IAM on the embedded AWS: each role, asked for everything that any role of the stack may do, is let through or denied.

A call that fails for another reason was let through: each is made so that it changes nothing. The embedded AWS tells
its evaluator no partition keys, so that one is asked about these by itself. It asks for log groups by another name than
AWS does; what roles may do there is asked of the template alone, in ``tests/unit/test_rights.py``.
"""

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from local import aws, deploy, emulator
from local.outputs import Outputs
from tests.rights import ROLES, Call, Right, allows, rights
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_iam import IAMClient

PROBE = "probe"
# What no role may do, and a careless one would.
NOBODYS = {
    Call("dynamodb:Scan", "Table"),
    Call("s3:DeleteObject", "MailBucket/inbound/probe"),
    Call("s3:DeleteObjectVersion", "MailBucket/inbound/probe"),
    Call("s3:PutObject", "MailBucket/inbound/probe"),
    Call("s3:PutObject", "MailBucket/import/probe"),
    Call("s3:GetObject", "MailBucket/elsewhere/probe"),
    Call("sqs:SendMessage", "MailQueue"),
    Call("sqs:ReceiveMessage", "MailDeadLetterQueue"),
    Call("sqs:ReceiveMessage", "OrderDeadLetterQueue"),
    Call("lambda:InvokeFunction", "MailIngestFunction"),
}


def probe(right: Right) -> Call:
    """A call that the right covers, on something that is not there."""
    return Call(right.action, right.resource.replace("*", PROBE))


def is_enforced(right: Right) -> bool:
    """Whether the embedded AWS would mind. In a network, where a function needs more, none of this stack runs."""
    return not right.action.startswith(("logs:", "ec2:"))


CALLS = NOBODYS | {probe(right) for role in ROLES for right in rights(role) if is_enforced(right)}


@pytest.fixture(scope="module")
def iam(stack: Outputs) -> "IAMClient":
    """The service of roles, as the account's administrator."""
    return aws.session().client("iam", endpoint_url=stack.endpoint_url, config=aws.DIRECT)


@pytest.fixture(scope="module")
def named(stack: Outputs) -> Mapping[str, str]:
    """What each resource of the template is called in the stack."""
    cloudformation = aws.session().client("cloudformation", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    made = cloudformation.describe_stack_resources(StackName=deploy.STACK)["StackResources"]
    return {each["LogicalResourceId"]: each.get("PhysicalResourceId", "") for each in made}


@pytest.fixture(scope="module")
def session(stack: Outputs, iam: "IAMClient", named: Mapping[str, str]) -> Iterator[Callable[[str], boto3.Session]]:
    """Gives a session with a role's own credentials. The tests may assume roles meanwhile, beside who may anyway."""
    sts = aws.session().client("sts", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    trusted: dict[str, Any] = {}

    def assumed(role: str) -> boto3.Session:
        known = iam.get_role(RoleName=named[role])["Role"]
        if role not in trusted:
            trusted[role] = known["AssumeRolePolicyDocument"]
            ours = {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::000000000000:root"},
                "Action": "sts:AssumeRole",
            }
            iam.update_assume_role_policy(RoleName=named[role], PolicyDocument=_policy(ours))
        given = sts.assume_role(RoleArn=known["Arn"], RoleSessionName="test")["Credentials"]
        return boto3.Session(
            given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"], region_name=aws.REGION
        )

    yield assumed
    for role, document in trusted.items():
        iam.update_assume_role_policy(RoleName=named[role], PolicyDocument=json.dumps(document))


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_let_through_to_its_own_and_denied_its_neighbours(
    role: str, stack: Outputs, named: Mapping[str, str], session: Callable[[str], boto3.Session]
) -> None:
    """All that any role may do is asked for in the name of each."""
    asking = _Asking(session(role), stack, named)
    wrong = {call for call in CALLS if asking.is_denied(call) == allows(role, call)}
    assert set() == wrong


def test_every_role_is_denied_most_of_what_its_neighbours_may_do() -> None:
    """So that the test above is about something."""
    assert dict.fromkeys(ROLES, True) == {
        role: sum(allows(role, call) for call in CALLS) < len(CALLS) / 2 for role in ROLES
    }
    assert not [call for call in NOBODYS for role in ROLES if allows(role, call)]


KINDS = (
    "ADDRESS#a",
    "MAILBOX#1",
    "ARCHIVE#a",
    "MESSAGE#1",
    "RUN#1",
    "DIRECTORY#d",
    "LOAD#l",
    "DIRECTORIES",
    "SETTINGS",
)
READING, WRITING = ("GetItem", "BatchGetItem", "Query"), ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
EVALUATED = [
    Call(f"dynamodb:{action}", "Table", keys)
    for action in (*READING, *WRITING)
    for keys in [*((each,) for each in KINDS), KINDS[:2], ("RUN#1", "ARCHIVE#a")]
]
# In the environment of the embedded AWS, by the evaluator that it has for every request.
EVALUATOR = """
import json, sys
from ministack.core.iam_evaluator import EvalContext, evaluate, parse_policy_document
told = json.load(sys.stdin)
policies = [parse_policy_document(each) for each in told["policies"]]
about = "arn:aws:sts::000000000000:assumed-role/role/test", "AssumedRole", "000000000000"
asked = [
    EvalContext(*about, action, told["table"], "eu-west-1", service_context={"dynamodb:leadingkeys": keys})
    for action, keys in told["calls"]
]
print(json.dumps([evaluate(each, policies).decision == "Allow" for each in asked]))
"""


@pytest.mark.parametrize("role", ROLES)
def test_a_role_reaches_its_own_kinds_of_items(
    role: str, iam: "IAMClient", named: Mapping[str, str], dynamodb: "DynamoDBClient"
) -> None:
    """Of the policies as they were deployed, an evaluator that is not ours says what ours says of the template."""
    policies = [
        iam.get_role_policy(RoleName=named[role], PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=named[role])["PolicyNames"]
    ]
    table = dynamodb.describe_table(TableName=named["Table"])["Table"]["TableArn"]
    told = {"policies": policies, "table": table, "calls": [(call.action, call.keys) for call in EVALUATED]}
    answered = subprocess.run(
        [emulator.PYTHON, "-c", EVALUATOR], input=json.dumps(told), capture_output=True, text=True, check=True
    )
    allowed = {call for call, is_allowed in zip(EVALUATED, json.loads(answered.stdout), strict=True) if is_allowed}
    assert {call for call in EVALUATED if allows(role, call)} == allowed


def test_a_function_runs_with_its_own_role(
    iam: "IAMClient", named: Mapping[str, str], user: Callable[[str], httpx.Client], admin: httpx.Client, domain: str
) -> None:
    """What is taken from the role of the mail users' API is missing there, and nowhere else."""
    admin.put(f"/mailboxes/alice@{domain}").raise_for_status()
    alice, role = user(f"alice@{domain}"), named["ArchiveApiRole"]
    denied = {"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}
    assert 200 == alice.get("/me").status_code
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=_policy(denied))
    try:
        assert alice.get("/me").status_code >= 500
        assert 200 == admin.get(f"/mailboxes/alice@{domain}").status_code
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")
    assert 200 == until(lambda: alice.get("/me").status_code, lambda status: status == 200, 10)


class _Asking:
    """Calls of AWS with a role's credentials."""

    def __init__(self, session: boto3.Session, stack: Outputs, named: Mapping[str, str]) -> None:
        self._session: Any = session  # of whichever service
        self._stack = stack
        self._named = named

    def is_denied(self, call: Call) -> bool:
        """Whether IAM refuses the call, and not another rule of the service."""
        service, _, operation = call.action.partition(":")
        name, _, rest = call.resource.partition("/")
        client: Any = self._client({"states": "stepfunctions"}.get(service, service))
        method, parameters = _OPERATIONS[call.action]
        try:
            getattr(client, method)(**parameters(self._physical(name), rest))
        except ClientError as refusal:
            code = refusal.response["Error"]["Code"]
            assert code not in {"InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken"}, operation
            return code in {"AccessDenied", "AccessDeniedException"}
        return False

    def _client(self, service: str) -> Any:
        return self._session.client(service, endpoint_url=self._stack.endpoint_url, config=aws.DIRECT)

    def _physical(self, name: str) -> str:
        return PROBE if name == "DirectorySecrets" else self._named[name]


def _item(name: str, _rest: str) -> dict[str, Any]:
    return {"TableName": name, "Key": {"pk": {"S": PROBE}, "sk": {"S": PROBE}}}


def _if_there(name: str, _rest: str) -> dict[str, Any]:
    return {**_item(name, ""), "ConditionExpression": "attribute_exists(pk)"}


def _put(name: str, _rest: str) -> dict[str, Any]:
    item = {"pk": {"S": PROBE}, "sk": {"S": PROBE}}
    return {"TableName": name, "Item": item, "ConditionExpression": "attribute_exists(pk)"}


def _query(name: str, rest: str) -> dict[str, Any]:
    index = rest.removeprefix("index/")
    key = {"": "pk", "by_list": "listing", "by_directory": "directory_shard"}[index]
    asked = {"TableName": name, "KeyConditionExpression": f"{key} = :key"}
    return asked | {"ExpressionAttributeValues": {":key": {"S": PROBE}}} | ({"IndexName": index} if index else {})


def _execution(machine: str, _rest: str) -> dict[str, Any]:
    # As those of a distributed map's parts are named.
    return {"executionArn": f"{machine.replace(':stateMachine:', ':execution:')}/Parts:{PROBE}"}


def _policy(statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# What is asked for is nothing, or not well-formed, so that it comes to nothing where it is let through.
_OPERATIONS: Mapping[str, tuple[str, Callable[[str, str], dict[str, Any]]]] = {
    "dynamodb:GetItem": ("get_item", _item),
    "dynamodb:BatchGetItem": (
        "batch_get_item",
        lambda name, _: {"RequestItems": {name: {"Keys": [_item(name, "")["Key"]]}}},
    ),
    "dynamodb:Query": ("query", _query),
    "dynamodb:Scan": ("scan", lambda name, _: {"TableName": name, "Limit": 1}),
    "dynamodb:PutItem": ("put_item", _put),
    "dynamodb:UpdateItem": ("update_item", _if_there),
    "dynamodb:DeleteItem": ("delete_item", _if_there),
    "dynamodb:BatchWriteItem": (
        "batch_write_item",
        lambda name, _: {"RequestItems": {name: [{"PutRequest": {"Item": {"pk": {"S": ""}, "sk": {"S": ""}}}}]}},
    ),
    "s3:GetObject": ("get_object", lambda bucket, key: {"Bucket": bucket, "Key": key}),
    "s3:GetObjectVersion": ("get_object", lambda bucket, key: {"Bucket": bucket, "Key": key, "VersionId": PROBE}),
    "s3:PutObject": ("put_object", lambda bucket, key: {"Bucket": bucket, "Key": key, "IfMatch": '"0"'}),
    "s3:DeleteObject": ("delete_object", lambda bucket, key: {"Bucket": bucket, "Key": key}),
    "s3:DeleteObjectVersion": ("delete_object", lambda bucket, key: {"Bucket": bucket, "Key": key, "VersionId": PROBE}),
    "s3:ListBucket": ("list_objects_v2", lambda bucket, _: {"Bucket": bucket, "Prefix": PROBE}),
    "s3:ListBucketVersions": ("list_object_versions", lambda bucket, _: {"Bucket": bucket, "Prefix": PROBE}),
    "states:StartExecution": (
        "start_execution",
        lambda machine, _: {"stateMachineArn": machine, "name": PROBE, "input": "no JSON"},
    ),
    "states:DescribeExecution": ("describe_execution", _execution),
    "states:StopExecution": ("stop_execution", _execution),
    "lambda:InvokeFunction": ("invoke", lambda function, _: {"FunctionName": function, "InvocationType": "DryRun"}),
    "secretsmanager:GetSecretValue": ("get_secret_value", lambda name, _: {"SecretId": name}),
    "sqs:SendMessage": ("send_message", lambda url, _: {"QueueUrl": url, "MessageBody": PROBE, "DelaySeconds": 10**4}),
    "sqs:ReceiveMessage": ("receive_message", lambda url, _: {"QueueUrl": url, "MaxNumberOfMessages": 11}),
    "sqs:DeleteMessage": ("delete_message", lambda url, _: {"QueueUrl": url, "ReceiptHandle": PROBE}),
    "sqs:GetQueueAttributes": ("get_queue_attributes", lambda url, _: {"QueueUrl": url}),
}
