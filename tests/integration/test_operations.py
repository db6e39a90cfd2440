"""What an operator does on the deployed stack: looks at alarms, tries dead letters again, restores the table."""

import json
import os
import re
import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from addresses.archive import Envelope
from local import ROOT, aws, people, template
from local.outputs import Outputs
from local.stack import running
from tests.mail import raw_message, ses_notification
from tests.table import everything
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

NAME = "alias-addresses"


def command(stack: Outputs, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What `make replay` and `make refile` do, against the embedded AWS."""
    environment = {
        **os.environ,
        "AWS_ENDPOINT_URL": stack.endpoint_url,
        "AWS_DEFAULT_REGION": stack.region,
        "PYTHONPATH": str(ROOT / "shared"),
    }
    return subprocess.run(
        [sys.executable, "-m", f"operations.{name}", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def client(stack: Outputs, service: Any) -> Any:
    """A service, as the account's administrator."""
    return aws.session().client(service, endpoint_url=stack.endpoint_url, config=aws.DIRECT)


def stored(stack: Outputs, key: str, subject: str) -> None:
    """Put a message to nobody here into the mail bucket."""
    raw = raw_message(to="list@example.org", subject=subject, message_id=key)
    client(stack, "s3").put_object(Bucket=stack.mail_bucket, Key=key, Body=raw)


def told_of(stack: Outputs, key: str, recipient: str) -> None:
    """Tell of it as SES does: its envelope alone names the recipient."""
    notification = ses_notification(key, Envelope("bob@example.org", (recipient,)), stack.mail_bucket)
    client(stack, "sns").publish(TopicArn=stack.received_mail_topic_arn, Message=notification)


def dead(sqs: "SQSClient", queue: str) -> int:
    """How many messages lie in a dead-letter queue."""
    asked = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])
    return int(asked["Attributes"]["ApproximateNumberOfMessages"])


def test_alarms_and_dashboard_are_deployed_as_the_template_has_them(stack: Outputs) -> None:
    """Each alarm is on the dashboard by its own ARN; what functions publish is looked for under the stack's name."""
    cloudwatch = client(stack, "cloudwatch")
    alarms = cloudwatch.describe_alarms(MaxRecords=100)["MetricAlarms"]
    assert len(list(template.of_type(template.load(), "AWS::CloudWatch::Alarm"))) == len(alarms)
    widgets = json.loads(cloudwatch.get_dashboard(DashboardName=NAME)["DashboardBody"])["widgets"]
    assert {alarm["AlarmArn"] for alarm in alarms} == set(widgets[0]["properties"]["alarms"])
    own = {alarm["AlarmName"].split("-")[2]: alarm for alarm in alarms if alarm["Namespace"] == NAME}
    assert {"SyncHeld", "ImportHeld", "SyncFailed", "OldestSync"} == {alarm["MetricName"] for alarm in own.values()}
    assert (14400, 14400.0) == (own["SilentScheduleAlarm"]["Period"], own["OldestSyncAlarm"]["Threshold"])


def test_every_resource_that_the_page_for_operators_asks_for_is_in_the_stack(stack: Outputs) -> None:
    """Also those that SAM makes, by the names that it gives them."""
    cloudformation = client(stack, "cloudformation")
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for name in set(re.findall(r"\bid (\w+)\)", page)):
        found = cloudformation.describe_stack_resource(StackName=NAME, LogicalResourceId=name)
        assert found["StackResourceDetail"]["PhysicalResourceId"]


@pytest.mark.usefixtures("soon_tried_again")
def test_mail_that_could_not_be_read_is_archived_once_its_cause_is_mended_and_it_is_replayed(
    stack: Outputs, sqs: "SQSClient", admin: httpx.Client, user: Callable[[str], httpx.Client], domain: str
) -> None:
    """SES tells of a message that is not there; it is put right; one command, and it is in the archive."""
    alice, key = f"alice@{domain}", f"inbound/ses/{secrets.token_hex(8)}"
    admin.put(f"/mailboxes/{alice}").raise_for_status()
    told_of(stack, key, alice)
    assert until(lambda: dead(sqs, stack.mail_dead_letter_queue_url), within=90)

    stored(stack, key, "Late")
    done = command(stack, "replay", NAME)

    assert (0, "") == (done.returncode, done.stderr)
    assert "Mail: 1 message went back to the queue." in done.stdout
    shown = until(lambda: user(alice).get("/archive").raise_for_status().json()["messages"])
    assert ["Late"] == [each["subject"] for each in shown]
    assert 0 == dead(sqs, stack.mail_dead_letter_queue_url)


@contextmanager
def denied(s3: "S3Client", bucket: str) -> Iterator[None]:
    """Nobody may put anything into the bucket meanwhile."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    yield
    s3.delete_bucket_policy(Bucket=bucket)


def test_an_order_that_failed_every_time_is_carried_out_once_its_cause_is_mended_and_it_is_replayed(
    stack: Outputs, s3: "S3Client", sqs: "SQSClient", admin: httpx.Client, domain: str
) -> None:
    """An import cannot keep its plan; the bucket is put right; one command, and the rows are done."""
    begun = admin.post("/imports", json={"filename": "staff.csv"}).raise_for_status().json()
    sheet = f"email,alias\r\nalice@{domain},a1@{domain}\r\n"
    with denied(s3, stack.plan_bucket):
        httpx.put(begun["url"], content=sheet.encode()).raise_for_status()
        assert until(lambda: dead(sqs, stack.order_dead_letter_queue_url), within=90)
    assert "gathering" == admin.get(f"/runs/{begun['id']}").raise_for_status().json()["status"]
    sqs.send_message(QueueUrl=stack.order_dead_letter_queue_url, MessageBody="poison")

    done = command(stack, "replay", NAME)

    assert 1 == done.returncode
    assert "is called again, with the event that it had." in done.stdout
    assert "1 message of orders cannot be tried again" in done.stderr
    run = until(lambda: admin.get(f"/runs/{begun['id']}").json(), lambda found: found["status"] == "applied")
    assert ("applied", 1, 1) == (run["status"], run["counts"]["open"], run["counts"]["link"])
    [left] = sqs.receive_message(QueueUrl=stack.order_dead_letter_queue_url)["Messages"]
    assert "poison" == left["Body"]
    sqs.delete_message(QueueUrl=stack.order_dead_letter_queue_url, ReceiptHandle=left["ReceiptHandle"])


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("replay", ("other",), "There is no stack other in eu-west-1: name it by STACK="),
        ("refile", ("other", "2026-03-01T09:00:00Z"), "There is no stack other in eu-west-1"),
        ("refile", (NAME, "yesterday"), "yesterday"),
    ],
)
def test_a_command_that_cannot_be_carried_out_says_why_in_a_sentence(
    stack: Outputs, name: str, arguments: tuple[str, ...], told: str
) -> None:
    """And does nothing."""
    done = command(stack, name, *arguments)
    assert (1, "") == (done.returncode, done.stdout)
    assert told in done.stderr
    assert "Traceback" not in done.stderr


class Site:
    """A stack of the test's own, whose table is restored; the calls are those of docs/operations.md, in its order."""

    def __init__(self, stack: Outputs) -> None:
        self.stack = stack
        self.dynamodb, self.functions = client(stack, "dynamodb"), client(stack, "lambda")
        bearer = people.token(stack, "admin@example.com", ["address-admins"])
        headers = {"Authorization": f"Bearer {bearer}"}
        self.admin = httpx.Client(base_url=stack.api_url, headers=headers, timeout=30)
        self.admin.put("/settings", json={"internal_domains": ["example.com"]}).raise_for_status()

    def close(self) -> None:
        """Leave."""
        for each in (self.admin, self.dynamodb, self.functions):
            each.close()

    def receive(self, key: str, subject: str) -> None:
        """SES receives a message whose only recipient, on Bcc, is Alice's alias."""
        stored(self.stack, key, subject)
        told_of(self.stack, key, "a1@example.com")

    def archive(self, count: int) -> list[str]:
        """The subjects in Alice's archive, the oldest first, once there are so many."""
        bearer = people.token(self.stack, "alice@example.com")
        headers = {"Authorization": f"Bearer {bearer}"}
        url = f"{self.stack.api_url}/archive"

        def ask() -> list[str]:
            messages = httpx.get(url, headers=headers).raise_for_status().json()["messages"]
            return sorted(each["subject"] for each in messages)

        return until(ask, lambda found: len(found) == count, within=60)

    def mail_is_filed(self, *, enabled: bool) -> None:
        """Have the queues read, or not."""
        for mapping in self.functions.list_event_source_mappings()["EventSourceMappings"]:
            self.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    def ready(self, table: str) -> None:
        """Wait until the table is there."""
        self.dynamodb.get_waiter("table_exists").wait(TableName=table)

    def protected(self, table: str) -> None:
        """Give the table what no restore brings."""
        ttl = {"AttributeName": "expires_at", "Enabled": True}
        self.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=ttl)
        recovery = {"PointInTimeRecoveryEnabled": True}
        self.dynamodb.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
        self.dynamodb.update_table(TableName=table, DeletionProtectionEnabled=True)


def test_the_table_is_restored_under_its_own_name_and_the_mail_of_the_time_between_is_filed_again(
    tmp_path: Path,
) -> None:
    """Links are as they were at that time, and no mail is missing: neither what had been filed since, nor what waited.

    The embedded AWS keeps no history, so the copy is made at the time to which the table is to go back.
    """
    with running(tmp_path, say=lambda _: None) as stack, closing(Site(stack)) as site:
        table = stack.table_name
        dynamodb, restored = site.dynamodb, f"{stack.table_name}-restored"
        site.admin.put("/mailboxes/alice@example.com").raise_for_status()
        site.admin.put("/mailboxes/alice@example.com/aliases/a1@example.com").raise_for_status()
        site.receive("inbound/ses/1", "1 before")
        assert ["1 before"] == site.archive(1)
        dynamodb.restore_table_to_point_in_time(
            SourceTableName=table, TargetTableName=restored, UseLatestRestorableTime=True
        )
        site.ready(restored)

        site.admin.delete("/mailboxes/alice@example.com/aliases/a1@example.com").raise_for_status()
        site.receive("inbound/ses/2", "2 between")
        assert until(lambda: [each for each in everything(dynamodb, table) if each.get("subject") == "2 between"])
        site.mail_is_filed(enabled=False)
        site.receive("inbound/ses/3", "3 meanwhile")

        dynamodb.create_backup(TableName=table, BackupName="damaged")
        backup = dynamodb.create_backup(TableName=restored, BackupName="restored")["BackupDetails"]["BackupArn"]
        dynamodb.update_table(TableName=table, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=table)
        dynamodb.get_waiter("table_not_exists").wait(TableName=table)
        dynamodb.restore_table_from_backup(TargetTableName=table, BackupArn=backup)
        site.ready(table)
        site.protected(table)
        site.mail_is_filed(enabled=True)
        assert ["1 before", "3 meanwhile"] == site.archive(2)

        done = command(stack, "refile", NAME, "2026-01-01T00:00:00Z")
        assert (0, "") == (done.returncode, done.stderr)
        assert ["inbound/: 3 announced again.", "import/: 0 announced again."] == done.stdout.splitlines()
        assert ["1 before", "2 between", "3 meanwhile"] == site.archive(3)
        # By the index that came along, and by a change on top of what was restored.
        assert ["alice@example.com"] == [
            each["primary"] for each in site.admin.get("/mailboxes").raise_for_status().json()["mailboxes"]
        ]
        site.admin.put("/mailboxes/alice@example.com/aliases/a2@example.com").raise_for_status()
