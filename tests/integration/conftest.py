"""A deployed stack of the tests' own, for all of them together: each keeps to a domain of its own."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from local import aws, people
from local.outputs import Outputs
from local.stack import running

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient

ADMIN = "admin@example.com"


@pytest.fixture(scope="session")
def state_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the deployed stack keeps its state."""
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="session")
def stack(state_directory: Path) -> Iterator[Outputs]:
    """Where things are in the deployed stack; it is gone after the last test."""
    with running(state_directory, say=lambda _: None) as outputs:
        yield outputs


@pytest.fixture(scope="session")
def token(stack: Outputs) -> Callable[..., str]:
    """Gives the ID token of a person: ``token("alice@example.com", "address-admins")``."""
    return lambda email, *groups: people.token(stack, email, groups)


@pytest.fixture(scope="session")
def api(stack: Outputs) -> Iterator[Callable[[str | None], httpx.Client]]:
    """Gives an HTTP client of the API that sends this bearer token, or none: ``api(None).get("/me")``."""
    with ExitStack() as opened:

        def client(bearer: str | None) -> httpx.Client:
            headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
            return opened.enter_context(httpx.Client(base_url=stack.api_url, headers=headers, timeout=30))

        yield client


@pytest.fixture(scope="session")
def admin(api: Callable[[str | None], httpx.Client], token: Callable[..., str]) -> httpx.Client:
    """An HTTP client of the API for a person who may link addresses."""
    return api(token(ADMIN, "address-admins"))


@pytest.fixture(scope="session")
def user(api: Callable[[str | None], httpx.Client], token: Callable[..., str]) -> Callable[[str], httpx.Client]:
    """Gives an HTTP client of the API for a person without rights: ``user("alice@example.com").get("/archive")``."""
    return lambda email: api(token(email))


@pytest.fixture
def domain(admin: httpx.Client) -> str:
    """An internal domain that no other test uses."""
    name = f"d-{secrets.token_hex(4)}.example.com"
    settings = admin.get("/settings").raise_for_status().json()
    settings["internal_domains"].append(name)
    admin.put("/settings", json=settings).raise_for_status()
    return name


@pytest.fixture(scope="session")
def dynamodb(stack: Outputs) -> "DynamoDBClient":
    """The table's service, as the account's administrator."""
    return aws.session().client("dynamodb", endpoint_url=stack.endpoint_url, config=aws.DIRECT)


@pytest.fixture(scope="session")
def s3(stack: Outputs) -> "S3Client":
    """The mail bucket's service, as the account's administrator."""
    return aws.session().client("s3", endpoint_url=stack.endpoint_url, config=aws.DIRECT)


@pytest.fixture(scope="session")
def sqs(stack: Outputs) -> "SQSClient":
    """The mail queue's service, as the account's administrator."""
    return aws.session().client("sqs", endpoint_url=stack.endpoint_url, config=aws.DIRECT)


@pytest.fixture(scope="session")
def sns(stack: Outputs) -> "SNSClient":
    """The service of the topic that tells of received mail, as the account's administrator."""
    return aws.session().client("sns", endpoint_url=stack.endpoint_url, config=aws.DIRECT)


@pytest.fixture(scope="session")
def cognito(stack: Outputs) -> "CognitoIdentityProviderClient":
    """The user pool's service, as the account's administrator."""
    return aws.session().client("cognito-idp", endpoint_url=stack.endpoint_url, config=aws.DIRECT)


@pytest.fixture
def soon_tried_again(stack: Outputs, sqs: "SQSClient") -> Iterator[None]:
    """Makes the mail queue hand out what failed after three seconds, and not after six minutes, while the test runs.

    Longer than a cold start takes, so that nothing is handed out again while it is still being processed.
    """
    before = sqs.get_queue_attributes(QueueUrl=stack.mail_queue_url, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=stack.mail_queue_url, Attributes={"VisibilityTimeout": "3"})
    yield
    sqs.set_queue_attributes(QueueUrl=stack.mail_queue_url, Attributes={**before})
