"""What this project relies on in the embedded AWS, so that a release of it that breaks any of it is seen.

Rules of the services, not of this project: see also ``local/put_right.py`` for what it is known to drop.
"""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from botocore.exceptions import ClientError

from local import aws, deploy, emulator, template
from local.outputs import Outputs
from local.stack import AlreadyRunning, keeper, running
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

CLAIMANTS = 16


def item(pk: str, **values: str) -> Any:
    """An item with text in every attribute, its sort key the same for all."""
    return {name: {"S": value} for name, value in {"pk": pk, "sk": "TEST", **values}.items()}


def put_if_absent(stack: Outputs, new: Any) -> Any:
    """One write of a transaction: the item must not be there."""
    return {"Put": {"TableName": stack.table_name, "Item": new, "ConditionExpression": "attribute_not_exists(pk)"}}


def stored(stack: Outputs, dynamodb: "DynamoDBClient", pk: str) -> Any:
    """The item with this key, or None."""
    key = {name: value for name, value in item(pk).items() if name in {"pk", "sk"}}
    return dynamodb.get_item(TableName=stack.table_name, Key=key, ConsistentRead=True).get("Item")


def test_of_many_transactions_that_claim_the_same_two_items_one_wins(
    stack: Outputs, dynamodb: "DynamoDBClient"
) -> None:
    """Transactions are atomic and serial, also when they name the items in different orders."""
    for round_ in range(10):
        together = Barrier(CLAIMANTS)

        def claim(claimant: int, round_: int = round_, together: Barrier = together) -> str | None:
            writes = [put_if_absent(stack, item(f"CLAIM-{round_}-{part}", by=str(claimant))) for part in ("a", "b")]
            together.wait()
            try:
                dynamodb.transact_write_items(TransactItems=writes if claimant % 2 else writes[::-1])
            except dynamodb.exceptions.TransactionCanceledException:
                return None
            return str(claimant)

        with ThreadPoolExecutor(CLAIMANTS) as executor:
            winners = [winner for winner in executor.map(claim, range(CLAIMANTS)) if winner]
        held = [stored(stack, dynamodb, f"CLAIM-{round_}-{part}")["by"]["S"] for part in ("a", "b")]
        assert 1 == len(winners)
        assert winners * 2 == held


def test_a_cancelled_transaction_says_which_condition_failed_and_writes_nothing(
    stack: Outputs, dynamodb: "DynamoDBClient"
) -> None:
    """Reasons come by position; all or nothing is written."""
    dynamodb.put_item(TableName=stack.table_name, Item=item("CANCELLED-taken"))
    writes = [put_if_absent(stack, item("CANCELLED-free")), put_if_absent(stack, item("CANCELLED-taken"))]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as cancelled:
        dynamodb.transact_write_items(TransactItems=writes)
    reasons: Any = cancelled.value.response["CancellationReasons"]
    assert ["None", "ConditionalCheckFailed"] == [reason["Code"] for reason in reasons]
    assert stored(stack, dynamodb, "CANCELLED-free") is None


def test_a_refused_write_can_give_back_the_item_that_was_there(stack: Outputs, dynamodb: "DynamoDBClient") -> None:
    """Ingestion learns from one write that the message is known, and what is known of it."""
    dynamodb.put_item(TableName=stack.table_name, Item=item("THERE", value="first"))
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException) as refused:
        dynamodb.put_item(
            TableName=stack.table_name,
            Item=item("THERE", value="second"),
            ConditionExpression="attribute_not_exists(pk)",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    answer: Any = refused.value.response
    assert item("THERE", value="first") == answer["Item"]


def test_an_index_has_only_items_with_its_key_and_only_what_it_projects(
    stack: Outputs, dynamodb: "DynamoDBClient"
) -> None:
    """``by_list`` is sparse and holds nothing but keys."""
    dynamodb.put_item(TableName=stack.table_name, Item=item("INDEXED-out", value="x"))
    dynamodb.put_item(TableName=stack.table_name, Item=item("INDEXED-in", value="x", listing="TEST", listed_as="a"))
    found = dynamodb.query(
        TableName=stack.table_name,
        IndexName="by_list",
        KeyConditionExpression="listing = :list",
        ExpressionAttributeValues={":list": {"S": "TEST"}},
    )["Items"]
    assert [item("INDEXED-in", listing="TEST", listed_as="a")] == found


def test_a_role_may_do_what_its_policy_allows_and_no_more(stack: Outputs) -> None:
    """IAM is enforced here, so a function that lacks a right fails in the tests and not first in AWS."""
    session = aws.session()
    iam = session.client("iam", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    trust = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    allowed = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "arn:aws:dynamodb:*:*:table/*"}
    role = iam.create_role(RoleName="reads", AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="reads", PolicyName="reads", PolicyDocument=_policy(allowed))
    sts = session.client("sts", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    credentials = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    reader: DynamoDBClient = session.client(
        "dynamodb",
        endpoint_url=stack.endpoint_url,
        config=aws.DIRECT,
        aws_access_key_id=credentials["AccessKeyId"],
        aws_secret_access_key=credentials["SecretAccessKey"],
        aws_session_token=credentials["SessionToken"],
    )
    assert stored(stack, reader, "ROLE") is None
    with pytest.raises(ClientError) as denied:
        reader.put_item(TableName=stack.table_name, Item=item("ROLE"))
    assert "AccessDeniedException" == denied.value.response["Error"]["Code"]


def _policy(statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_what_is_dropped_when_the_stack_is_made_has_been_put_right(
    stack: Outputs, dynamodb: "DynamoDBClient", s3: "S3Client"
) -> None:
    """The local table and bucket are what the template says."""
    expires = dynamodb.describe_time_to_live(TableName=stack.table_name)["TimeToLiveDescription"]
    backups = dynamodb.describe_continuous_backups(TableName=stack.table_name)["ContinuousBackupsDescription"]
    table = dynamodb.describe_table(TableName=stack.table_name)["Table"]
    [rule] = s3.get_bucket_encryption(Bucket=stack.mail_bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert ("expires_at", "ENABLED") == (expires["AttributeName"], expires["TimeToLiveStatus"])
    assert "ENABLED" == backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    assert "ENABLED" == table["SSEDescription"]["Status"]
    assert table["DeletionProtectionEnabled"] is True
    assert "AES256" == rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]


def test_the_gateway_asks_for_a_token_of_its_own_pool(
    api: Callable[[str | None], httpx.Client], token: Callable[..., str]
) -> None:
    """No token, a forged one and one for another audience are turned away before any function runs."""
    head, claims, signature = token("alice@example.com").split(".")
    forged = f"{head}.{claims}.{signature[:-8]}{'A' * 8}"
    unsigned = f"eyJhbGciOiJub25lIn0.{claims}."
    statuses = [api(bearer).get("/me").status_code for bearer in (None, "nonsense", forged, unsigned)]
    assert [401] * 4 == statuses


def test_what_nobody_understands_ends_in_the_dead_letter_queue(
    stack: Outputs, sqs: "SQSClient", soon_tried_again: None
) -> None:
    """A failed message comes back alone, five times, and then lies where the alarm sees it."""
    del soon_tried_again
    sqs.send_message(QueueUrl=stack.mail_queue_url, MessageBody="nobody understands this")

    def dead_letters() -> list[str]:
        received = sqs.receive_message(QueueUrl=stack.mail_dead_letter_queue_url, MaxNumberOfMessages=10)
        found = received.get("Messages", [])
        # Taken away, or another test would find among its dead letters what this one left.
        for each in found:
            sqs.delete_message(QueueUrl=stack.mail_dead_letter_queue_url, ReceiptHandle=each["ReceiptHandle"])
        return [message["Body"] for message in found]

    assert "nobody understands this" in until(dead_letters, lambda bodies: "nobody understands this" in bodies, 60)


def test_an_object_with_an_odd_name_can_be_fetched_by_its_presigned_url(stack: Outputs, s3: "S3Client") -> None:
    """Keys with spaces, plus signs and letters beyond ASCII survive signing and fetching."""
    key = "elsewhere/x y+\u00e9%2B.eml"
    s3.put_object(Bucket=stack.mail_bucket, Key=key, Body=b"as it came")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": stack.mail_bucket, "Key": key})
    assert b"as it came" == httpx.get(url).raise_for_status().content


def test_an_embedded_aws_that_has_ended_leaves_only_its_log(tmp_path: Path) -> None:
    """Nothing listens any more, and no scratch folder lies about."""
    with emulator.started(tmp_path) as endpoint:
        assert httpx.get(endpoint + "/_ministack/health").is_success
        assert emulator.scratch_of(tmp_path).is_dir()
    assert not emulator.scratch_of(tmp_path).exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(endpoint + "/_ministack/health")
    assert ["emulator.log"] == [path.name for path in tmp_path.iterdir()]


def test_a_state_directory_has_one_stack_at_a_time(stack: Outputs, state_directory: Path, tmp_path: Path) -> None:
    """A second one says so and disturbs nothing; whoever stops the stack finds the process that keeps it."""
    with pytest.raises(AlreadyRunning), running(state_directory):
        pass
    assert (os.getpid(), None) == (keeper(state_directory), keeper(tmp_path))
    assert stack == Outputs.read(state_directory)


def test_deploying_again_keeps_what_is_there(stack: Outputs, dynamodb: "DynamoDBClient") -> None:
    """``make local`` on a running stack brings the code up to date and leaves the data alone."""
    dynamodb.put_item(TableName=stack.table_name, Item=item("KEPT"))
    again = deploy.deploy(stack.endpoint_url)
    assert (stack.api_url, stack.table_name, stack.mail_bucket) == (again.api_url, again.table_name, again.mail_bucket)
    assert item("KEPT") == stored(stack, dynamodb, "KEPT")


def test_cloudformation_makes_every_resource_of_the_template_that_no_condition_leaves_out(stack: Outputs) -> None:
    """A resource that was passed over in silence would be missing only in tests, or only in AWS."""
    cloudformation = aws.session().client("cloudformation", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    made = cloudformation.describe_stack_resources(StackName=deploy.STACK)["StackResources"]
    wanted = {
        name
        for name, resource in template.load()["Resources"].items()
        if resource.get("Condition") not in {"ReceivesMail", "MailsAlarms"}
        # SAM adds a hash of the content to a layer's name.
        and not resource["Type"].endswith("LayerVersion")
    }
    assert set() == wanted - {resource["LogicalResourceId"] for resource in made}
