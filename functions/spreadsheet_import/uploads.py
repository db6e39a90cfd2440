"""The import bucket: files as they were uploaded, and beside them the results."""

from pathlib import Path
from typing import TYPE_CHECKING

from addresses.run import Upload
from spreadsheet_import.errors import FileMissing, FileTooLarge

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MOST_BYTES = 100 * 1024 * 1024


class Uploads:
    """The import bucket."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        """``bucket``: its name."""
        self._s3 = s3
        self._bucket = bucket

    def fetch(self, upload: Upload, path: Path) -> None:
        """Write the file's content, in the version that was announced, to this path.

        Raises:
            FileTooLarge: it has more than 100 MiB, and was not read.
            FileMissing: it was removed in the meantime.
        """
        version = {"VersionId": upload.version} if upload.version else {}
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=upload.key, **version)  # type: ignore[arg-type]
        except (self._s3.exceptions.NoSuchKey, self._s3.exceptions.ClientError) as failure:
            if failure.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchVersion"}:
                raise
            raise FileMissing("The file was removed before it was read. Upload it again.") from failure
        require_size(answer["ContentLength"])
        with path.open("wb") as file:
            for chunk in answer["Body"].iter_chunks(1 << 20):
                file.write(chunk)

    def put(self, path: Path, key: str, content_type: str) -> None:
        """Keep the content of this file under this key."""
        with path.open("rb") as file:
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=file, ContentType=content_type)


def require_size(size: int) -> None:
    """Raise ``FileTooLarge`` for a file of more bytes than are read."""
    if size > MOST_BYTES:
        raise FileTooLarge(
            f"The file has {size / 1024 / 1024:.0f} MiB; at most {MOST_BYTES // 1024 // 1024} are read. Save only the "
            "sheet with the addresses, or split it."
        )
