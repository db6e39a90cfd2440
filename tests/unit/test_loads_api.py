"""The routes of bulk loads: which there were, and what became of their messages."""

from collections.abc import Iterator, Sequence
from urllib.parse import quote

import pytest

from addresses import cursor as cursors
from addresses.load import Container, ContainerStatus, LoadName, LoadOutcome, LoadResult
from addresses.load_items import container_item, load_item
from addresses.table import Table
from mail_ingest.load.recording import Recording
from tests.gateway import empty_table, send

OLD = LoadName("old.zip")
OUTCOMES = [LoadOutcome.FILED, LoadOutcome.NOBODY, LoadOutcome.FAILED, LoadOutcome.NOBODY, LoadOutcome.IGNORED]
RESULTS = [
    LoadResult(f"import/old.zip#{number:08}", outcome, name=f"{number}.eml")
    for number, outcome in enumerate(OUTCOMES, start=1)
]


@pytest.fixture(autouse=True)
def table() -> Iterator[Table]:
    """Nothing has been loaded."""
    with empty_table() as empty:
        yield empty


def loaded(table: Table, name: LoadName = OLD, results: Sequence[LoadResult] = RESULTS, hour: int = 9) -> None:
    """A load with these results."""
    recording = Recording(table)
    recording.begin(name, f"2026-03-01T{hour:02}:00:00Z")
    recording.record(name, results)


def test_a_load_shows_counts_containers_and_results(table: Table) -> None:
    """In the order of the container."""
    loaded(table)
    table.put(container_item(OLD, Container("import/old.zip", ContainerStatus.READING, 5)))

    found = send(f"GET /loads/{OLD}").body

    assert ("old.zip", "2026-03-01T09:00:00Z", None) == (found["name"], found["begun_at"], found["next"])
    assert {"filed": 1, "nobody": 2, "ignored": 1, "failed": 1} == found["counts"]
    assert [{"key": "import/old.zip", "status": "reading", "messages": 5, "because": ""}] == found["containers"]
    assert [(each.position, each.name, each.outcome) for each in RESULTS] == [
        (each["message"], each["name"], each["outcome"]) for each in found["messages"]
    ]


@pytest.mark.parametrize("outcome", ["", "nobody"])
def test_results_come_by_page(table: Table, outcome: str) -> None:
    """Of all, or of those with one outcome."""
    loaded(table)
    wanted = [each.position for each in RESULTS if outcome in {"", each.outcome}]
    query = "limit=1" + (f"&outcome={outcome}" if outcome else "")

    seen, cursor = [], ""
    while cursor is not None:
        page = send(f"GET /loads/{OLD}?{query}" + (f"&cursor={cursor}" if cursor else "")).body
        seen += [each["message"] for each in page["messages"]]
        cursor = page["next"]

    assert wanted == seen


def test_loads_are_listed_by_page_the_newest_first(table: Table) -> None:
    """By when their first objects came."""
    for hour in (9, 11, 10):
        loaded(table, LoadName(f"of {hour}"), hour=hour)

    first = send("GET /loads?limit=2").body
    second = send(f"GET /loads?limit=2&cursor={first['next']}").body

    assert ["of 11", "of 10"] == [each["name"] for each in first["loads"]]
    assert (["of 9"], None) == ([each["name"] for each in second["loads"]], second["next"])


@pytest.mark.parametrize("name", ["Müllers Postfach", "a#nobody", "x+y@example.com", "?&=", "x" * 1000])
def test_a_load_may_be_called_anything(table: Table, name: str) -> None:
    """It is called what the folder is called."""
    loaded(table, LoadName(name))

    assert [name] == [each["name"] for each in send("GET /loads").body["loads"]]
    assert name == send(f"GET /loads/{quote(name, safe='')}").body["name"]


def test_positions_that_are_too_long_for_a_key_are_still_each_their_own(table: Table) -> None:
    """An object's key may have 1,024 bytes, and so has a key of the table in all."""
    long = [f"import/x/{'ä' * 500}{number}" for number in range(3)]
    loaded(table, LoadName("x"), [LoadResult(position, LoadOutcome.NOBODY) for position in long])

    assert 3 == len(send("GET /loads/x").body["messages"])
    assert 3 == len(send("GET /loads/x?outcome=nobody").body["messages"])


def test_a_cursor_of_another_listing_is_refused(table: Table) -> None:
    """As everywhere."""
    loaded(table)
    table.put_new(load_item(LoadName("new.zip"), "2026-03-01T10:00:00Z"))
    cursor = send(f"GET /loads/{OLD}?limit=1").body["next"]

    for path in (f"/loads/{OLD}?outcome=nobody&cursor=", "/loads/new.zip?cursor=", "/loads?cursor="):
        assert (422, "invalid-cursor") == (
            (answer := send(f"GET {path}{cursor}")).status,
            answer.body["type"].rpartition("/")[2],
        )


@pytest.mark.parametrize("query", ["outcome=filed", "outcome=x", "limit=0", "limit=1001"])
def test_what_cannot_be_asked_is_refused(table: Table, query: str) -> None:
    """What was filed is not listed by itself, for it is nearly all."""
    loaded(table)

    assert 422 == send(f"GET /loads/{OLD}?{query}").status


@pytest.mark.parametrize("position", ["", "\0", "~", "import/old.zip#99999999"])
@pytest.mark.parametrize(
    ("path", "listing"),
    [
        ("/loads?cursor=", "LOADS"),
        ("/loads/old.zip?cursor=", "results of old.zip "),
        ("/loads/old.zip?outcome=nobody&cursor=", "results of old.zip nobody"),
    ],
)
def test_a_made_up_cursor_is_no_fault_of_ours(table: Table, path: str, listing: str, position: str) -> None:
    """Its checksum is no secret, so its position may be anything."""
    loaded(table)

    assert 200 == send(f"GET {path}{cursors.give(listing, position)}").status
