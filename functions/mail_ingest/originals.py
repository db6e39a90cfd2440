"""Messages that came within another object are kept as objects of their own, each named after its bytes."""

from hashlib import sha256
from typing import TYPE_CHECKING

from addresses.archive import RawObject

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PREFIX = "originals/"


class Originals:
    """The part of the mail bucket where they lie. Nothing announces what is put there."""

    def __init__(self, s3: "S3Client") -> None:
        """``s3`` is where they are put."""
        self._s3 = s3

    def keep(self, bucket: str, original: bytes) -> RawObject:
        """Put the message there, byte for byte, unless it is there already."""
        key = f"{PREFIX}{sha256(original).hexdigest()}.eml"
        try:
            # Only if there is no object of this name: it would have the same bytes, and need not lie there twice.
            answer = self._s3.put_object(
                Bucket=bucket, Key=key, Body=original, ContentType="message/rfc822", IfNoneMatch="*"
            )
        except self._s3.exceptions.ClientError as refusal:
            if refusal.response["Error"]["Code"] != "PreconditionFailed":
                raise
            return RawObject(bucket, key, self._s3.head_object(Bucket=bucket, Key=key).get("VersionId"))
        return RawObject(bucket, key, answer.get("VersionId"))
