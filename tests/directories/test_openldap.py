"""OpenLDAP: what is read of an account, what the server's limits and rights do to a reading, and a large directory."""

import resource
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from directory_sync.errors import IncompleteReading, ReadRefused, Unreachable
from directory_sync.ldap.context import Cursor
from directory_sync.ldap.reader import LdapReader
from directory_sync.ldap.session import PAGE
from directory_sync.reader import Entry, Resync
from local import slapd as slapd_server
from local.slapd import BASE, PEOPLE, PERSON, REMEMBERED, Slapd
from tests.directories.conftest import ACCOUNTS
from tests.directories.relay import Weather, relayed

Opens = Callable[..., LdapReader]
MANY = 20_000


@pytest.fixture
def people(slapd: Slapd, request: pytest.FixtureRequest) -> str:
    """A branch of the directory that no other test uses."""
    name = f"ou={request.node.name.replace('[', '-').replace(']', '')},{slapd.base_dn}"
    slapd.editor.add(name, ["organizationalUnit"])
    return name


def identity(slapd: Slapd, entry: str) -> str:
    """The id of the account."""
    return str(UUID(slapd.editor.id(entry, "entryUUID").decode()))


def person(slapd: Slapd, people: str, uid: str, **values: str | list[str]) -> str:
    """Adds a person to the branch and gives the name of the entry."""
    name = f"uid={uid},{people}"
    slapd.editor.add(name, PERSON, **{"cn": uid.title(), "sn": uid.title(), **values})
    return name


def test_mail_is_the_primary_and_alternate_and_local_addresses_are_aliases(
    slapd: Slapd, openldap: Opens, people: str
) -> None:
    """A display name goes before the common name."""
    alice = person(
        slapd,
        people,
        "alice",
        mail="alice@example.com",
        mailAlternateAddress=["a@example.com"],
        mailLocalAddress="alice@example.org",
        displayName="Alice Jones",
    )
    expected = Entry(
        identity(slapd, alice), ("alice@example.com",), ("a@example.com", "alice@example.org"), "Alice Jones"
    )
    found = openldap(base_dn=people)
    assert ([expected], [expected]) == (list(found.full()), found.entries([expected.id]))


def test_several_values_of_mail_are_all_told(slapd: Slapd, openldap: Opens, people: str) -> None:
    """They have no order (RFC 4512), so none of them is the first."""
    person(slapd, people, "bob", mail=["bob@example.com", "robert@example.com"])
    assert [{"bob@example.com", "robert@example.com"}] == [
        set(entry.primaries) for entry in openldap(base_dn=people).full()
    ]


def test_names_beyond_ascii_are_read_as_they_are(slapd: Slapd, openldap: Opens, people: str) -> None:
    """In names, addresses and the base, which is UTF-8 (RFC 4511)."""
    branch = f"ou=Zürich,{people}"
    slapd.editor.add(branch, ["organizationalUnit"])
    person(slapd, branch, "jorg", cn="Jörg Müller", mailAlternateAddress="jörg@example.com")
    assert [((), ("jörg@example.com",), "Jörg Müller")] == [
        (entry.primaries, entry.aliases, entry.name) for entry in openldap(base_dn=branch).full()
    ]


@pytest.mark.parametrize(("locked", "enabled"), [("000001010000Z", False), ("20260101000000Z", True)])
def test_an_account_that_an_administrator_locked_is_disabled(
    slapd: Slapd, openldap: Opens, people: str, locked: str, *, enabled: bool
) -> None:
    """One that locked itself by wrong passwords is not."""
    carol = person(slapd, people, "carol", mail="carol@example.com")
    slapd.editor.change(carol, pwdAccountLockedTime=locked)
    assert [enabled] == [entry.enabled for entry in openldap(base_dn=people).full()]


def test_renamed_and_moved_an_account_keeps_its_id(slapd: Slapd, openldap: Opens, people: str) -> None:
    """Deleted and made again, it is another."""
    dave = person(slapd, people, "dave", mail="dave@example.com")
    first = identity(slapd, dave)
    branch = f"ou=moved,{people}"
    slapd.editor.add(branch, ["organizationalUnit"])
    slapd.editor.move(dave, to=branch, renamed="uid=david")
    assert [first] == [entry.id for entry in openldap(base_dn=people).full()]
    slapd.editor.remove(f"uid=david,{branch}")
    again = identity(slapd, person(slapd, people, "dave", mail="dave@example.com"))
    assert [again] == [entry.id for entry in openldap(base_dn=people).entries([first, again])]


def test_a_size_limit_is_never_the_end_of_the_directory(slapd: Slapd, openldap: Opens, people: str) -> None:
    """The account may read ten entries, and there are twelve."""
    for number in range(12):
        person(slapd, people, f"n{number}", mail=f"n{number}@example.com")
    assert 12 == len(list(openldap(base_dn=people).full()))
    with pytest.raises(IncompleteReading, match=r"at a limit of its own \(4 sizeLimitExceeded"):
        list(openldap(base_dn=people, bind_dn=ACCOUNTS["limited"]).full())


def test_a_limit_of_pages_is_told_as_such(openldap: Opens, people: str) -> None:
    """The account may ask for pages of a hundred entries."""
    with pytest.raises(IncompleteReading, match=r"at a limit of its own \(11 adminLimitExceeded"):
        list(openldap(base_dn=people, bind_dn=ACCOUNTS["small-pages"]).full())


def test_a_lost_right_to_read_is_refused_where_it_can_be_told(slapd: Slapd, openldap: Opens) -> None:
    """OpenLDAP denies that the base exists; entries that it keeps to itself it cannot be asked about."""
    entry = slapd.add_person("erin", "Erin", "erin@example.com")
    with pytest.raises(ReadRefused, match="let the account read it"):
        list(openldap(bind_dn=ACCOUNTS["no-entry"]).full())
    assert [] == list(openldap(bind_dn=ACCOUNTS["blind"]).full())
    slapd.editor.remove(entry)


@pytest.mark.parametrize(
    ("change", "left"),
    [
        pytest.param(lambda s, e: s.editor.change(e, mail="new@example.com"), True, id="mail-changed"),
        pytest.param(lambda s, e: s.editor.change(e, mailAlternateAddress=[]), True, id="addresses-removed"),
        pytest.param(lambda s, e: s.editor.change(e, pwdAccountLockedTime="000001010000Z"), True, id="disabled"),
        pytest.param(lambda s, e: s.editor.move(e, renamed="uid=grace"), True, id="renamed"),
        pytest.param(lambda s, e: s.editor.move(e, to=s.base_dn), False, id="moved-out-of-the-base"),
        pytest.param(lambda s, e: s.editor.change(e, employeeType="guest"), False, id="left-the-filter"),
        pytest.param(lambda s, e: s.editor.remove(e), False, id="deleted"),
    ],
)
def test_whatever_happens_to_an_account_is_told_since_the_cursor(
    slapd: Slapd, openldap: Opens, people: str, change: Callable[[Slapd, str], object], *, left: bool
) -> None:
    """Its id, and by that how it is now, or that it is no longer there."""
    uid = f"frank-{secrets.token_hex(4)}"
    frank = person(slapd, people, uid, mail="frank@example.com", mailAlternateAddress="f@example.com")
    franks = identity(slapd, frank)
    reader = openldap(base_dn=people, filter="(!(employeeType=guest))")
    assert [franks] == [entry.id for entry in reader.full()]
    cursor = reader.cursor()
    assert cursor is not None
    assert frozenset() == reader.changes(cursor).ids
    change(slapd, frank)
    changes = reader.changes(cursor)
    assert {franks} == changes.ids
    assert ([franks] if left else []) == [entry.id for entry in reader.entries(changes.ids)]
    assert frozenset() == reader.changes(changes.cursor).ids


@pytest.mark.parametrize(
    "cursor",
    [
        "dirsync1:0:AAAA:DC=ad,DC=test",
        "syncrepl1:0:AAAA:" + BASE,
        str(Cursor("syncrepl1", BASE, b"not a cookie of slapd's")),
        str(Cursor("syncrepl1", BASE, b"rid=000,csn=20200101000000.000000Z#000000#000#000000")),
        str(Cursor("syncrepl1", BASE, b"rid=000,csn=20990101000000.000000Z#000000#000#000000")),
        str(Cursor("syncrepl1", "dc=other,dc=example", b"rid=000,csn=20200101000000.000000Z#000000#000#000000")),
    ],
    ids=["of-active-directory", "damaged", "not-slapd's", "too-old", "of-the-future", "of-another-tree"],
)
def test_a_cursor_that_the_server_does_not_take_means_reading_whole(openldap: Opens, people: str, cursor: str) -> None:
    """It is never a failure of the run, nor an answer without changes."""
    with pytest.raises(Resync):
        openldap(base_dn=people).changes(cursor)


def test_what_happens_while_the_directory_is_read_is_after_the_cursor(
    slapd: Slapd, openldap: Opens, people: str
) -> None:
    """And until the reading has ended, there is no cursor."""
    judy = person(slapd, people, "judy", mail="judy@example.com")
    person(slapd, people, "kim", mail="kim@example.com")
    reader = openldap(base_dn=people)
    reading = reader.full()
    next(reading)
    slapd.editor.change(judy, mail="j@example.com")
    assert reader.cursor() is None
    list(reading)
    assert {identity(slapd, judy)} == reader.changes(reader.cursor() or "").ids


@pytest.fixture(scope="module")
def large(slapd: Slapd, scratch: Path) -> Iterator[Slapd]:
    """A directory of many people, on a server of its own."""
    assert slapd.url
    directory = scratch / "large"
    directory.mkdir()
    with slapd_server.running(directory, entries=(written(number) for number in range(MANY))) as server:
        yield server


def written(number: int) -> str:
    """A person as LDIF."""
    return f"""dn: uid=n{number},{PEOPLE}
objectClass: {PERSON[0]}
objectClass: {PERSON[1]}
objectClass: {PERSON[2]}
uid: n{number}
cn: Number {number}
sn: {number}
mail: n{number}@example.com
mailAlternateAddress: n.{number}@example.com
mailAlternateAddress: {number}@example.org"""


@pytest.fixture
def people_of(opened: Opens) -> Opens:
    """Gives a reader of the server over this URL."""
    return lambda server, url: opened(
        url=url,
        base_dn=server.base_dn,
        bind_dn=server.bind_dn,
        secret=server.password,
        profile="openldap",
        ca_certificate=server.ca_certificate,
        allow_plaintext=True,
    )


def resident() -> int:
    """The memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_a_large_directory_is_read_whole_without_being_kept_in_memory(large: Slapd, people_of: Opens) -> None:
    """After some pages, memory hardly grows; kept, these accounts would be some 80 MB."""
    came, after_some = 0, 0
    for came, entry in enumerate(people_of(large, large.url).full(), start=1):
        assert (1, 2) == (len(entry.primaries), len(entry.aliases))
        if came == MANY // 10:
            after_some = resident()
    assert MANY == came
    assert resident() - after_some < 10_000_000


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_connection_that_is_cut_after_a_page_is_never_the_end_of_the_directory(
    large: Slapd, people_of: Opens, scheme: str
) -> None:
    """Some accounts came, and whoever reads them learns that there are more."""
    url = {"ldap": large.plain_url, "ldaps": large.url}[scheme]
    port = int(url.rpartition(":")[2])
    came = 0
    with relayed("127.0.0.1", port, Weather(cut_after=400_000)) as way, pytest.raises(Unreachable, match="was lost"):
        for came, _ in enumerate(people_of(large, f"{scheme}://127.0.0.1:{way}").full(), start=1):  # noqa: B007, counted
            pass
    assert 0 < came < MANY
    assert 0 == came % PAGE


def test_more_deletions_than_the_server_remembers_mean_reading_whole(
    slapd: Slapd, openldap: Opens, people: str
) -> None:
    """It then tells what is there, in which nobody sees what is not."""
    names = [person(slapd, people, f"n{number}", mail=f"n{number}@example.com") for number in range(REMEMBERED + 10)]
    reader = openldap(base_dn=people)
    assert len(names) == len(list(reader.full()))
    for name in names:
        slapd.editor.remove(name)
    with pytest.raises(Resync, match="no longer knows what was deleted"):
        reader.changes(reader.cursor() or "")
