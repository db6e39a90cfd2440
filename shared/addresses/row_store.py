"""Where the results of a spreadsheet's rows lie, in the order of the rows: in chunks, in the bucket of plans.

What was planned lies under the plan's digest, and what was reported at the end beside it. So a file that is announced
twice, and planned once more late, takes nothing from what its run remembers.
"""

import json
from collections.abc import Iterable, Iterator
from itertools import batched, count
from typing import TYPE_CHECKING

from addresses.mailbox import RunId
from addresses.row_result import RowOutcome, RowResult

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

RESULTS_IN_CHUNK = 5000


class RowStore:
    """The results of every import, by their prefix."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        """``bucket``: the name of the bucket of plans."""
        self._s3 = s3
        self._bucket = bucket

    def store(self, run: RunId, what: str, results: Iterable[RowResult]) -> str:
        """Keep these results of a run: ``what`` is its plan's digest, or ``reported``. Returns their prefix."""
        prefix = f"rows/{run}/{what}/"
        for number, chunk in enumerate(batched(results, RESULTS_IN_CHUNK, strict=False)):
            rows = [(each.row, each.primary, each.alias, each.outcome, each.reason) for each in chunk]
            body = json.dumps(rows, separators=(",", ":"), ensure_ascii=False).encode()
            key = _key(prefix, number)
            self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")
        return prefix

    def results(self, prefix: str, start: int = 0) -> Iterator[tuple[int, RowResult]]:
        """The results from this place on, each with its place."""
        for number in count(start // RESULTS_IN_CHUNK):
            chunk = self._chunk(_key(prefix, number))
            first = number * RESULTS_IN_CHUNK
            for place, result in enumerate(chunk, first):
                if place >= start:
                    yield place, result
            if len(chunk) < RESULTS_IN_CHUNK:
                return

    def _chunk(self, key: str) -> list[RowResult]:
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except self._s3.exceptions.NoSuchKey:
            return []
        rows = json.loads(answer["Body"].read())
        return [
            RowResult(row, primary, alias, RowOutcome(outcome), reason) for row, primary, alias, outcome, reason in rows
        ]


def _key(prefix: str, number: int) -> str:
    return f"{prefix}{number:06}.json"
