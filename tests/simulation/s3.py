"""A stand-in for S3's client: buckets that keep versions, as far as the functions ask for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from tests.simulation.dynamodb import Gate
from tests.simulation.paging import paginator


class NoSuchKey(ClientError):
    """There is no object of this key."""


EXCEPTIONS = SimpleNamespace(ClientError=ClientError, NoSuchKey=NoSuchKey)


@dataclass(frozen=True)
class Stored:
    """One version of an object."""

    version: str
    content: bytes
    at: datetime


@dataclass
class Objects:
    """Every version of every object, by bucket and key, the last one last. ``clock`` tells when one is stored."""

    clock: Callable[[], datetime]
    versions: dict[tuple[str, str], list[Stored]] = field(default_factory=dict)
    count: int = 0

    def put(self, bucket: str, key: str, content: bytes) -> Stored:
        """Store another version."""
        self.count += 1
        stored = Stored(f"v{self.count}", content, self.clock().replace(microsecond=0))
        self.versions.setdefault((bucket, key), []).append(stored)
        return stored


class Body(BytesIO):
    """What an object holds, as it is read."""

    def iter_chunks(self, size: int) -> Iterator[bytes]:
        """Chunk after chunk."""
        while chunk := self.read(size):
            yield chunk


@dataclass(frozen=True)
class S3:
    """The client. A page of a list has at most ``page`` keys."""

    objects: Objects
    gate: Gate
    page: int = 2
    exceptions: ClassVar[Any] = EXCEPTIONS

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        """The method of an operation: ``get_object`` and so on."""
        perform: Callable[[dict[str, Any]], Any] = getattr(_Operations(self.objects, self.page), operation)
        return lambda **params: self.gate("s3", operation, _with_bytes(params), perform)

    def get_paginator(self, operation: str) -> Any:
        """Asks page after page."""
        return paginator(getattr(self, operation), _following)

    def generate_presigned_url(self, operation: str, Params: dict[str, Any], ExpiresIn: int) -> str:  # noqa: N803
        """A link that nobody follows; making one calls nothing."""
        return f"https://s3.invalid/{Params['Bucket']}/{Params['Key']}?{operation}&{ExpiresIn}"


def _following(answer: dict[str, Any]) -> dict[str, Any]:
    return {"ContinuationToken": answer["NextContinuationToken"]} if answer["IsTruncated"] else {}


@dataclass(frozen=True)
class _Operations:
    objects: Objects
    page: int

    def put_object(self, params: dict[str, Any]) -> dict[str, Any]:
        bucket, key = params["Bucket"], params["Key"]
        if params.get("IfNoneMatch") == "*" and (bucket, key) in self.objects.versions:
            raise _error("PreconditionFailed", "PutObject")
        return {"VersionId": self.objects.put(bucket, key, params["Body"]).version}

    def get_object(self, params: dict[str, Any]) -> dict[str, Any]:
        found = self._found(params, "GetObject")
        begin = int(params.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        if begin and begin >= len(found.content):
            raise _error("InvalidRange", "GetObject")
        content, size = found.content[begin:], len(found.content)
        told = {"VersionId": found.version, "LastModified": found.at, "ContentLength": len(content)}
        ranged = {"ContentRange": f"bytes {begin}-{size - 1}/{size}"} if "Range" in params else {}
        return {
            "Body": Body(content),
            "ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0},
            **told,
            **ranged,
        }

    def head_object(self, params: dict[str, Any]) -> dict[str, Any]:
        found = self._found(params, "HeadObject")
        return {"VersionId": found.version, "LastModified": found.at, "ContentLength": len(found.content)}

    def list_objects_v2(self, params: dict[str, Any]) -> dict[str, Any]:
        after = params.get("ContinuationToken", "")
        keys = sorted(
            key
            for bucket, key in self.objects.versions
            if bucket == params["Bucket"] and key.startswith(params["Prefix"]) and key > after
        )
        page = keys[: self.page]
        more = {"NextContinuationToken": page[-1]} if len(keys) > self.page else {}
        return {"IsTruncated": bool(more), **({"Contents": [{"Key": key} for key in page]} if page else {}), **more}

    def _found(self, params: dict[str, Any], operation: str) -> Stored:
        versions = self.objects.versions.get((params["Bucket"], params["Key"]))
        if not versions:
            raise NoSuchKey({"Error": {"Code": "NoSuchKey", "Message": "The key does not exist."}}, operation)
        wanted = params.get("VersionId", versions[-1].version)
        for each in versions:
            if each.version == wanted:
                return each
        raise _error("NoSuchVersion", operation)


def _with_bytes(params: dict[str, Any]) -> dict[str, Any]:
    body = params.get("Body", b"")
    return params if isinstance(body, bytes) else {**params, "Body": body.read()}


def _error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": code}}, operation)
