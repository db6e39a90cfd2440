"""Clients of AWS whose requests are made, signed and understood as always, and answered within the process.

So what is measured is the client's work, by itself: no network, no server.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config


class _Body(BytesIO):
    """An answer's bytes, as botocore reads them."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


@dataclass
class Canned:
    """``answer`` gives the body of DynamoDB's answer to an operation with a body; ``objects`` that of S3 to a path.

    ``calls`` counts the operations.
    """

    answer: Callable[[str, bytes], bytes]
    objects: Callable[[str], bytes] = lambda _path: b""
    calls: Counter[str] = field(default_factory=Counter)

    def client(self, service: str, config: Config | None = None) -> Any:
        """A client of DynamoDB or S3."""
        session: Any = boto3.Session("test", "test", region_name="eu-west-1")
        client = session.client(service, config=config)
        answered = {"dynamodb": self._dynamodb, "s3": self._s3}[service]
        client.meta.events.register(f"before-send.{service}", answered)
        return client

    def _dynamodb(self, request: Any, **_: Any) -> Any:
        target = request.headers["X-Amz-Target"]
        operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
        self.calls[operation] += 1
        return AWSResponse(request.url, 200, HTTPHeaders(), _Body(self.answer(operation, request.body)))

    def _s3(self, request: Any, **_: Any) -> Any:
        self.calls[f"S3 {request.method}"] += 1
        content = self.objects(urlsplit(request.url).path.lstrip("/"))
        headers = HTTPHeaders()
        for name, value in (
            ("Content-Length", str(len(content))),
            ("Last-Modified", "Sun, 01 Mar 2026 09:30:00 GMT"),
            ("x-amz-version-id", "3sL4kqtJlcpXroDTDmJrmSpXd3dIbrHY"),
        ):
            headers[name] = value
        return AWSResponse(request.url, 200, headers, _Body(content))


def body(answer: Mapping[str, Any]) -> bytes:
    """An answer as DynamoDB sends it."""
    return json.dumps(answer, separators=(",", ":")).encode()
