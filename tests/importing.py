"""Everything that an import needs, in moto: the table, its two buckets, and what carries out plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote_plus

from addresses.mailbox import RunId
from addresses.row_result import RowResult
from addresses.row_store import RowStore
from addresses.run import Run
from addresses.run_book import read_run
from spreadsheet_import.arrival import arrivals
from spreadsheet_import.imports import Import
from spreadsheet_import.report import Report
from spreadsheet_import.uploads import Uploads
from tests.cloud import IMPORT_BUCKET
from tests.syncing import PLANS, AtOnce, SyncRoom, sync_room

if TYPE_CHECKING:
    from addresses.launch import Launcher

IMPORTS = IMPORT_BUCKET
NOW = datetime(2026, 3, 1, 9, 45, tzinfo=UTC)


@dataclass
class ImportRoom:
    """A table with a directory, and a bucket for spreadsheets; every event is a method, every method one invocation."""

    room: SyncRoom
    s3: Any
    uploads: int = 0

    def upload(self, content: bytes | str, key: str = "uploads/list.csv") -> dict[str, Any]:
        """Put a file, a second after the one before, and return the event that S3 sends."""
        self.uploads += 1
        body = content.encode() if isinstance(content, str) else content
        version = self.s3.put_object(Bucket=IMPORTS, Key=key, Body=body)["VersionId"]
        stored = {"key": quote_plus(key, safe="/"), "size": len(body), "versionId": version}
        who = {"principalId": "AWS:AIDAEXAMPLE"}
        return {
            "Records": [
                {"eventTime": f"2026-03-01T09:45:{self.uploads:02}Z", "userIdentity": who, "s3": {"object": stored}}
            ]
        }

    def arrive(self, event: dict[str, Any]) -> Run | None:
        """What spreadsheet_import does with the event."""
        [arrival] = arrivals(event)
        return self.work().run(arrival)

    def carried_out(self, run: RunId) -> Run:
        """What the state machine does with a run that was started, to its report."""
        self.room.carry_out(run)
        if run in self.room.machine.executions:
            self.report().write(run)
        return read_run(self.room.table, run)

    def imported(self, content: bytes | str, key: str = "uploads/list.csv") -> Run:
        """The run of this file, at its end."""
        event = self.upload(content, key)
        [arrival] = arrivals(event)
        run = self.arrive(event)
        return self.carried_out(run.id if run else arrival.run)

    def results(self, run: Run) -> list[RowResult]:
        """The results of its rows."""
        assert run.upload
        return [result for _, result in self.rows().results(run.upload.results or "")]

    def rows(self) -> RowStore:
        """The results of every import."""
        return RowStore(self.s3, PLANS)

    def report(self) -> Report:
        """What reports."""
        return Report(self.room.table, self.room.plans, self.rows(), Uploads(self.s3, IMPORTS))

    def work(self) -> Import:
        """What imports."""
        return Import(
            table=self.room.table,
            uploads=Uploads(self.s3, IMPORTS),
            plans=self.room.plans,
            rows=self.rows(),
            launcher=cast("Launcher", self.room.machine),
            executor=AtOnce(),
            report=self.report(),
            clock=lambda: NOW,
        )


@contextmanager
def import_room() -> Iterator[ImportRoom]:
    """An empty table with settings, and empty buckets."""
    with sync_room() as room:
        room.s3.create_bucket(Bucket=IMPORTS, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        room.s3.put_bucket_versioning(Bucket=IMPORTS, VersioningConfiguration={"Status": "Enabled"})
        yield ImportRoom(room, room.s3)
