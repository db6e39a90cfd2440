"""`make large-import`: 200,000 rows on the embedded AWS; what reading, planning, applying and doing it again take.

Memory is that of the function's process: the embedded AWS does not enforce Lambda's limit, so it is looked at here.
"""

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import xlsxwriter

from addresses.mailbox import RunId
from addresses.run_items import run_from, run_key
from addresses.wire import plain
from local import aws, people, stack
from local.outputs import Outputs
from local.telling import Client

ROWS = 200_000
LIMIT_MIB = 1024
SERVICE = b"POWERTOOLS_SERVICE_NAME=spreadsheet_import"


def main() -> None:
    """Import a workbook of people of two domains twice, and print a line for each thing that was measured."""
    with tempfile.TemporaryDirectory(prefix="alias-addresses-large-") as folder:
        path, shared = Path(folder) / "people.xlsx", Path(folder) / "shared-strings.xlsx"
        write(path, constant_memory=True)
        write(shared, constant_memory=False)
        for each in (path, shared):
            subprocess.run([sys.executable, "-m", "tests.benchmarks.read_sheet", each], check=True)
        with stack.running(Path(folder) / "stack", say=lambda _: None) as outputs, watched() as memory:
            administrator(outputs).put("/settings", {"internal_domains": ["example.com", "example.org"]})
            for what in ("new", "the same again"):
                memory.most = 0
                run = imported(outputs, path.read_bytes(), what)
                print(f"{what}: {told(run)}; at most {memory.most} MiB of {LIMIT_MIB}", flush=True)


def write(path: Path, *, constant_memory: bool) -> None:
    """People with an alias in the other domain, in any order; without constant memory, as Excel writes its texts."""
    numbers = list(range(ROWS))
    random.Random(4).shuffle(numbers)  # noqa: S311 - the same file each time
    with xlsxwriter.Workbook(path, {"constant_memory": constant_memory}) as book:
        sheet = book.add_worksheet("People")
        sheet.write_row(0, 0, ["Name", "Email", "Alias", "Action"])
        for row, number in enumerate(numbers, start=1):
            alias = f"p.{number:06}@example.org"
            sheet.write_row(row, 0, [f"Person {number}", f"person{number:06}@example.com", alias, "link"])


def administrator(outputs: Outputs) -> Client:
    """The API for an administrator who has just logged on: no token lasts as long as this may take."""
    return Client(outputs, people.token(outputs, "admin@example.com", ["address-admins"]))


def imported(outputs: Outputs, content: bytes, what: str) -> dict[str, Any]:
    """The run at its end; how long each stretch took is told.

    Meanwhile the table is asked, since asking the API would take the processor from the run itself.
    """
    begun = administrator(outputs).post("/imports", {"filename": "people.xlsx"})
    table = aws.session().client("dynamodb", endpoint_url=outputs.endpoint_url, config=aws.DIRECT)
    key = dict(zip(("pk", "sk"), ({"S": each} for each in run_key(RunId(begun["id"]))), strict=True))
    since, before = time.monotonic(), ""
    httpx.put(begun["url"], content=content, timeout=60).raise_for_status()
    while True:
        time.sleep(1)
        run = run_from(plain(table.get_item(TableName=outputs.table_name, Key=key)["Item"]))
        if run.status != before:
            print(f"{what}: {run.status} after {time.monotonic() - since:.0f} s", flush=True)
            before = run.status
        if run.status == "failed":
            raise RuntimeError(run.because)
        if run.upload and run.upload.copies:
            break
    print(f"{what}: reported after {time.monotonic() - since:.0f} s", flush=True)
    shown: dict[str, Any] = administrator(outputs).get(f"/imports/{begun['id']}?limit=1")
    return shown


def told(run: dict[str, Any]) -> str:
    """What it came to."""
    counts = ", ".join(f"{name} {number:,}" for name, number in run["counts"].items() if number)
    return f"{run['status']}: {counts}; {run['progress']['done']:,} of {run['progress']['rows']:,} rows"


class Memory:
    """The most that the function's process has had in memory since ``most`` was set to 0, looked at all the time."""

    most = 0

    def look(self, end: Event) -> None:
        """Look until the end."""
        while not end.wait(0.2):
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    if SERVICE in (process / "environ").read_bytes():
                        pages = int((process / "statm").read_text().split()[1])
                        self.most = max(self.most, pages * 4096 // 2**20)


@contextmanager
def watched() -> Iterator[Memory]:
    """The memory of the function, looked at meanwhile."""
    memory, end = Memory(), Event()
    thread = Thread(target=memory.look, args=[end])
    thread.start()
    try:
        yield memory
    finally:
        end.set()
        thread.join()


if __name__ == "__main__":
    main()
