"""Fetches the object that was announced, in the version that was."""

from typing import TYPE_CHECKING, Any, cast

from addresses import times
from addresses.archive import RawObject
from mail_ingest.arrival import Arrival
from mail_ingest.errors import NoSuchObject

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_s3.type_defs import GetObjectOutputTypeDef


def fetch(s3: "S3Client", arrival: Arrival, way_out: str) -> "tuple[GetObjectOutputTypeDef, RawObject, str]":
    """S3's answer, whose body is still to be read; which object it is, and when it was stored.

    Raises:
        NoSuchObject: it is gone, or not there yet; ``way_out`` says what to do.
    """
    version = {"VersionId": arrival.version} if arrival.version else {}
    try:
        answer = s3.get_object(Bucket=arrival.bucket, Key=arrival.key, **cast("Any", version))
    except s3.exceptions.ClientError as refusal:
        if refusal.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchVersion"}:
            raise
        missing = f"{arrival.key!r} is not in {arrival.bucket!r} (version {arrival.version})"
        raise NoSuchObject(f"{missing}: {way_out}.") from refusal
    raw = RawObject(arrival.bucket, arrival.key, answer.get("VersionId"))
    return answer, raw, times.second(answer["LastModified"])
