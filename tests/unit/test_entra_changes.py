"""Whatever happens in Entra, and however Graph tells it: who follows the changes comes to what a full reading says."""

from collections.abc import Callable
from contextlib import closing
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from directory_sync.entra.reader import EntraReader
from directory_sync.reader import Entry, Resync
from tests.doubles.clock import Hourglass
from tests.doubles.graph import SECRET, Graph, graph, refusal
from tests.doubles.serving import Response

ids = st.sampled_from("123456")
addresses = st.sampled_from(["a@example.com", "b@example.com", "c@example.com"])
proxies = st.lists(st.builds("{}:{}".format, st.sampled_from(["SMTP", "smtp", "sip", "X500"]), addresses), max_size=3)
# Never set, taken away, or set: any of the three for each property.
properties = st.fixed_dictionaries(
    {},
    optional={
        "mail": st.none() | addresses,
        "proxyAddresses": proxies,
        "displayName": st.none() | st.sampled_from(["A", "B"]),
        "accountEnabled": st.booleans(),
        "userType": st.sampled_from(["Member", "Guest", None]),
        "userPrincipalName": addresses,
    },
)
mishaps = st.sampled_from(
    [
        None,
        None,
        Response(429, headers={"Retry-After": "2"}),
        Response(503),
        refusal(401, "InvalidAuthenticationToken"),
        refusal(410, "syncStateNotFound"),
        refusal(400, "resyncRequired"),
    ]
)


def putting(user: str, values: dict[str, Any]) -> Callable[[Graph], None]:
    """An event: a user is created, restored or changed."""
    return lambda double: double.put(user, **values)


def removing(user: str, reason: str) -> Callable[[Graph], None]:
    """An event: a user is removed, if there is such a one."""
    return lambda double: double.remove(user, reason) if user in double.ids() else None


def saying_again(user: str, values: dict[str, Any]) -> Callable[[Graph], None]:
    """An event: the next round says something again of a user, if there is such a one, that is not so any more."""
    return lambda double: double.earlier.append({"id": user, **values}) if user in double.ids() else None


def going_wrong(answer: Response | None) -> Callable[[Graph], None]:
    """An event: Graph gives this answer to one of the next requests; once is never too often."""
    return lambda double: double.mishaps.extend([answer, None])


events = (
    st.builds(putting, ids, properties)
    | st.builds(removing, ids, st.sampled_from(["changed", "deleted"]))
    | st.builds(saying_again, ids, properties)
)
rounds = st.lists(
    st.tuples(st.lists(events, max_size=6), st.lists(st.builds(going_wrong, mishaps), max_size=2)), max_size=4
)


def read(double: Graph) -> tuple[dict[str, Entry], str]:
    """What a full reading says, and its cursor."""
    glass = Hourglass()
    with closing(EntraReader(double.config, SECRET, glass.deadline(), glass.clock())) as reader:
        entries = list(reader.full())
        cursor = reader.cursor()
    assert cursor
    by_id = {entry.id: entry for entry in entries}
    assert len(by_id) == len(entries), "a user came twice"
    return by_id, cursor


def follow(double: Graph, copy: dict[str, Entry], cursor: str) -> tuple[dict[str, Entry], str]:
    """The copy brought up to date, and the next cursor."""
    glass = Hourglass()
    with closing(EntraReader(double.config, SECRET, glass.deadline(), glass.clock())) as reader:
        try:
            changes = reader.changes(cursor)
        except Resync:
            double.mishaps.clear()
            return read(double)
        double.batch_mishaps.extend(each for each in double.mishaps if each is None or each.status in {429, 503})
        double.mishaps.clear()
        now = {entry.id: entry for entry in reader.entries(changes.ids)}
    return {name: entry for name, entry in copy.items() if name not in changes.ids} | now, changes.cursor


def truth(double: Graph) -> dict[str, Entry]:
    """What each user is, asked by id and undisturbed."""
    glass = Hourglass()
    with closing(EntraReader(double.config, SECRET, glass.deadline(), glass.clock())) as reader:
        return {entry.id: entry for entry in reader.entries(double.ids())}


@settings(max_examples=30)
@given(page_size=st.integers(1, 4), before=st.lists(events, max_size=8), rounds=rounds)
def test_following_the_changes_is_reading_everything(
    page_size: int,
    before: list[Callable[[Graph], None]],
    rounds: list[tuple[list[Callable[[Graph], None]], list[Callable[[Graph], None]]]],
) -> None:
    """After each round, whatever went wrong, was said twice or came out of order."""
    with graph(page_size) as double:
        for event in before:
            event(double)
        copy, cursor = read(double)
        assert truth(double) == copy
        for happening, trouble in rounds:
            for event in [*happening, *trouble]:
                event(double)
            copy, cursor = follow(double, copy, cursor)
            double.batch_mishaps.clear()
            assert truth(double) == copy
            assert truth(double) == read(double)[0]
