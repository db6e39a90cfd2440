"""Bodies and answers of the API about imports."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StrictBool, StringConstraints

from addresses.row_result import RowOutcome, RowResult
from addresses.text import one_line
from link_api.run_models import RunAnswer


class StartImport(BaseModel):
    """``filename``: what the file is called; its content tells what it is. ``dry_run``: plan only."""

    model_config = ConfigDict(extra="forbid")
    filename: Annotated[str, StringConstraints(min_length=1, max_length=200), AfterValidator(one_line)]
    dry_run: StrictBool = False


class ImportStarted(BaseModel):
    """The import, and where to PUT the file's bytes within an hour; it begins when they have arrived."""

    id: str
    url: str


class RowAnswer(BaseModel):
    """What became of a row, or of one of the aliases in it; of a run that was not carried out, what would.

    ``row`` is its number as the spreadsheet shows it. ``alias`` is null where the result is about the row's mailbox.
    """

    row: int
    primary: str | None
    alias: str | None
    outcome: RowOutcome
    reason: str

    @classmethod
    def of(cls, result: RowResult) -> "RowAnswer":
        """The answer that shows this result."""
        return cls(
            row=result.row,
            primary=result.primary,
            alias=result.alias,
            outcome=result.outcome,
            reason=result.reason,
        )


class Copies(BaseModel):
    """Where to fetch the file with the results beside its rows, for five minutes: as a workbook, and as CSV."""

    xlsx: str
    csv: str


class ImportAnswer(RunAnswer):
    """The run of an import, with a page of the results of its rows; ``next`` continues it."""

    filename: str
    copies: Copies | None
    rows: list[RowAnswer]
    next: str | None
