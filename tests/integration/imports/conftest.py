"""Spreadsheets as an administrator brings them, on the deployed stack."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from addresses.mailbox import RunId
from addresses.run_items import run_key
from local.outputs import Outputs
from tests.integration.sync.office import Ended, Office
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client


@pytest.fixture
def office(admin: httpx.Client, stack: Outputs, dynamodb: "DynamoDBClient", domain: str) -> Office:
    """The administrator's desk, for a domain of the test's own, and one below it."""
    office = Office(admin, dynamodb, stack.table_name, domain)
    office.own("merged")
    return office


@pytest.fixture
def desk(office: Office, s3: "S3Client", stack: Outputs) -> "Desk":
    """Where spreadsheets are brought in."""
    return Desk(office, s3, stack.import_bucket)


@dataclass(frozen=True)
class Desk:
    """Spreadsheets are brought in here; in their cells ``@`` alone stands for the test's domain, as in ``Office``."""

    office: Office
    s3: "S3Client"
    bucket: str

    def sheet(self, *rows: str) -> bytes:
        """A CSV file of these rows, each ``primary alias action``, below a header."""
        lines = ["Email,Alias,Action"]
        for row in rows:
            primary, alias, action = (*row.split(), "", "")[:3]
            cells = [self.office.address(primary), self.office.address(alias) if alias else "", action]
            lines.append(",".join(cells))
        return "\r\n".join(lines).encode()

    def begin(self, filename: str = "list.csv", *, dry_run: bool = False) -> dict[str, str]:
        """An import's id, and the link for its file."""
        answer = self.office.admin.post("/imports", json={"filename": filename, "dry_run": dry_run})
        begun: dict[str, str] = answer.raise_for_status().json()
        return begun

    def bring(self, content: bytes, filename: str = "list.csv", *, dry_run: bool = False) -> str:
        """The import of this file, which is on its way."""
        begun = self.begin(filename, dry_run=dry_run)
        httpx.put(begun["url"], content=content).raise_for_status()
        return begun["id"]

    def imported(self, content: bytes, filename: str = "list.csv", *, dry_run: bool = False) -> Ended:
        """The run of this file at its end."""
        return self.ended(self.bring(content, filename, dry_run=dry_run))

    def ended(self, run: str) -> Ended:
        """The run at its end, its results reported; the invariants hold."""
        ended = self.office.ended(run)
        if ended.status in {"applied", "planned"}:
            key = run_key(RunId(run))
            assert until(lambda: self.office.item(*key)["upload"]["copies"]), f"run {run} was not reported"
        return ended

    def shown(self, run: str, **query: str) -> dict[str, Any]:
        """What the API says of an import."""
        found: dict[str, Any] = self.office.admin.get(f"/imports/{run}", params=query).raise_for_status().json()
        return found

    def outcomes(self, run: str) -> list[tuple[int, str | None, str]]:
        """The rows of an import: number, alias and outcome."""
        return [(each["row"], self._short(each["alias"]), each["outcome"]) for each in self.shown(run)["rows"]]

    def put(self, content: bytes, key: str) -> None:
        """Put a file into the bucket, by other means than a link."""
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=content)

    def runs(self) -> list[str]:
        """The last runs of spreadsheets; those of one second are in no order, as ids tell time to the second."""
        found = (
            self.office.admin.get("/runs", params={"source": "spreadsheet", "limit": "100"}).raise_for_status().json()
        )
        return [each["id"] for each in found["runs"]]

    def begun_after(self, before: list[str]) -> str:
        """The run that was not among these; waits for it."""
        [run] = until(lambda: [each for each in self.runs() if each not in before])
        return run

    def _short(self, text: str | None) -> str | None:
        return self.office.short(text) if text else text
