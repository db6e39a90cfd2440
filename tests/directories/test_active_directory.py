"""Active Directory as a domain controller has it: what is read of an account, and what is told of its changes."""

import secrets
from collections.abc import Callable
from uuid import UUID

import pytest

from directory_sync.errors import Misconfigured, ReadRefused
from directory_sync.ldap.context import Cursor
from directory_sync.ldap.reader import LdapReader
from directory_sync.reader import Entry, Resync
from tests.directories.samba import Samba

Opens = Callable[..., LdapReader]
Adds = Callable[..., str]
ENABLED, DISABLED = "544", "546"


@pytest.fixture
def add(samba: Samba, unit: str) -> Adds:
    """Adds an enabled account to the unit and gives the name of its entry."""

    def added(name: str, **values: str | list[str]) -> str:
        entry = f"CN={name},{unit}"
        login = f"{name[:9]}-{unit[8:16]}"
        samba.editor.add(entry, ["user"], **{"sAMAccountName": login, "userAccountControl": ENABLED, **values})
        return entry

    return added


def identity(samba: Samba, entry: str) -> str:
    """The id of the account."""
    return str(UUID(bytes_le=samba.editor.id(entry, "objectGUID")))


def test_addresses_are_told_apart_by_the_prefix_of_proxy_addresses(samba: Samba, ad: Opens, add: Adds) -> None:
    """Capitals mark the primary; no prefix is an alias; what is no mail address is named by its type."""
    alice = add(
        "Alice",
        mail="alice@ad.test",
        displayName="Alice Jones",
        proxyAddresses=[
            *("SMTP: Alice.Jones@ad.test", "smtp:a.jones@ad.test", " Smtp:alice@Merged.test ", "bare@ad.test"),
            *("X500:/o=Org/cn=alice", "x500:/o=Old/cn=alice", "sip:alice@ad.test", "SPO:SPO_1@SPO_2"),
        ],
    )
    [entry] = ad().full()
    assert identity(samba, alice) == entry.id
    assert ("Alice.Jones@ad.test",) == entry.primaries
    assert {"a.jones@ad.test", "alice@Merged.test", "bare@ad.test"} == set(entry.aliases)
    assert ["sip", "spo", "x500", "x500"] == sorted(entry.others)
    assert ("Alice Jones", True) == (entry.name, entry.enabled)


def test_mail_is_the_primary_where_proxy_addresses_mark_none(ad: Opens, add: Adds) -> None:
    """As it is without Exchange; the name of the entry stands in for a display name."""
    add("Bob", mail=" bob@ad.test", proxyAddresses=["smtp:robert@ad.test"])
    assert [(("bob@ad.test",), ("robert@ad.test",), "Bob")] == [(e.primaries, e.aliases, e.name) for e in ad().full()]


def test_several_primaries_are_all_told(ad: Opens, add: Adds) -> None:
    """The server takes them; which one counts is nothing to guess at."""
    add("Carol", mail="c@ad.test", proxyAddresses=["SMTP:carol@ad.test", "SMTP:c@ad.test"])
    assert [{"carol@ad.test", "c@ad.test"}] == [set(entry.primaries) for entry in ad().full()]


def test_accounts_without_mail_are_told_and_computers_are_not(samba: Samba, ad: Opens, add: Adds, unit: str) -> None:
    """A computer is a user by class; a contact is none."""
    dave = add("Dave")
    login = f"PC-{unit[8:16]}$"
    samba.editor.add(f"CN=PC,{unit}", ["computer"], sAMAccountName=login, userAccountControl="4096", mail="pc@ad.test")
    samba.editor.add(f"CN=Contact,{unit}", ["contact"], mail="contact@ad.test")
    assert [Entry(identity(samba, dave), name="Dave")] == list(ad().full())


@pytest.mark.parametrize(
    ("kind", "enabled"),
    [
        (None, False),
        (1, False),  # user
        *[(2, True), (4, True), (16, True), (32, True)],  # linked, shared, room, equipment
        *[(8589934592, True), (17179869184, True), (34359738368, True)],  # remote room, equipment, shared
        (2147483648, False),  # remote user
    ],
)
def test_a_disabled_account_is_closed_unless_exchange_disables_its_kind(
    ad: Opens, add: Adds, kind: int | None, *, enabled: bool
) -> None:
    """Otherwise closing disabled accounts would close every shared mailbox."""
    values = {} if kind is None else {"msExchRecipientTypeDetails": str(kind)}
    add("Shared", mail="s@ad.test", userAccountControl=DISABLED, **values)
    assert [enabled] == [entry.enabled for entry in ad().full()]


def test_the_filter_narrows_what_is_read_whole_and_by_id(samba: Samba, ad: Opens, add: Adds) -> None:
    """With brackets around it or without."""
    sales = add("Sales", mail="sales@ad.test", department="Sales")
    works = add("Works", mail="works@ad.test", department="Works")
    both = [identity(samba, sales), identity(samba, works)]
    for narrowing in ("(department=Sales)", "department=Sales", "(&(department=*)(!(department=Works)))"):
        reader = ad(filter=narrowing)
        assert [["Sales"], ["Sales"]] == [
            [entry.name for entry in found] for found in (reader.full(), reader.entries(both))
        ]


def test_by_id_an_account_is_read_as_when_reading_whole(samba: Samba, ad: Opens, add: Adds) -> None:
    """More than one batch of them; those that are gone, or elsewhere, are left out."""
    names = [add(f"n{number}", mail=f"n{number}@ad.test") for number in range(60)]
    ids = [identity(samba, name) for name in names]
    samba.editor.remove(names[0])
    reader = ad()
    elsewhere = identity(samba, f"CN=Administrator,CN=Users,{samba.base_dn}")
    assert sorted(reader.full(), key=str) == sorted(reader.entries([*ids, elsewhere]), key=str)
    assert 59 == len(list(reader.full()))


Change = Callable[[Samba, str], object]


def inner(samba: Samba, entry: str) -> str:
    """A new organisational unit beside the entry."""
    name = f"OU=Inner,{entry.partition(',')[2]}"
    samba.editor.add(name, ["organizationalUnit"])
    return name


@pytest.mark.parametrize(
    ("change", "afterwards"),
    [
        pytest.param(lambda s, e: s.editor.change(e, userAccountControl=DISABLED), (True, False), id="disabled"),
        pytest.param(lambda s, e: s.editor.change(e, proxyAddresses=[]), (False, True), id="addresses-removed"),
        pytest.param(lambda s, e: s.editor.change(e, mail="new@ad.test"), (True, True), id="mail-changed"),
        pytest.param(lambda s, e: s.editor.move(e, renamed="CN=Eve Smith"), (True, True), id="renamed"),
        pytest.param(lambda s, e: s.editor.move(e, to=inner(s, e)), (True, True), id="moved"),
        pytest.param(lambda s, e: s.editor.move(e, to=f"CN=Users,{s.base_dn}"), None, id="moved-out-of-the-base"),
        pytest.param(lambda s, e: s.editor.change(e, department="Works"), None, id="left-the-filter"),
        pytest.param(lambda s, e: s.editor.remove(e), None, id="deleted"),
    ],
)
def test_whatever_happens_to_an_account_is_told_since_the_cursor(
    samba: Samba, ad: Opens, add: Adds, change: Change, afterwards: tuple[bool, bool] | None
) -> None:
    """Its id, and by that how it is now: with an alias or without, enabled or not, or no longer there."""
    addresses = ["SMTP:eve@ad.test", "smtp:e@ad.test"]
    eve = add(f"Eve {secrets.token_hex(4)}", department="Sales", mail="eve@ad.test", proxyAddresses=addresses)
    eves = identity(samba, eve)
    reader = ad(filter="(department=Sales)")
    list(reader.full())
    cursor = reader.cursor()
    assert cursor is not None
    assert frozenset() == reader.changes(cursor).ids
    change(samba, eve)
    changes = ad(filter="(department=Sales)").changes(cursor)
    assert {eves} == changes.ids
    assert ([afterwards] if afterwards else []) == [
        (bool(entry.aliases), entry.enabled) for entry in reader.entries(changes.ids)
    ]
    assert frozenset() == reader.changes(changes.cursor).ids


def test_an_account_made_again_is_another(samba: Samba, ad: Opens, add: Adds) -> None:
    """Name and addresses are the same, the id is not; both are told."""
    frank = add("Frank", mail="frank@ad.test")
    first = identity(samba, frank)
    reader = ad()
    list(reader.full())
    samba.editor.remove(frank)
    second = identity(samba, add("Frank", mail="frank@ad.test"))
    changes = reader.changes(reader.cursor() or "")
    assert {first, second} == changes.ids
    assert [second] == [entry.id for entry in reader.entries(changes.ids)]


def test_what_happens_while_the_directory_is_read_is_after_the_cursor(samba: Samba, ad: Opens, add: Adds) -> None:
    """And until the reading has ended, there is no cursor."""
    grace = add("Grace", mail="grace@ad.test")
    add("Heidi", mail="heidi@ad.test")
    reader = ad()
    reading = reader.full()
    next(reading)
    samba.editor.change(grace, mail="g@ad.test")
    assert reader.cursor() is None
    list(reading)
    assert {identity(samba, grace)} == reader.changes(reader.cursor() or "").ids


@pytest.mark.parametrize("account", ["plain_reader", "half_reader"])
def test_without_the_right_to_be_told_all_changes_there_is_no_cursor(
    samba: Samba, ad: Opens, add: Adds, account: str
) -> None:
    """Not even if only deletions would not be told; the directory is read all the same."""
    add("Ivan", mail="ivan@ad.test")
    reader = ad(bind_dn=getattr(samba, account))
    assert ["Ivan"] == [entry.name for entry in reader.full()]
    assert reader.cursor() is None


def test_a_right_that_was_taken_away_means_reading_whole(samba: Samba, ad: Opens) -> None:
    """The cursor is of an account that had the right."""
    reader = ad()
    list(reader.full())
    with pytest.raises(Resync, match="does not tell what changed"):
        ad(bind_dn=samba.plain_reader).changes(reader.cursor() or "")


@pytest.mark.parametrize(
    "damage",
    [
        lambda cursor: cursor.replace(":DC=ad,DC=test", ":DC=other,DC=test"),
        lambda cursor: cursor.replace("dirsync1:", "dirsync2:"),
        lambda cursor: cursor.replace(":TVNE", ":TVN"),
        lambda cursor: cursor.replace(":TVNE", ":AAAA"),
        lambda _: str(Cursor("dirsync1", "DC=ad,DC=test", b"MSDS")),
        lambda _: "",
        lambda _: "https://graph.example/users/delta?$deltatoken=1",
    ],
)
def test_a_cursor_that_is_damaged_or_of_another_directory_means_reading_whole(
    ad: Opens, damage: Callable[[str], str]
) -> None:
    """It is never a failure of the run, nor an answer without changes."""
    reader = ad()
    list(reader.full())
    with pytest.raises(Resync):
        reader.changes(damage(reader.cursor() or ""))


def test_a_base_that_is_not_there_is_told_as_such(samba: Samba, ad: Opens) -> None:
    """It never is an empty directory."""
    with pytest.raises(ReadRefused, match="sees no 'OU=Nowhere,DC=ad,DC=test'"):
        list(ad(base_dn=f"OU=Nowhere,{samba.base_dn}").full())
    with pytest.raises(Misconfigured, match="only what is below"):
        list(ad(base_dn="DC=elsewhere,DC=test").full())
    with pytest.raises(Misconfigured, match="no distinguished name"):
        list(ad(base_dn="people").full())


def test_the_whole_domain_is_read_past_its_references(samba: Samba, ad: Opens, add: Adds) -> None:
    """At the root the server also names other partitions, which are no accounts."""
    add("Judy", mail="judy@ad.test")
    assert {"Judy", "Administrator", "svc-reader"} <= {entry.name for entry in ad(base_dn=samba.base_dn).full()}


def test_a_filter_that_is_none_is_told_as_such(ad: Opens) -> None:
    """The sentence names it."""
    with pytest.raises(Misconfigured, match="filter is not one of LDAP"):
        list(ad(filter="(mail=*").full())
