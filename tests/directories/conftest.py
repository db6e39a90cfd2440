"""The real servers, one of each for all tests: each test keeps to entries of its own."""

import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from addresses.directory import LdapDirectory
from directory_sync.ldap.reader import LdapReader
from local import slapd as slapd_server
from local.slapd import Slapd
from tests.directories import samba as samba_server
from tests.directories.samba import Samba

# Accounts of slapd with a limit or without a right; each is let in with the server's password.
ACCOUNTS = {name: f"cn={name},{slapd_server.BASE}" for name in ("limited", "small-pages", "blind", "no-entry")}
# In memory where that is possible: Samba waits for the disk with each change.
SCRATCH = Path("/dev/shm")  # noqa: S108, the tests keep to folders of their own there


def missing(packages: str) -> None:
    """Skips what needs these packages; where nothing may be left out, as in CI, it fails instead."""
    say = f"not installed: {packages}; `make directories` installs them on Debian and Ubuntu, as root"
    if os.environ.get("CI") == "true":
        pytest.fail(say)
    pytest.skip(say)


@pytest.fixture(scope="session")
def scratch() -> Iterator[Path]:
    """A folder for the servers' files."""
    with TemporaryDirectory(dir=SCRATCH if os.access(SCRATCH, os.W_OK) else None) as directory:
        yield Path(directory)


@pytest.fixture(scope="session")
def slapd(scratch: Path) -> Iterator[Slapd]:
    """An OpenLDAP server."""
    if not slapd_server.available():
        missing("slapd")
    directory = scratch / "slapd"
    directory.mkdir()
    accounts = [
        f"dn: {name}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: {short}\n"
        f"userPassword: {slapd_server.PASSWORD}"
        for short, name in ACCOUNTS.items()
    ]
    options = [
        "sizelimit unlimited",
        f'limits dn.exact="{ACCOUNTS["limited"]}" size=10 size.prtotal=10',
        f'limits dn.exact="{ACCOUNTS["small-pages"]}" size.pr=100 size.prtotal=unlimited',
        f'access to dn.children="{slapd_server.PEOPLE}" by dn.exact="{ACCOUNTS["blind"]}" none by * break',
        f'access to dn.subtree="{slapd_server.PEOPLE}" by dn.exact="{ACCOUNTS["no-entry"]}" none by * break',
        "access to attrs=userPassword by * auth",
        "access to * by users read",
    ]
    with slapd_server.running(directory, entries=accounts, options=options) as server:
        yield server


@pytest.fixture(scope="session")
def samba(scratch: Path) -> Iterator[Samba]:
    """An Active Directory domain controller."""
    if not samba_server.available():
        missing("samba samba-ad-provision samba-dsdb-modules")
    directory = scratch / "samba"
    directory.mkdir()
    with samba_server.running(directory) as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Callable[..., LdapReader]]:
    """Gives a reader by a configuration, a ``secret`` and so many ``seconds``; it is closed after the test."""
    with ExitStack() as readers:

        def open_reader(*, secret: str, seconds: float = 30, **configuration: object) -> LdapReader:
            config = LdapDirectory.model_validate({"kind": "ldap", "secret_name": "directory/reader", **configuration})
            return readers.enter_context(closing(LdapReader(config, secret, time.monotonic() + seconds)))

        yield open_reader


@pytest.fixture
def unit(samba: Samba) -> str:
    """An organisational unit of the domain that no other test uses."""
    name = f"OU=unit-{secrets.token_hex(4)},{samba.base_dn}"
    samba.editor.add(name, ["organizationalUnit"])
    return name


@pytest.fixture
def ad(samba: Samba, unit: str, opened: Callable[..., LdapReader]) -> Callable[..., LdapReader]:
    """Gives a reader of the unit; its parameters are those of the configuration to change, and those of ``opened``."""
    return lambda **other: opened(
        **{
            "url": samba.url,
            "base_dn": unit,
            "bind_dn": samba.reader,
            "secret": samba.password,
            "profile": "active_directory",
            "ca_certificate": samba.ca_certificate,
            **other,
        }
    )


@pytest.fixture
def openldap(slapd: Slapd, opened: Callable[..., LdapReader]) -> Callable[..., LdapReader]:
    """Gives a reader of slapd's people; its parameters are those of the configuration to change, and of ``opened``."""
    return lambda **other: opened(
        **{
            "url": slapd.url,
            "base_dn": slapd.base_dn,
            "bind_dn": slapd.bind_dn,
            "secret": slapd.password,
            "profile": "openldap",
            "ca_certificate": slapd.ca_certificate,
            **other,
        }
    )
