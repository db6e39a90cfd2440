"""Google's users, read from a double of the Directory API: what is an account, and when a reading is at its end."""

import json
import logging
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from directory_sync.errors import IncompleteReading, LogonRefused, OutOfTime, ReadRefused, SecretUnusable
from directory_sync.google.reader import GoogleReader
from directory_sync.reader import Entry, Reader, Resync
from tests.doubles.clock import Hourglass
from tests.doubles.google import Google, google, key, refusal
from tests.doubles.serving import Response

# The readers of a test, which are logged off at its end.
OPENED = ExitStack()
PAGE = "admin#directory#users"


@pytest.fixture
def double() -> Iterator[Google]:
    """Google, with three users to a page."""
    with google(page_size=3) as double:
        yield double


@pytest.fixture(autouse=True)
def _log_off() -> Iterator[None]:
    """Close what a test opened."""
    yield
    OPENED.close()


def reader(double: Google, glass: Hourglass | None = None, **changed: Any) -> GoogleReader:
    """A reader of the double that has ten minutes; its key changed by name."""
    glass = glass or Hourglass()
    secret = json.dumps(double.key_file() | changed)
    return OPENED.enter_context(closing(GoogleReader(double.config, secret, glass.deadline(), glass.clock())))


def put(double: Google, number: int, **changed: Any) -> Entry:
    """Put an ordinary user into the double; the account that it is, but for what was changed."""
    name = f"u{number:03}"
    properties = {
        "primaryEmail": f"{name}@example.com",
        "aliases": [f"{name}.alias@example.com"],
        "name": {"givenName": name, "familyName": "User", "fullName": f"{name} User"},
        "suspended": False,
        "archived": False,
    }
    double.put(str(number), **{**properties, **changed})
    return Entry(str(number), (f"{name}@example.com",), (f"{name}.alias@example.com",), f"{name} User")


# --- What is an account -----------------------------------------------------------------------------------------------


def test_aliases_are_those_that_google_delivers_to(double: Google) -> None:
    """Also those that cannot be edited; not the private addresses that somebody typed in."""
    double.put(
        "1",
        primaryEmail="alice@example.com",
        aliases=["a@example.com", "alice@example.net"],
        nonEditableAliases=["alice@example.com.test-google-a.com"],
        emails=[{"address": "alice@home.example", "type": "home"}, {"address": "alice@example.com", "primary": True}],
        name={"fullName": "Alice"},
    )

    aliases = ("a@example.com", "alice@example.net", "alice@example.com.test-google-a.com")
    assert [Entry("1", ("alice@example.com",), aliases, "Alice")] == list(reader(double).full())
    assert "alice@home.example" not in str(double.requests)


@pytest.mark.parametrize(
    ("suspended", "archived", "expected"),
    [(False, False, True), (True, False, False), (False, True, False), (None, None, True)],
)
def test_who_is_suspended_or_archived_is_disabled(
    double: Google,
    suspended: bool | None,  # noqa: FBT001 - a case
    archived: bool | None,  # noqa: FBT001 - a case
    expected: bool,  # noqa: FBT001 - its expectation
) -> None:
    """Neither can read mail."""
    put(double, 1, suspended=suspended, archived=archived)

    assert [expected] == [entry.enabled for entry in reader(double).full()]


def test_a_user_may_lack_a_name_and_aliases(double: Google) -> None:
    """Google leaves out what is empty."""
    double.put("1", primaryEmail="a@example.com")

    assert [Entry("1", ("a@example.com",))] == list(reader(double).full())


# --- A full reading ---------------------------------------------------------------------------------------------------


def test_a_reader_is_one(double: Google) -> None:
    """What reads Google fits where directories are read."""
    fits: Reader = reader(double)

    assert [] == list(fits.full())


@pytest.mark.parametrize("users", [0, 1, 3, 4, 10])
def test_a_full_reading_gives_every_user_once(double: Google, users: int) -> None:
    """However many pages they fill."""
    expected = [put(double, number) for number in range(users)]

    assert expected == list(reader(double).full())


def test_pages_are_as_large_as_they_may_be() -> None:
    """500 users: a hundred thousand are 200 questions."""
    with google() as double:
        expected = [put(double, number) for number in range(501)]

        assert expected == list(reader(double).full())
        assert ["500", "500"] == [request.query["maxResults"] for request in double.requests if request.method == "GET"]


def test_who_is_renamed_while_pages_are_read_comes_once(double: Google) -> None:
    """Google's order is that of addresses, so this user is met again."""
    for number in range(7):
        put(double, number)
    entries = reader(double).full()
    met = [next(entries)]
    put(double, 0, primaryEmail="z@example.com")

    met += entries

    assert [str(number) for number in range(7)] == [entry.id for entry in met]


def test_a_page_without_users_is_not_the_end(double: Google) -> None:
    """Only the token tells."""
    expected = put(double, 1)
    double.mishaps += [Response(200, {"kind": PAGE, "nextPageToken": "after:a"})]

    assert [expected] == list(reader(double).full())


def test_a_token_that_comes_again_is_not_the_end(double: Google) -> None:
    """Nor is it followed for ever."""
    page = Response(200, {"kind": PAGE, "users": [], "nextPageToken": "after:a"})
    double.mishaps += [page, page]

    with pytest.raises(IncompleteReading, match="lead back"):
        list(reader(double).full())


def test_a_page_token_that_is_not_taken_fails_the_reading(double: Google) -> None:
    """They last three days, and no run does."""
    put(double, 1)
    double.mishaps += [Response(200, {"kind": PAGE, "nextPageToken": "damaged"})]

    with pytest.raises(IncompleteReading, match=r"400 \(invalid: Invalid Input: pageToken\)"):
        list(reader(double).full())


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"{",
        b"<html>",
        b"null",
        b"[]",
        {},
        {"error": {}},
        {"kind": "admin#directory#user"},
        {"kind": PAGE, "users": None},
        {"kind": PAGE, "users": {}},
        {"kind": PAGE, "users": [{}]},
        {"kind": PAGE, "users": [None]},
        {"kind": PAGE, "users": [{"id": "1"}]},
        {"kind": PAGE, "users": [{"id": 1, "primaryEmail": "a@example.com"}]},
        {"kind": PAGE, "users": [{"id": "", "primaryEmail": "a@example.com"}]},
        {"kind": PAGE, "users": [{"primaryEmail": "a@example.com"}]},
        {"kind": PAGE, "users": [{"id": "1", "primaryEmail": "a@example.com", "aliases": "b@example.com"}]},
        {"kind": PAGE, "users": [{"id": "1", "primaryEmail": "a@example.com", "aliases": [None]}]},
        {"kind": PAGE, "users": [{"id": "1", "primaryEmail": "a@example.com", "suspended": "false"}]},
        {"kind": PAGE, "users": [{"id": "1", "primaryEmail": "a@example.com", "name": "A"}]},
        {"kind": PAGE, "nextPageToken": ""},
        {"kind": PAGE, "nextPageToken": 7},
    ],
)
def test_a_page_of_another_form_is_refused(double: Google, page: Any) -> None:
    """Also an empty object, which an empty page would be if its kind were not asked for."""
    double.mishaps += [Response(200, page)]

    with pytest.raises(IncompleteReading, match="cannot be read"):
        list(reader(double).full())


@pytest.mark.parametrize(
    "busy",
    [
        refusal(403, "userRateLimitExceeded"),
        refusal(403, "rateLimitExceeded"),
        refusal(403, "quotaExceeded"),
        refusal(429, "rateLimitExceeded", Retry_After="7"),
        refusal(503, "backendError"),
        refusal(500, "backendError"),
    ],
)
def test_a_quota_that_is_used_up_is_waited_for(double: Google, busy: Response) -> None:
    """In the middle of the pages, too."""
    expected = [put(double, number) for number in range(10)]
    double.mishaps += [busy, None, busy]
    glass = Hourglass()

    assert expected == list(reader(double, glass).full())
    assert 2 == len(glass.slept)


def test_a_quota_that_stays_used_up_fails_the_reading(double: Google) -> None:
    """With a sentence, when the time of the run does not suffice."""
    double.mishaps += [refusal(403, "quotaExceeded")] * 100

    with pytest.raises(OutOfTime, match="run again"):
        list(reader(double).full())


def test_a_long_reading_gets_new_tokens(double: Google) -> None:
    """A token ends after an hour; here, after two requests."""
    expected = [put(double, number) for number in range(20)]
    double.token_life = 2

    assert expected == list(reader(double).full())


def test_there_are_no_changes_to_ask_for(double: Google) -> None:
    """Google has no list of them."""
    reading = reader(double)
    list(reading.full())

    assert reading.cursor() is None
    with pytest.raises(Resync, match="no list of changes"):
        reading.changes("1")


# --- Accounts by id ---------------------------------------------------------------------------------------------------


def test_entries_are_read_by_id(double: Google) -> None:
    """Who is gone is left out."""
    expected = [put(double, number) for number in range(3)]
    double.remove("1")

    assert [expected[0], expected[2]] == reader(double).entries(["0", "1", "2", "0"])


@pytest.mark.parametrize("name", ["u001@example.com", "u001.alias@example.com"])
def test_an_address_is_no_id(double: Google, name: str) -> None:
    """Google answers for it too, but an address changes hands."""
    put(double, 1)

    with pytest.raises(IncompleteReading, match="answered with '1'"):
        reader(double).entries([name])


def test_an_id_is_no_path(double: Google) -> None:
    """Whatever is in it."""
    put(double, 1)

    assert [] == reader(double).entries(["../users/1", "1?fields=id", "1#", "%31"])


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Response(404, b"<html>Not Found</html>"), IncompleteReading),
        (refusal(404, "domainNotFound", "Domain not found."), IncompleteReading),
        (refusal(403, "forbidden", "Not Authorized to access this resource/api"), ReadRefused),
        (refusal(400, "invalid"), IncompleteReading),
        (Response(200, {}), IncompleteReading),
        (Response(204), IncompleteReading),
    ],
)
def test_only_google_s_own_not_found_means_gone(double: Google, said: Response, error: type[Exception]) -> None:
    """Any other answer says nothing of whether the user exists."""
    put(double, 1)
    double.mishaps += [said]

    with pytest.raises(error):
        reader(double).entries(["1"])


# --- Logging on -------------------------------------------------------------------------------------------------------


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    """A private key as text."""
    how = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, how).decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"type": "authorized_user"},
        {"client_email": ""},
        {"private_key": None},
        {"private_key": ""},
        {"private_key": "secret nonsense"},
        {"private_key": key().as_pem(private=True).decode()[:400]},
        {"private_key": key().as_pem(private=False).decode()},
        {"private_key": pem(ec.generate_private_key(ec.SECP256R1()))},
        {"private_key": pem(rsa.generate_private_key(65537, 2048), b"password")},
        {"private_key": "\ud800"},
        {"token_uri": "http://oauth2.example.com/token"},
        {"token_uri": "file:///etc/passwd"},
        {"token_uri": None},
    ],
)
def test_a_secret_that_is_no_key_is_unusable(double: Google, changed: dict[str, Any]) -> None:
    """And not quoted, by the causes neither."""
    with pytest.raises(SecretUnusable, match="'google' is no key of a service account") as refused:
        reader(double, **changed)

    assert refused.value.__suppress_context__ or refused.value.__context__ is None
    assert "PRIVATE" not in str(refused.value)


@pytest.mark.parametrize("secret", ["", "not JSON", "[]", "null", '"key"', "[" * 100_000])
def test_a_secret_that_is_no_object_is_unusable(double: Google, secret: str) -> None:
    """Whatever it is."""
    with pytest.raises(SecretUnusable):
        GoogleReader(double.config, secret, 0)


def test_another_s_key_is_refused(double: Google) -> None:
    """Google checks the signature."""
    reading = reader(double, private_key=pem(rsa.generate_private_key(65537, 2048)))

    with pytest.raises(LogonRefused, match="400 invalid_grant"):
        list(reading.full())


@pytest.mark.parametrize("changed", [{"client_email": "other@example.com"}, {"private_key_id": "f"}])
def test_the_double_minds_the_claims(double: Google, changed: dict[str, Any]) -> None:
    """So that the other tests show that they are right."""
    with pytest.raises(LogonRefused):
        list(reader(double, **changed).full())


def test_an_administrator_who_is_none_is_named(double: Google) -> None:
    """With the way out."""
    config = double.config.model_copy(update={"admin": "nobody@example.com"})
    reading = OPENED.enter_context(closing(GoogleReader(config, double.secret, time.monotonic() + 60)))

    with pytest.raises(LogonRefused, match=r"act for nobody@example\.com .*check that admin is"):
        list(reading.full())


def test_a_missing_delegation_is_named(double: Google) -> None:
    """With the scope to grant."""
    double.delegates_scope = "https://www.googleapis.com/auth/admin.directory.group.readonly"

    with pytest.raises(LogonRefused, match=r"unauthorized_client.*admin\.directory\.user\.readonly"):
        list(reader(double).full())


def test_a_token_that_is_never_taken_is_refused(double: Google) -> None:
    """A new one is fetched once, and not for ever."""
    double.token_life = 0

    with pytest.raises(LogonRefused, match="does not take the token"):
        list(reader(double).full())
    assert 4 == len(double.requests)


def test_a_customer_of_another_is_refused(double: Google) -> None:
    """With Google's own words."""
    config = double.config.model_copy(update={"customer": "C0other"})
    reading = OPENED.enter_context(closing(GoogleReader(config, double.secret, time.monotonic() + 60)))

    with pytest.raises(IncompleteReading, match=r"400 \(invalid: Invalid Input\).*check customer"):
        list(reading.full())


@pytest.mark.parametrize("reason", ["forbidden", "accessNotConfigured", "insufficientPermissions"])
def test_a_missing_right_is_named(double: Google, reason: str) -> None:
    """With what to do."""
    double.mishaps += [refusal(403, reason, "Not Authorized to access this resource/api")]

    with pytest.raises(ReadRefused, match=rf"{reason}: Not Authorized.*enable the Admin SDK API"):
        list(reader(double).full())


def test_neither_key_nor_token_is_logged(double: Google, caplog: pytest.LogCaptureFixture) -> None:
    """Not even when everything is."""
    caplog.set_level(logging.DEBUG)
    put(double, 1)
    list(reader(double).full())

    assert "ya29" not in caplog.text
    assert "PRIVATE" not in caplog.text
