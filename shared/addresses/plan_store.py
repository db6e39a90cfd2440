"""Where plans lie from being made until they are carried out: their steps in parts, in a bucket.

The key of a plan is its digest, so a plan that is made again finds itself stored. What was found in making it, and has
no step, lies beside it for each run.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from addresses.batches import Batch, parts
from addresses.mailbox import RunId
from addresses.plan import Conflict, Note, Plan
from addresses.step import data, from_data

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# A part is carried out by one invocation: some 40 transactions, a few seconds.
STEPS_IN_PART = 2000


class PlanStore:
    """The bucket of plans."""

    def __init__(self, s3: "S3Client", bucket: str) -> None:
        """``bucket``: its name."""
        self._s3 = s3
        self._bucket = bucket

    def store(self, plan: Plan) -> tuple[str, list[list[Batch]]]:
        """The prefix under which the plan's parts now lie, and these parts."""
        cut = parts(plan.steps, STEPS_IN_PART)
        # The number is in the prefix, so that a plan which other code cut otherwise never mixes with this one's parts.
        prefix = f"plans/{plan.digest}-{len(cut)}/"
        if len(self.keys(prefix)) != len(cut):
            for number, batches in enumerate(cut):
                content = {"part": number, "batches": [[data(step) for step in batch] for batch in batches]}
                self._put(f"{prefix}{number:06}.json", content)
        return prefix, cut

    def keys(self, prefix: str) -> list[str]:
        """The keys of a plan's parts, in order."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def part(self, key: str) -> tuple[int, list[Batch]]:
        """The number of a part, and its transactions in order."""
        content = self._get(key)
        return content["part"], [tuple(map(from_data, batch)) for batch in content["batches"]]

    def store_findings(self, run: RunId, conflicts: Iterable[Conflict], notes: Iterable[Note]) -> str | None:
        """The key under which what was found now lies; None if nothing was."""
        found = [
            *({"step": "conflict", "sentence": each.sentence, **asdict(each)} for each in conflicts),
            *({"step": each.kind, "sentence": each.sentence, "count": each.count} for each in notes),
        ]
        if not found:
            return None
        key = f"findings/{run}.json"
        self._put(key, found)
        return key

    def findings(self, key: str) -> list[dict[str, Any]]:
        """What was found in making a plan, and has no step."""
        found: list[dict[str, Any]] = self._get(key)
        return found

    def _put(self, key: str, content: Any) -> None:
        body = json.dumps(content, separators=(",", ":")).encode()
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType="application/json")

    def _get(self, key: str) -> Any:
        return json.loads(self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read())
