"""The SMTP door does what SES does: stores the message as it came, and tells the topic of its envelope."""

import json
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes
from smtplib import SMTP, SMTPDataError
from typing import TYPE_CHECKING, Any

import pytest

from local import smtp_door
from local.outputs import Outputs
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient

MESSAGE = (
    b"From: Bob <bob@example.net>\r\nTo: alice@example.com\r\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <1@example.net>\r\n\r\nHello\r\n.\r\n"
)


@pytest.fixture
def smtp(stack: Outputs) -> Iterator[SMTP]:
    """A mail program that is connected to the door."""
    with SMTP(stack.smtp_host, stack.smtp_port) as connected:
        yield connected


@pytest.fixture
def told(stack: Outputs, sns: "SNSClient", sqs: "SQSClient") -> Iterator[str]:
    """A queue of the test's own that hears what the topic is told."""
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Resource": arn}]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    subscription = sns.subscribe(
        TopicArn=stack.received_mail_topic_arn,
        Protocol="sqs",
        Endpoint=arn,
        Attributes={"RawMessageDelivery": "true"},
        ReturnSubscriptionArn=True,
    )["SubscriptionArn"]
    yield queue
    sns.unsubscribe(SubscriptionArn=subscription)
    sqs.delete_queue(QueueUrl=queue)


def heard(sqs: "SQSClient", queue: str) -> Any:
    """The next notification."""
    [message] = until(lambda: sqs.receive_message(QueueUrl=queue).get("Messages", []))
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])


def test_the_notification_has_the_envelope_and_names_the_object(
    stack: Outputs, smtp: SMTP, s3: "S3Client", sqs: "SQSClient", told: str
) -> None:
    """Whoever was on Bcc is in the envelope alone; the object is the message as it came, below the trace headers."""
    smtp.sendmail("bounces@example.net", ["alice@example.com", "hidden@example.com"], MESSAGE)
    notification = heard(sqs, told)
    action = notification["receipt"]["action"]
    raw = s3.get_object(Bucket=stack.mail_bucket, Key=action["objectKey"])["Body"].read()
    assert ["alice@example.com", "hidden@example.com"] == notification["receipt"]["recipients"]
    assert ("Received", "bounces@example.net") == (notification["notificationType"], notification["mail"]["source"])
    assert (stack.mail_bucket, stack.received_mail_topic_arn) == (action["bucketName"], action["topicArn"])
    assert f"inbound/ses/{notification['mail']['messageId']}" == action["objectKey"]
    assert "Gr\u00fc\u00dfe" == notification["mail"]["commonHeaders"]["subject"]
    assert raw.endswith(MESSAGE)
    assert ["Return-Path", "Received"] == message_from_bytes(raw.removesuffix(MESSAGE)).keys()


def test_addresses_and_headers_beyond_ascii_are_taken_as_they_are(
    stack: Outputs, smtp: SMTP, s3: "S3Client", sqs: "SQSClient", told: str
) -> None:
    """SMTPUTF8 (RFC 6531) addresses come whole; bytes that are no text reach the bucket unchanged."""
    raw = b"Subject: \xff\xfe raw\r\n\r\n\xff\r\n"
    smtp.ehlo()
    smtp.mail("", ["SMTPUTF8", "BODY=8BITMIME"])
    smtp.rcpt("b\u00fcro@example.com")
    assert 250 == smtp.data(raw)[0]
    notification = heard(sqs, told)
    stored = s3.get_object(Bucket=stack.mail_bucket, Key=notification["receipt"]["action"]["objectKey"])["Body"].read()
    assert ["b\u00fcro@example.com"] == notification["receipt"]["recipients"]
    assert "" == notification["mail"]["source"]
    assert "\ufffd\ufffd raw" == notification["mail"]["commonHeaders"]["subject"]
    assert stored.endswith(raw)


def test_the_sender_keeps_a_message_that_could_not_be_stored(stack: Outputs) -> None:
    """451 makes a mail server try again, where 250 would have lost the message."""
    gone = replace(stack, mail_bucket="no-such-bucket")
    with smtp_door.opened(gone) as port, SMTP(smtp_door.HOST, port) as smtp, pytest.raises(SMTPDataError) as refused:
        smtp.sendmail("bob@example.net", ["alice@example.com"], MESSAGE)
    assert 451 == refused.value.smtp_code


def test_recipients_beyond_the_limit_are_left_for_the_next_try(smtp: SMTP, sqs: "SQSClient", told: str) -> None:
    """The message goes to those that were taken, and the sender hears which were not."""
    recipients = [f"r{number}@example.com" for number in range(smtp_door.RECIPIENTS_LIMIT + 2)]
    refused = smtp.sendmail("bob@example.net", recipients, MESSAGE)
    assert dict.fromkeys(recipients[-2:], 452) == {who: answer[0] for who, answer in refused.items()}
    assert recipients[:-2] == heard(sqs, told)["receipt"]["recipients"]


def test_headers_beyond_ten_kilobytes_are_cut_from_the_notification(smtp: SMTP, sqs: "SQSClient", told: str) -> None:
    """What SES does, since a topic takes no more than 256 KB; the common headers stay."""
    padding = b"".join(b"X-Padding-%d: %s\r\n" % (number, b"x" * 900) for number in range(20))
    smtp.sendmail("bob@example.net", ["alice@example.com"], padding + MESSAGE)
    mail = heard(sqs, told)["mail"]
    assert mail["headersTruncated"] is True
    assert "Subject" not in {header["name"] for header in mail["headers"]}
    assert "<1@example.net>" == mail["commonHeaders"]["messageId"]
