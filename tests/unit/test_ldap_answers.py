"""What an LDAP server sends and cannot mean: the run fails with a sentence, and never with anything else."""

import pytest

from directory_sync.errors import DirectoryFailed, IncompleteReading
from directory_sync.ldap.active_directory import ACTIVE_DIRECTORY
from directory_sync.ldap.context import Cursor
from directory_sync.ldap.openldap import OPENLDAP
from directory_sync.ldap.profile import Profile
from directory_sync.ldap.session import Answer, Found
from directory_sync.reader import Resync


@pytest.mark.parametrize(
    ("profile", "value"),
    [(ACTIVE_DIRECTORY, b"short"), (OPENLDAP, b"no-uuid"), (OPENLDAP, b"\xff")],
)
def test_an_id_that_is_none_ends_the_reading(profile: Profile, value: bytes) -> None:
    """Nobody knows which account it is, so nothing is planned."""
    with pytest.raises(IncompleteReading, match=f"^{profile.identity} of 'cn=a' is .* no id of an account"):
        profile.entry(Found("cn=a", {profile.identity.lower(): [value]}))


@pytest.mark.parametrize("cookie", ["\u00fc", "=", "\ud800"])
def test_a_cursor_that_is_not_base_64_is_damaged(cookie: str) -> None:
    """The directory is then read whole."""
    with pytest.raises(Resync, match="damaged"):
        Cursor.read(f"syncrepl1:0123456789ab:{cookie}:dc=example,dc=com", "syncrepl1", "dc=example,dc=com")


def test_what_a_server_says_is_kept_to_one_short_line() -> None:
    """The sentence stands in the run and in the log, and a server may say anything."""
    said = str(DirectoryFailed("The server says \r\n\x1b[2J\u2028\ud800 no." + "!" * 100_000))

    assert said.startswith("The server says \ufffd\ufffd\ufffd[2J\ufffd\ufffd no.!")
    assert said.isprintable()
    assert len(said) < 1100


@pytest.mark.parametrize("value", [None, b"\x30\x00"])
def test_a_control_that_ldap3_does_not_understand_says_nothing(value: object) -> None:
    """As if it had not come."""
    control = "1.2.840.113556.1.4.319"

    assert None is Answer(0, [], [], {control: {"value": value}}).told(control)
    assert None is Answer(0, [], [], {}).told(control)
    assert {"cookie": b""} == Answer(0, [], [], {control: {"value": {"cookie": b""}}}).told(control)
