"""Mail on the deployed stack: from the bucket and the topic through the queue to the archives and the dead letters."""

import json
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from addresses.archive import Envelope
from addresses.table import Item
from addresses.wire import plain
from local.outputs import Outputs
from tests.mail import raw_message, s3_event, ses_notification
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient


class Post:
    """Ways to send mail into the stack, and to look at what became of it."""

    def __init__(self, stack: Outputs, s3: "S3Client", sqs: "SQSClient", dynamodb: "DynamoDBClient") -> None:
        self.stack, self.s3, self.sqs, self.dynamodb = stack, s3, sqs, dynamodb

    def put(self, key: str, raw: bytes) -> None:
        """Store an object in the mail bucket, which announces it."""
        self.s3.put_object(Bucket=self.stack.mail_bucket, Key=key, Body=raw)

    def announce(self, body: str) -> None:
        """Put a message on the mail queue."""
        self.sqs.send_message(QueueUrl=self.stack.mail_queue_url, MessageBody=body)

    def entries(self, address: str, count: int, within: float = 30) -> list[Item]:
        """The address's archive, once it has so many entries."""
        return until(lambda: self._entries(address), lambda found: len(found) == count, within)

    def message(self, entry: Item) -> Item:
        """The message of an entry."""
        key = {"pk": {"S": f"MESSAGE#{entry['sk'].partition('#')[2]}"}, "sk": {"S": "MESSAGE"}}
        return plain(self.dynamodb.get_item(TableName=self.stack.table_name, Key=key)["Item"])

    def dead_letters(self) -> list[str]:
        """The bodies of the dead letters that are seen at this moment; they are taken away."""
        queue = self.stack.mail_dead_letter_queue_url
        found = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for each in found:
            self.sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
        return [each["Body"] for each in found]

    def empty(self) -> bool:
        """Whether the queue has nothing left, neither waiting nor in work."""
        names: list[Any] = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self.sqs.get_queue_attributes(QueueUrl=self.stack.mail_queue_url, AttributeNames=names)["Attributes"]
        return not any(map(int, counts.values()))

    def _entries(self, address: str) -> list[Item]:
        found = self.dynamodb.query(
            TableName=self.stack.table_name,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": f"ARCHIVE#{address}"}},
            ConsistentRead=True,
        )
        return [plain(item) for item in found["Items"]]


@pytest.fixture
def post(stack: Outputs, s3: "S3Client", sqs: "SQSClient", dynamodb: "DynamoDBClient") -> Iterator[Post]:
    """The stack's mail, with no dead letters before or after."""
    post = Post(stack, s3, sqs, dynamodb)
    until(post.dead_letters, lambda found: not found)
    yield post
    until(post.dead_letters, lambda found: not found)


def some_id() -> str:
    """A name that no other message of the stack has."""
    return secrets.token_hex(8)


def test_an_object_in_the_bucket_is_filed_for_those_it_names(post: Post, domain: str) -> None:
    """S3 knows no envelope, so To tells; the key is one that S3 has to encode."""
    key, raw = f"inbound/Board minutes+{some_id()} (ü).eml", raw_message(to=f"alice@{domain}", message_id=some_id())

    post.put(key, raw)

    (entry,) = post.entries(f"alice@{domain}", 1)
    message = post.message(entry)
    version = post.s3.head_object(Bucket=post.stack.mail_bucket, Key=key)["VersionId"]
    assert ("received", "bob@example.org", "Minutes") == (entry["direction"], entry["sender"], entry["subject"])
    assert {"bucket": post.stack.mail_bucket, "key": key, "version": version} == message["raw"]
    assert len(raw) == message["size"]


def test_what_ses_announces_is_filed_for_those_on_the_envelope(
    post: Post, stack: Outputs, sns: "SNSClient", domain: str
) -> None:
    """By its topic; S3's event for the same object leaves it alone, or To would have it too."""
    key = f"inbound/ses/{some_id()}"
    envelope = Envelope(f"carol@{domain}", (f"hidden@{domain}",))
    post.put(key, raw_message(to=f"alice@{domain}", message_id=some_id()))

    notification = ses_notification(key, envelope, stack.mail_bucket)
    sns.publish(TopicArn=stack.received_mail_topic_arn, Message=notification)

    (entry,) = post.entries(f"hidden@{domain}", 1)
    assert ["sent"] == [each["direction"] for each in post.entries(f"carol@{domain}", 1)]
    assert {"sender": envelope.sender, "recipients": list(envelope.recipients)} == post.message(entry)["envelope"]
    assert until(post.empty)
    assert [] == post.entries(f"alice@{domain}", 0)


def test_redelivery_changes_nothing(post: Post, stack: Outputs, domain: str) -> None:
    """The same event five times, beside those of other messages."""
    wanted = {f"r{number}@{domain}": f"inbound/{some_id()}" for number in range(3)}
    for address, key in wanted.items():
        post.put(key, raw_message(to=address, message_id=some_id()))
    before = {address: post.entries(address, 1) for address in wanted}

    for key in [*wanted.values()] * 5:
        post.announce(s3_event(key, bucket=stack.mail_bucket))

    assert until(post.empty)
    assert before == {address: post.entries(address, 1) for address in wanted}
    assert [1, 1, 1] == [len(entries) for entries in before.values()]


@pytest.mark.usefixtures("soon_tried_again")
def test_poison_ends_among_the_dead_letters_and_its_neighbours_are_filed(
    post: Post, stack: Outputs, domain: str
) -> None:
    """What is not understood, what is gone and what is in another bucket; each is tried again before it is given up."""
    poison = [
        f"poison {some_id()}",
        json.dumps({"notificationType": "Bounce", "id": some_id()}),
        s3_event(f"inbound/gone-{some_id()}", bucket=stack.mail_bucket),
        s3_event(f"inbound/{some_id()}", bucket="another-bucket"),
    ]
    key = f"inbound/ses/{some_id()}"
    post.put(key, raw_message(message_id=some_id()))

    for body in poison:
        post.announce(body)
        post.announce(ses_notification(key, Envelope("", (f"alice@{domain}",)), stack.mail_bucket))

    assert 1 == len(post.entries(f"alice@{domain}", 1))
    dead: list[str] = []
    until(lambda: dead.extend(post.dead_letters()), lambda _: len(dead) == len(poison), within=90)
    assert sorted(poison) == sorted(dead)


def test_an_object_that_is_no_message_is_kept_and_marked(post: Post, stack: Outputs, domain: str) -> None:
    """Nothing is dropped for being unreadable."""
    key = f"inbound/ses/{some_id()}"
    post.put(key, b"")

    post.announce(ses_notification(key, Envelope("", (f"alice@{domain}",)), stack.mail_bucket))

    (entry,) = post.entries(f"alice@{domain}", 1)
    assert "It is empty." == post.message(entry)["unparsed"]
