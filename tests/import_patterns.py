"""How the functions use the table for spreadsheets: the routes, a file being read, its results being reported."""

from spreadsheet_import import handler as spreadsheet_import
from tests.access_patterns import Doing, Pattern, admin, numbered
from tests.metered import Metered
from tests.run_patterns import carried_out, finished, first_part, last_run


def sheet(count: int, action: str = "link") -> str:
    """So many people, each with an alias in the other domain."""
    rows = (f"{each},{each.replace('example.com', 'example.net')},{action}" for each in numbered(count))
    return "\r\n".join(["email,alias,action", *rows])


def read(count: int, action: str = "link") -> Doing:
    """A file of so many rows arrives."""
    return lambda world: world.read_sheet(sheet(count, action))


def refused(world: Metered) -> None:
    """A file arrives that is no spreadsheet."""
    world.read_sheet("%PDF-1.7")


def by_link(world: Metered) -> None:
    """An import is begun, and its file arrives."""
    begun = world.send("POST /imports", {"filename": "list.csv"}, email="admin@example.com")
    world.meter.forget()
    world.read_sheet(sheet(1), f"uploads/{begun['id']}/list.csv")


def reported(world: Metered) -> None:
    """The results are reported."""
    world.invoke(spreadsheet_import, {"do": "report", "run": world.imported})


IMPORT_ROUTES: tuple[Pattern, ...] = (
    Pattern("POST /imports", "any", (), admin("POST /imports", {"filename": "list.csv"}, status=201)),
    Pattern("GET /imports/template.xlsx", "any", (), admin("GET /imports/template.xlsx")),
    Pattern("GET /imports/template.csv", "any", (), admin("GET /imports/template.csv")),
    Pattern("GET /imports/{import_id}", "on its way, or at its end", (read(40),), last_run("GET /imports/{run}")),
)
IMPORTING: tuple[Pattern, ...] = (
    Pattern("spreadsheet_import", "1 row, a new mailbox and its alias", (), read(1)),
    Pattern("spreadsheet_import", "the same by a link", (), by_link),
    Pattern("spreadsheet_import", "40 rows, none known", (), read(40)),
    Pattern("spreadsheet_import", "40 rows, nothing to do", (read(40), carried_out), read(40)),
    Pattern("spreadsheet_import", "40 rows, all unlinked", (read(40), carried_out), read(40, "unlink")),
    Pattern("spreadsheet_import", "cannot be read", (), refused),
    Pattern("spreadsheet_import", "the results of 40 rows are reported", (read(40), first_part, finished), reported),
)
