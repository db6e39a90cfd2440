"""Clients of AWS whose requests are made, signed and understood as always, and answered within the process.

So what is measured is the client's work, by itself: no network, no server.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders


class _Body(BytesIO):
    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Canned:
    """``answer`` gives the body of DynamoDB's answer to an operation with a body; ``calls`` counts the operations."""

    answer: Callable[[str, bytes], bytes]
    calls: Counter[str] = field(default_factory=Counter)

    def dynamodb(self) -> Any:
        """A client of DynamoDB."""
        client = boto3.client("dynamodb", "eu-west-1", aws_access_key_id="test", aws_secret_access_key="test")
        client.meta.events.register("before-send.dynamodb", self._answered)
        return client

    def _answered(self, request: Any, **_: Any) -> Any:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        self.calls[operation] += 1
        return AWSResponse(request.url, 200, HTTPHeaders(), _Body(self.answer(operation, request.body)))


def body(answer: Mapping[str, Any]) -> bytes:
    """An answer as DynamoDB sends it."""
    return json.dumps(answer, separators=(",", ":")).encode()
