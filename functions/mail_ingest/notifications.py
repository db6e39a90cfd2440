"""What SES tells of a message is kept beside it: only there stand the envelope, the verdicts and whom SES had it from.

The table has what follows from it. If the table has to be made good from the bucket, mail would else be filed by its
header alone, for nobody who was on Bcc; and who forged a journal report would be believed.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PREFIX = "notifications/"


class Notifications:
    """The part of the mail bucket where they lie. Nothing announces what is put there."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        """``bucket`` is the mail bucket."""
        self._s3 = s3
        self._bucket = bucket

    def keep(self, key: str, body: str) -> None:
        """Put the notification of the object there, as it came, unless it is there already."""
        try:
            self._s3.put_object(
                Bucket=self._bucket,
                Key=notification_key(key),
                Body=body.encode(),
                ContentType="application/json",
                # SES gives each message a key of its own: what is there is this one, delivered before.
                IfNoneMatch="*",
            )
        except self._s3.exceptions.ClientError as refusal:
            if refusal.response["Error"]["Code"] != "PreconditionFailed":
                raise


def notification_key(key: str) -> str:
    """Where the notification of the object with this key is kept."""
    return f"{PREFIX}{key}.json"
