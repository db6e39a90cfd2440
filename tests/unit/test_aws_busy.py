"""What an API answers when AWS does not do what it is asked: to wait where that helps, else that it is a fault."""

from typing import Any
from unittest.mock import patch

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from addresses.table import Table
from tests.gateway import empty_table, send

REQUESTS = ("GET /me", "PUT /mailboxes/alice@example.com", "GET /archives/alice@example.com/delegates")
BOSS = {"email": "boss@example.com", "cognito:groups": "[address-admins delegation-admins]"}


def refused(code: str) -> ClientError:
    """How DynamoDB refuses with this code."""
    return ClientError({"Error": {"Code": code, "Message": "of the test"}}, "BatchGetItem")


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize(
    "failure",
    [
        refused("ThrottlingException"),
        refused("InternalServerError"),
        ReadTimeoutError(endpoint_url="https://x.invalid"),
    ],
    ids=["throttled", "failing", "silent"],
)
def test_a_request_that_aws_was_too_busy_for_can_be_sent_again(request_: str, failure: Exception) -> None:
    """The client is told so, and the API's description knows of it."""
    with (
        empty_table(),
        patch.object(Table, "get", side_effect=failure),
        patch.object(Table, "get_many", side_effect=failure),
    ):
        answer = send(request_, claims=BOSS)
    assert (503, "aws-busy") == (answer.status, answer.body["type"])
    assert "Send the request again in a moment" in answer.body["detail"]


@pytest.mark.parametrize("request_", REQUESTS)
def test_what_aws_refuses_for_good_is_a_fault_of_ours(request_: str) -> None:
    """It fails loudly: nobody is told to wait for a right that the function does not have."""

    def fail(*_: Any) -> None:
        raise refused("AccessDeniedException")

    everywhere = patch.multiple(Table, get=fail, get_many=fail)
    with empty_table(), everywhere, pytest.raises(ClientError, match="AccessDeniedException"):
        send(request_, claims=BOSS)
