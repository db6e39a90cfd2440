"""Entra's users, read from a double of Graph: what is an account, and when a reading is at its end."""

import json
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from directory_sync.entra.reader import EntraReader
from directory_sync.errors import IncompleteReading, LogonRefused, OutOfTime, ReadRefused, SecretUnusable
from directory_sync.reader import Changes, Entry, Reader, Resync
from tests.doubles.clock import Hourglass
from tests.doubles.graph import SECRET, Graph, graph, path_of, refusal
from tests.doubles.serving import Response

# The readers of a test, which are logged off at its end.
OPENED = ExitStack()


@pytest.fixture
def double() -> Iterator[Graph]:
    """Graph, with three users to a page."""
    with graph(page_size=3) as double:
        yield double


def reader(double: Graph, secret: str = SECRET, glass: Hourglass | None = None) -> EntraReader:
    """A reader of the double that has ten minutes."""
    glass = glass or Hourglass()
    return OPENED.enter_context(closing(EntraReader(double.config, secret, glass.deadline(), glass.clock())))


@pytest.fixture(autouse=True)
def _log_off() -> Iterator[None]:
    """Close what a test opened."""
    yield
    OPENED.close()


def put(double: Graph, number: int, **changed: Any) -> Entry:
    """Put an ordinary user into the double; the account that it is, but for what was changed."""
    name = f"u{number}"
    properties = {
        "mail": f"{name}@example.com",
        "proxyAddresses": [f"SMTP:{name}@example.com", f"smtp:{name}.alias@example.com"],
        "displayName": name,
        "accountEnabled": True,
        "userType": "Member",
    }
    double.put(str(number), **{**properties, **changed})
    return Entry(str(number), (f"{name}@example.com",), (f"{name}.alias@example.com",), name)


def by_id(entries: Iterator[Entry] | list[Entry]) -> list[Entry]:
    """Entries in the order of their ids, each as often as it came."""
    return sorted(entries, key=lambda entry: entry.id)


def only(double: Graph) -> Entry:
    """The one account that a full reading gives."""
    [entry] = reader(double).full()
    return entry


# --- What is an account -----------------------------------------------------------------------------------------------


def test_capitals_mark_the_primary(double: Graph) -> None:
    """The documentation's own example has a blank after the prefix; what is no mail address is named by its type."""
    double.put(
        "1",
        mail="old@example.com",
        proxyAddresses=[
            *("smtp:a@example.com", "SMTP: alice@example.com", " Smtp:B@example.com ", "c@example.com"),
            *("x500:/o=Example/cn=alice", "SIP:alice@example.com", "SPO:SPO_1@SPO_2", "X500:/o=Other"),
        ],
        displayName="Alice",
        accountEnabled=True,
        userType="Member",
    )

    expected = Entry(
        id="1",
        primaries=("alice@example.com",),
        aliases=("a@example.com", "B@example.com", "c@example.com"),
        name="Alice",
        others=("x500", "sip", "spo", "x500"),
    )
    assert expected == only(double)


def test_two_marked_as_primary_are_both_told(double: Graph) -> None:
    """Which one counts is not decided here."""
    double.put("1", mail="b@example.com", proxyAddresses=["SMTP:a@example.com", "SMTP:b@example.com"])

    assert ("a@example.com", "b@example.com") == only(double).primaries


@pytest.mark.parametrize("proxies", [{}, {"proxyAddresses": []}, {"proxyAddresses": ["smtp:a@example.com"]}])
def test_without_a_mark_mail_is_the_primary(double: Graph, proxies: dict[str, list[str]]) -> None:
    """A user without a mailbox in Exchange has no mark."""
    double.put("1", mail=" alice@example.com ", **proxies)

    assert ("alice@example.com",) == only(double).primaries


@pytest.mark.parametrize(
    "values", [{}, {"mail": None}, {"mail": None, "proxyAddresses": []}, {"proxyAddresses": ["SMTP: "]}]
)
def test_a_user_without_mail_is_an_account_without_addresses(double: Graph, values: dict[str, Any]) -> None:
    """Never set or taken away: the name to log on with is no address."""
    double.put("1", userPrincipalName="alice@example.com", **values)

    assert Entry("1") == only(double)


@pytest.mark.parametrize(
    ("values", "expected"), [({"accountEnabled": False}, False), ({"accountEnabled": None}, True), ({}, True)]
)
def test_an_account_is_disabled_only_if_graph_says_so(double: Graph, values: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - the expectation of a case
    """A value that is not known takes nothing away."""
    double.put("1", mail="a@example.com", **values)

    assert expected == only(double).enabled


def test_a_guest_is_left_out(double: Graph) -> None:
    """Neither in a full reading nor by id: the addresses are those of another organisation."""
    double.put("1", mail="guest@example.org", userType="Guest")
    member = put(double, 2)

    assert [member] == list(reader(double).full())
    assert [member] == reader(double).entries(["1", "2"])


# --- A full reading ---------------------------------------------------------------------------------------------------


def test_a_reader_is_one() -> None:
    """What reads Entra fits where directories are read."""
    with graph() as double:
        fits: Reader = reader(double)
        assert [] == list(fits.full())


@pytest.mark.parametrize("users", [0, 1, 3, 4, 10])
def test_a_full_reading_gives_every_user_once(double: Graph, users: int) -> None:
    """However many pages they fill."""
    expected = [put(double, number) for number in range(users)]

    assert by_id(expected) == by_id(reader(double).full())


def test_links_are_followed_as_they_are(double: Graph) -> None:
    """What is escaped in them stays escaped: they are Graph's own."""
    for number in range(4):
        put(double, number)
    reading = reader(double)
    list(reading.full())
    cursor = reading.cursor()

    assert cursor
    reading.changes(cursor)

    targets = [request.target for request in double.requests if "/delta" in request.target]
    assert "%2B" in cursor
    assert path_of(cursor) == targets[-1]
    assert "/v1.0/users/delta?$skiptoken=skip%2B0%2F~%3D" == targets[1]


def test_there_is_no_cursor_before_the_end(double: Graph) -> None:
    """A reading that was broken off is no place to go on from."""
    put(double, 1)
    put(double, 2)
    reading = reader(double)
    entries = reading.full()
    next(entries)

    assert reading.cursor() is None
    list(entries)
    assert reading.cursor()


def test_an_empty_page_is_not_the_end(double: Graph) -> None:
    """Graph sends them: only the link tells."""
    put(double, 1)
    link = f"{double.url}/v1.0/users/delta?$select=id,mail"
    double.mishaps += [Response(200, {"value": [], "@odata.nextLink": link})]

    assert ["1"] == [entry.id for entry in reader(double).full()]


def test_the_last_word_on_a_user_wins(double: Graph) -> None:
    """Graph repeats users within a round."""
    expected = put(double, 1, displayName="New")
    double.earlier = [
        {
            "id": "1",
            "mail": "x@example.com",
            "proxyAddresses": [],
            "displayName": "Old",
            "accountEnabled": True,
            "userType": "Member",
        },
    ]

    assert [Entry(expected.id, expected.primaries, expected.aliases, "New")] == list(reader(double).full())
    assert "/v1.0/$batch" not in [request.path for request in double.requests]


def test_a_word_on_less_than_all_is_no_last_word(double: Graph) -> None:
    """It may be a patch; the user is asked for, and loses no alias."""
    expected = put(double, 1)
    double.later = [{"id": "1", "displayName": "u1"}]

    assert [expected] == list(reader(double).full())


@pytest.mark.parametrize("removal_first", [True, False])
def test_who_is_said_to_be_removed_and_to_be_there_is_asked_for(double: Graph, removal_first: bool) -> None:  # noqa: FBT001 - the case
    """The order within a round means nothing."""
    expected = put(double, 1)
    put(double, 2)
    stale = dict.fromkeys(("mail", "displayName", "accountEnabled", "userType"))
    double.remove("2")
    said: list[dict[str, Any]] = [
        {"id": "1", "@removed": {"reason": "changed"}},
        {"id": "2", "proxyAddresses": ["SMTP:u2@example.com"], **stale},
    ]
    (double.earlier if removal_first else double.later).extend(said)

    assert [expected] == list(reader(double).full())


@pytest.mark.parametrize("reason", ["deleted", "changed"])
def test_who_was_removed_is_not_in_a_full_reading(double: Graph, reason: str) -> None:
    """Graph names them in a first round too."""
    expected = put(double, 1)
    put(double, 2)
    double.remove("2", reason)

    assert [expected] == list(reader(double).full())


@pytest.mark.parametrize(
    "links",
    [
        {},
        {"@odata.nextLink": "http://127.0.0.1/1", "@odata.deltaLink": "http://127.0.0.1/2"},
        {"@odata.deltaLink": None},
    ],
)
def test_a_page_without_one_link_is_not_the_end(double: Graph, links: dict[str, str]) -> None:
    """Whoever is not on it would lose the mailbox."""
    double.mishaps += [Response(200, {"value": [{"id": "1"}], **links})]

    with pytest.raises(IncompleteReading, match="not exactly one link"):
        list(reader(double).full())


def test_pages_in_a_circle_are_not_the_end(double: Graph) -> None:
    """Nor are they read for ever."""
    page = Response(200, {"value": [], "@odata.nextLink": f"{double.url}/v1.0/users/delta?$skiptoken=1"})
    double.mishaps += [page, page]

    with pytest.raises(IncompleteReading, match="lead back"):
        list(reader(double).full())


@pytest.mark.parametrize(
    "link", ["https://evil.example/v1.0/users/delta?$skiptoken=1", "/v1.0/users/delta?$skiptoken=1"]
)
def test_a_link_to_another_host_is_not_followed(double: Graph, link: str) -> None:
    """The token would go there."""
    double.mishaps += [Response(200, {"value": [], "@odata.nextLink": link})]

    with pytest.raises(IncompleteReading, match="another host"):
        list(reader(double).full())


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [None],
        ["1"],
        [{}],
        [{"id": None}],
        [{"id": ""}],
        [{"id": 7}],
        [{"id": "1", "mail": 7}],
        [{"id": "1", "proxyAddresses": "SMTP:a@example.com"}],
        [{"id": "1", "proxyAddresses": [None]}],
        [{"id": "1", "accountEnabled": "false"}],
        [{"id": "1", "userType": ["Guest"]}],
        [{"id": "1", "@removed": True}],
        [{"id": "1", "mail": "secret@example.com", "displayName": 7}],
    ],
)
def test_a_page_of_another_form_is_refused(double: Graph, value: Any) -> None:
    """Nobody is skipped, and nobody's values are quoted."""
    double.mishaps += [Response(200, {"value": value, "@odata.deltaLink": f"{double.url}/x"})]

    with pytest.raises(IncompleteReading, match="cannot be read") as refused:
        list(reader(double).full())

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"<html>", b'{"value": [{"id": "1"}'])
def test_a_page_that_is_no_json_is_refused(double: Graph, content: bytes) -> None:
    """Though it came with 200."""
    double.mishaps += [Response(200, content)]

    with pytest.raises(IncompleteReading):
        list(reader(double).full())


def test_a_long_reading_gets_new_tokens(double: Graph) -> None:
    """A token ends after an hour or so; here, after two requests."""
    expected = [put(double, number) for number in range(20)]
    double.token_life = 2

    assert by_id(expected) == by_id(reader(double).full())


@pytest.mark.parametrize(
    "busy", [Response(429, headers={"Retry-After": "7"}), Response(429), Response(503), Response(504), Response(502)]
)
def test_a_busy_graph_is_asked_again(double: Graph, busy: Response) -> None:
    """In the middle of the pages, with Retry-After or without."""
    expected = [put(double, number) for number in range(10)]
    double.mishaps += [busy, None, busy, busy]
    glass = Hourglass()

    assert by_id(expected) == by_id(reader(double, glass=glass).full())
    assert 3 == len(glass.slept)
    assert 7.0 in glass.slept or not busy.headers


def test_a_graph_that_stays_busy_fails_the_reading(double: Graph) -> None:
    """With a sentence, when the time of the run does not suffice."""
    for number in range(10):
        put(double, number)
    double.mishaps += [None, *[Response(429, headers={"Retry-After": "250"})] * 3]

    with pytest.raises(OutOfTime, match="run again"):
        list(reader(double).full())


def test_a_round_that_graph_breaks_off_is_begun_again(double: Graph) -> None:
    """410 in the middle; and what was read of the first try does not count."""
    expected = [put(double, number) for number in range(4)]
    stale = {"value": [{"id": "99"}], "@odata.nextLink": f"{double.url}/v1.0/users/delta?$skiptoken=1"}
    double.mishaps += [Response(200, stale), refusal(410, "syncStateNotFound")]

    assert by_id(expected) == by_id(reader(double).full())


def test_a_round_that_is_broken_off_again_and_again_fails(double: Graph) -> None:
    """Three times."""
    double.mishaps += [refusal(410, "resyncRequired")] * 3

    with pytest.raises(IncompleteReading, match=r"3 times .* \(410 resyncRequired\)"):
        list(reader(double).full())


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_question_that_graph_does_not_understand_fails_the_reading(double: Graph, status: int) -> None:
    """With Graph's own words."""
    double.mishaps += [refusal(status, "Request_UnsupportedQuery", "Unsupported property.")]

    with pytest.raises(IncompleteReading, match=rf"{status} \(Request_UnsupportedQuery: Unsupported property\.\)"):
        list(reader(double).full())


# --- Changes ----------------------------------------------------------------------------------------------------------


def after_a_full_reading(double: Graph) -> tuple[EntraReader, str]:
    """A reader that has read everything, and its cursor."""
    reading = reader(double)
    list(reading.full())
    cursor = reading.cursor()
    assert cursor
    return reading, cursor


def test_changes_are_the_ids_of_all_who_changed(double: Graph) -> None:
    """Added, changed, removed; each page of them, and each id once."""
    for number in range(10):
        put(double, number)
    reading, cursor = after_a_full_reading(double)
    for number in range(3, 8):
        double.put(str(number), displayName="once")
        double.put(str(number), proxyAddresses=[])
    double.remove("9")
    put(double, 10)

    changes = reading.changes(cursor)

    assert frozenset({"3", "4", "5", "6", "7", "9", "10"}) == changes.ids
    assert frozenset() == reading.changes(changes.cursor).ids


def test_what_changes_while_a_full_reading_runs_is_after_its_cursor(double: Graph) -> None:
    """Nothing falls between the two."""
    for number in range(5):
        put(double, number)
    reading = reader(double)
    entries = reading.full()
    next(entries)
    put(double, 7)
    list(entries)

    assert frozenset({"7"}) == reading.changes(reading.cursor() or "").ids


def test_a_change_of_what_was_not_asked_for_is_none(double: Graph) -> None:
    """Graph reports only the properties that the first question selected."""
    put(double, 1)
    reading, cursor = after_a_full_reading(double)
    double.put("1", userPrincipalName="new@example.com")

    assert frozenset() == reading.changes(cursor).ids


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (410, "syncStateNotFound"),
        (410, "SyncStateNotFound"),
        (410, "resyncRequired"),
        (400, "syncStateNotFound"),
        (400, "resyncRequired"),
        (400, "Directory_ExpiredDeltaToken"),
    ],
)
@pytest.mark.parametrize("pages", [0, 1])
def test_a_cursor_that_expired_means_to_read_everything(double: Graph, status: int, code: str, pages: int) -> None:
    """At once, or in the middle of the pages; a link that Graph gave out can be bad in no other way."""
    for number in range(9):
        put(double, number)
    reading, cursor = after_a_full_reading(double)
    for number in range(9):
        double.put(str(number), displayName="new")
    double.mishaps += [*[None] * pages, refusal(status, code)]

    with pytest.raises(Resync, match=code):
        reading.changes(cursor)


@pytest.mark.parametrize("status", [410, 400])
def test_after_a_reset_a_full_reading_gives_a_new_cursor(double: Graph, status: int) -> None:
    """From which changes can be asked for again."""
    put(double, 1)
    reading, cursor = after_a_full_reading(double)
    double.expire(status)
    with pytest.raises(Resync):
        reading.changes(cursor)

    reading, cursor = after_a_full_reading(double)

    assert Changes(frozenset(), cursor).ids == reading.changes(cursor).ids


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "https://evil.example/v1.0/users/delta?$deltatoken=1", "uSNChanged:7"]
)
def test_a_cursor_of_another_server_is_not_followed(double: Graph, cursor: str) -> None:
    """It may be one of before the configuration was changed; the token must not go there."""
    with pytest.raises(Resync, match="another server"):
        reader(double).changes(cursor)

    assert [] == double.requests


def test_a_damaged_cursor_means_to_read_everything(double: Graph) -> None:
    """Graph does not know it."""
    with pytest.raises(Resync, match="Badly formed"):
        reader(double).changes(f"{double.url}/v1.0/users/delta?$deltatoken=damaged")


# --- Accounts by id ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("users", [0, 1, 20, 21, 45])
def test_entries_are_read_by_id(double: Graph, users: int) -> None:
    """Twenty in a request, answered in any order; who is gone is left out."""
    expected = [put(double, number) for number in range(users)]

    assert by_id(expected) == by_id(reader(double).entries([*map(str, range(users)), "gone"]))
    assert (users // 20) + 1 == sum(request.path == "/v1.0/$batch" for request in double.requests)


def test_an_id_is_no_path(double: Graph) -> None:
    """Whatever is in it."""
    put(double, 1)

    assert [] == reader(double).entries(["../users/1", "1?$select=id", "1#", "x/1", "%31"])


def test_a_question_in_a_batch_that_is_refused_as_busy_is_asked_again(double: Graph) -> None:
    """Only that one, after the longest pause that was asked for; the others are answered."""
    expected = [put(double, number) for number in range(5)]
    busy = [
        refusal(429, "TooManyRequests", Retry_After="3"),
        None,
        refusal(503, "serviceNotAvailable", retry_after="9"),
    ]
    double.batch_mishaps += [*busy, None, None, refusal(502, "badGateway")]
    glass = Hourglass()

    assert by_id(expected) == by_id(reader(double, glass=glass).entries([str(number) for number in range(5)]))
    assert (9.0, 2) == (glass.slept[0], len(glass.slept))
    sizes = [
        len(json.loads(request.body)["requests"]) for request in double.requests if request.path.endswith("$batch")
    ]
    assert [5, 2, 1] == sizes


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (refusal(404, "ResourceNotFound"), IncompleteReading),
        (Response(404, None), IncompleteReading),
        (refusal(403, "Authorization_RequestDenied"), ReadRefused),
        (refusal(401, "InvalidAuthenticationToken"), LogonRefused),
        (refusal(400, "Request_BadRequest"), IncompleteReading),
        (Response(200, {"id": "2"}), IncompleteReading),
        (Response(200, {}), IncompleteReading),
        (Response(200, None), IncompleteReading),
        (Response(204, None), IncompleteReading),
    ],
)
def test_only_graph_s_own_not_found_means_gone(double: Graph, said: Response, error: type[Exception]) -> None:
    """Any other answer says nothing of whether the user exists."""
    put(double, 1)
    double.batch_mishaps += [said]

    with pytest.raises(error):
        reader(double).entries(["1"])


@pytest.mark.parametrize("ids", [[], ["0"], ["0", "0"], ["0", "1", "2"], ["0", "x"]])
def test_a_batch_that_does_not_answer_each_question_once_is_refused(double: Graph, ids: list[str]) -> None:
    """Who is not mentioned is not gone."""
    double.mishaps += [
        Response(
            200,
            {
                "responses": [
                    {"id": each, "status": 404, "body": refusal(404, "Request_ResourceNotFound").body} for each in ids
                ]
            },
        )
    ]

    with pytest.raises(IncompleteReading, match="each question of a batch once"):
        reader(double).entries(["1", "2"])


# --- Logging on -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [SECRET, f" {SECRET}\n", json.dumps({"client_secret": SECRET, "note": "of March"})])
def test_the_secret_is_bare_or_in_an_object(double: Graph, secret: str) -> None:
    """As Secrets Manager's console makes them, too."""
    assert [] == list(reader(double, secret).full())


@pytest.mark.parametrize(
    "secret", ["", " ", "{", "{}", '{"client_secret": ""}', '{"client_secret": 7}', '{"secret": "Graph~1"}']
)
def test_a_secret_that_is_neither_is_unusable(double: Graph, secret: str) -> None:
    """And not quoted."""
    with pytest.raises(SecretUnusable, match="'entra'") as refused:
        reader(double, secret)

    assert "Graph~" not in str(refused.value)


def test_a_wrong_secret_is_refused_with_the_way_out(double: Graph) -> None:
    """Microsoft's code is the one thing to look up."""
    with pytest.raises(LogonRefused, match=r"AADSTS7000215.*store its value, not its id") as refused:
        list(reader(double, "Wrong~Secret").full())

    assert "Wrong~Secret" not in f"{refused.value}{refused.value.__cause__}{refused.value.__context__}"


def test_a_token_that_graph_never_takes_is_refused(double: Graph) -> None:
    """A new one is fetched once, and not for ever."""
    double.token_life = 0

    with pytest.raises(LogonRefused, match="InvalidAuthenticationToken"):
        list(reader(double).full())
    assert 4 == len(double.requests)


def test_a_missing_permission_is_named(double: Graph) -> None:
    """With what to grant."""
    double.is_permitted = False

    with pytest.raises(ReadRefused, match=r"User\.Read\.All"):
        list(reader(double).full())
    with pytest.raises(ReadRefused, match=r"User\.Read\.All"):
        reader(double).entries(["1"])


def test_neither_secret_nor_token_is_logged(double: Graph, caplog: pytest.LogCaptureFixture) -> None:
    """Not even when everything is."""
    caplog.set_level(logging.DEBUG)
    put(double, 1)
    reading = reader(double)
    list(reading.full())

    assert SECRET not in caplog.text + repr(vars(reading))
    assert "graph.token" not in caplog.text
    assert SECRET not in repr(reading)


def test_mishaps_were_all_met(double: Graph) -> None:
    """The double's own promise: one for each request."""
    double.mishaps = deque([None, Response(429)])
    list(reader(double).full())
    list(reader(double).full())

    assert deque() == double.mishaps
