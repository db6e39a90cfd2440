"""What Windows does and Samba does not: long lists of values in pieces, and changes in several answers."""

from collections.abc import Callable
from uuid import UUID

import pytest

from directory_sync.errors import IncompleteReading
from directory_sync.ldap.context import Cursor
from directory_sync.ldap.reader import LdapReader
from tests.directories.responder import Asked, Says, responding

PAGED, DIRSYNC = "1.2.840.113556.1.4.319", "1.2.840.113556.1.4.841"
BASE = "DC=ad,DC=test"
IDS = [UUID(int=number) for number in range(1, 4)]
LAST_PAGE: dict[str, list[int | bytes]] = {PAGED: [0, b""]}
ADDRESSES = [f"smtp:n{number}@ad.test".encode() for number in range(3100)]

Opens = Callable[..., LdapReader]
Answers = Callable[[Asked], Says]


@pytest.fixture
def reading(opened: Opens) -> Callable[[str], LdapReader]:
    """Gives a reader of the server at this URL."""
    return lambda url: opened(
        url=url,
        base_dn=f"OU=People,{BASE}",
        bind_dn="reader@ad.test",
        secret="any",
        profile="active_directory",
        allow_plaintext=True,
    )


def of_the_root(asked: Asked) -> Says | None:
    """What every directory answers of itself, and of the changes until now: it goes on until then in two answers."""
    if not asked.base:
        return Says([("", {"namingContexts": [BASE.encode(), b"CN=Configuration," + BASE.encode()]})])
    if DIRSYNC in asked.controls and asked.attributes == ["isDeleted"]:
        began = asked.controls[DIRSYNC][2] == b""
        shown = [(f"CN=Deleted Objects,{BASE}", {"isDeleted": [b"TRUE"]})] if began else []
        return Says(shown, {DIRSYNC: [1, 0, b"half"] if began else [0, 0, b"now"]})
    return None


def in_pieces(asked: Asked, *, piece: int = 1500, missing: int | None = None) -> Says:
    """An account of 3,100 addresses, of which an answer holds one piece ([MS-ADTS] 3.1.1.3.1.3.3)."""
    if own := of_the_root(asked):
        return own
    ranged = next((name for name in asked.attributes if ";range=" in name), "proxyAddresses;range=0-*")
    start = int(ranged.partition("=")[2].partition("-")[0])
    if start == missing:
        return Says([(asked.base, {})])
    some = ADDRESSES[start : start + piece]
    end = "*" if start + piece >= len(ADDRESSES) else str(start + piece - 1)
    values = {"proxyAddresses": [], f"proxyAddresses;range={start}-{end}": some}
    if start:
        return Says([(asked.base, values)])
    return Says([(f"CN=Many,{BASE}", {"objectGUID": [IDS[0].bytes_le], **values})], LAST_PAGE)


def test_values_that_come_in_pieces_are_put_together(reading: Callable[[str], LdapReader]) -> None:
    """To the last of them, in their order."""
    with responding(in_pieces) as url:
        [entry] = reading(url).full()
    assert [value.decode().removeprefix("smtp:") for value in ADDRESSES] == list(entry.aliases)


@pytest.mark.parametrize("missing", [1500, 3000])
def test_a_missing_piece_of_the_values_is_never_their_end(reading: Callable[[str], LdapReader], missing: int) -> None:
    """The aliases in it would be unlinked."""
    with (
        responding(lambda asked: in_pieces(asked, missing=missing)) as url,
        pytest.raises(IncompleteReading, match=f"those from {missing} on are missing"),
    ):
        list(reading(url).full())


def test_changes_that_come_in_several_answers_are_all_told(reading: Callable[[str], LdapReader]) -> None:
    """Each answer's cookie is the question for the next, until there are no more."""
    following = {b"kept": (1, b"first"), b"first": (1, b"second"), b"second": (0, b"third")}

    def answer(asked: Asked) -> Says:
        if own := of_the_root(asked):
            return own
        cookie = asked.controls[DIRSYNC][2]
        more, after = following[cookie]
        identity = IDS[list(following).index(cookie)]
        return Says([(f"CN={identity},{BASE}", {"objectGUID": [identity.bytes_le]})], {DIRSYNC: [more, 0, after]})

    with responding(answer) as url:
        changes = reading(url).changes(str(Cursor("dirsync1", BASE, b"kept")))
    assert {str(identity) for identity in IDS} == changes.ids
    assert str(Cursor("dirsync1", BASE, b"third")) == changes.cursor


def test_the_cursor_is_that_of_the_last_of_several_answers(reading: Callable[[str], LdapReader]) -> None:
    """Also before a whole reading, in which only the first answer shows that deletions are shown."""
    with responding(lambda asked: of_the_root(asked) or Says([], LAST_PAGE)) as url:
        reader = reading(url)
        assert [] == list(reader.full())
    assert str(Cursor("dirsync1", BASE, b"now")) == reader.cursor()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(Says([], {}), id="no-word-whether-it-is-the-last-page"),
        pytest.param(Says([(f"CN=One,{BASE}", {"mail": [b"one@ad.test"]})], LAST_PAGE), id="an-account-without-id"),
        pytest.param(Says([], LAST_PAGE, code=10), id="a-reference-to-another-server"),
        pytest.param(Says([], LAST_PAGE, code=3), id="out-of-the-servers-time"),
        pytest.param(Says([], LAST_PAGE, code=80), id="an-error-of-the-server"),
        pytest.param(
            Says([(f"CN=One,{BASE}", {"objectGUID": [IDS[0].bytes_le], "userAccountControl": [b"?"]})], LAST_PAGE),
            id="an-account-in-no-known-state",
        ),
    ],
)
def test_an_answer_that_may_not_be_all_is_never_taken_for_all(
    reading: Callable[[str], LdapReader], answer: Says
) -> None:
    """Success is the last page and the word success, and nothing else."""
    with responding(lambda asked: of_the_root(asked) or answer) as url, pytest.raises(IncompleteReading):
        list(reading(url).full())


def test_changes_without_a_word_whether_there_are_more_are_not_all(reading: Callable[[str], LdapReader]) -> None:
    """The next cursor would be unknown, too."""
    with responding(lambda asked: of_the_root(asked) or Says()) as url, pytest.raises(IncompleteReading):
        reading(url).changes(str(Cursor("dirsync1", BASE, b"kept")))


def test_an_account_that_comes_twice_is_told_once(reading: Callable[[str], LdapReader]) -> None:
    """One that is moved while the pages are read can be on two of them."""

    def answer(asked: Asked) -> Says:
        first = asked.controls.get(PAGED, [b"", b""])[1] == b""
        entry = (f"CN=Moved,{BASE}", {"objectGUID": [IDS[0].bytes_le], "mail": [b"moved@ad.test"]})
        return of_the_root(asked) or Says([entry], {PAGED: [0, b"more"]} if first else LAST_PAGE)

    with responding(answer) as url:
        assert [str(IDS[0])] == [entry.id for entry in reading(url).full()]
