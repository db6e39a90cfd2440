"""A first sync: nobody of a directory has a mailbox here, so a step each and one for every alias has to be planned."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from addresses.plan_store import PlanStore
from addresses.reconcile import plan
from addresses.table import connected
from directory_sync.gathering import Gathering
from tests.benchmarks import organisation
from tests.benchmarks.canned import Canned, body
from tests.benchmarks.no_change import Staff
from tests.benchmarks.row import Row, cpu, peak
from tests.syncing import CORP, SETTINGS

PEOPLE, STEPS = 100_000, 335_000
# What the function has (MemorySize), and how many mailboxes docs/scale.md says that it bears.
MEMORY, BEARS = 3008, 750_000
NOTHING = b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></ListBucketResult>'


def answer(operation: str, _request: bytes) -> bytes:
    """There is nothing."""
    return body({"Items": [], "Count": 0} if operation == "Query" else {"Responses": {"table": []}})


def rows() -> Iterator[Row]:
    """From the directory's first entry to the last part of the plan in its bucket."""
    canned, staff = Canned(answer, lambda _path: NOTHING), Staff(PEOPLE)
    with patch("boto3.client", canned.client):
        table = connected("table")
    plans = PlanStore(canned.client("s3"), "plans")
    before = peak()

    def planned() -> None:
        with ThreadPoolExecutor(8) as executor:
            gathered = Gathering(organisation.DIRECTORY, {"corp": CORP}, SETTINGS, table, staff, executor).whole()
        wanted = plan(gathered.existing, gathered.desired)
        plans.store(wanted)
        assert STEPS == len(wanted.steps)

    took = cpu(planned)
    apiece = (peak() - before) / PEOPLE * 1024
    work = f"first sync of {PEOPLE:,} mailboxes, {STEPS:,} steps"
    yield Row(f"{work}: client CPU", f"{took:.1f} s, {took / PEOPLE * 1e6:.0f} us a mailbox", "", "", "", None)
    most = (MEMORY - before) / BEARS * 1024
    told = f"{apiece:.1f} KiB a mailbox", f"what {MEMORY:,} MiB leave to each of {BEARS:,}: {most:.1f} KiB"
    yield Row(f"{work}: memory", *told, f"{apiece / most:.2f} x", "<= 1 x", apiece <= most)
