"""An OpenLDAP server on this machine, whose schema knows alias addresses: Debian's slapd, as any user, for a while.

It listens on 127.0.0.1 alone, with a certificate made for it, and what it holds is gone when it stops.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import ldap3
from ldap3.core.exceptions import LDAPException

from local.certificate import Files, made
from local.ldap_editor import Editor

HOST = "127.0.0.1"
BASE = "dc=directory,dc=example"
PEOPLE = f"ou=people,{BASE}"
ADMINISTRATOR = f"cn=admin,{BASE}"
PASSWORD = "opens only this server"  # noqa: S105, a password of a server that is gone in a minute
PERSON = ("inetOrgPerson", "inetLocalMailRecipient", "mailAccount")
# As many changes as it remembers, so that it can tell what was deleted.
REMEMBERED = 100
STARTS_WITHIN = 10.0

_SCHEMAS = Path("/etc/ldap/schema")
# Its OIDs are made up. Without equality rules no single value could be searched for or removed.
_SCHEMA = """
attributetype ( 2.25.1.1 NAME 'mailAlternateAddress' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 2.25.1.2 NAME 'proxyAddresses' EQUALITY caseIgnoreMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )
attributetype ( 2.25.1.3 NAME 'userAccountControl' EQUALITY integerMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.27 SINGLE-VALUE )
objectclass ( 2.25.1.4 NAME 'mailAccount' SUP top AUXILIARY
  MAY ( mailAlternateAddress $ proxyAddresses $ userAccountControl ) )
"""
_CONFIG = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/inetorgperson.schema
include {schemas}/misc.schema
include {directory}/addresses.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload syncprov
moduleload ppolicy
pidfile {directory}/slapd.pid
TLSCertificateFile {tls.certificate}
TLSCertificateKeyFile {tls.key}
TLSCACertificateFile {tls.authority}
database mdb
directory {directory}/data
maxsize 1073741824
dbnosync
suffix "{base}"
rootdn "{administrator}"
rootpw "{password}"
index objectClass,entryUUID,entryCSN,uid eq
{options}
overlay syncprov
syncprov-sessionlog {remembered}
overlay ppolicy
"""


class SlapdDidNotStart(RuntimeError):
    """slapd ended, or did not listen in time; what it said is in the message."""


@dataclass(frozen=True)
class Slapd:
    """A running server. ``editor`` is logged on as its administrator, and so may read and write everything."""

    url: str
    plain_url: str
    ca_certificate: str
    editor: Editor
    base_dn: str = PEOPLE
    bind_dn: str = ADMINISTRATOR
    password: str = PASSWORD

    def add_person(self, uid: str, name: str, mail: str, *aliases: str) -> str:
        """Adds a person with these addresses, and gives the name of the entry."""
        entry = f"uid={uid},{PEOPLE}"
        others = {"mailAlternateAddress": aliases} if aliases else {}
        self.editor.add(entry, PERSON, uid=uid, cn=name, sn=name.rsplit(maxsplit=1)[-1], mail=mail, **others)
        return entry


def available() -> bool:
    """Whether slapd is installed, the way Debian does it."""
    return _program() is not None and (_SCHEMAS / "inetorgperson.schema").exists()


@contextmanager
def running(
    directory: Path, *, entries: Iterable[str] = (), options: Iterable[str] = (), remembered: int = REMEMBERED
) -> Iterator[Slapd]:
    """A server that lasts as long as the block and keeps its files in ``directory``.

    It holds ``ou=people`` and ``entries``, each a piece of LDIF. ``options`` are lines for the section of its database
    (slapd.conf(5)), such as limits of an account. It can tell the last changes, as many as are ``remembered``.
    """
    (directory / "data").mkdir()
    (directory / "addresses.schema").write_text(_SCHEMA)
    tls = made(directory, HOST, "localhost")
    program = _configured(directory, tls, options, remembered)
    _load(program, directory, entries)
    port, tls_port = _free_ports()
    url, plain_url = f"ldaps://{HOST}:{tls_port}", f"ldap://{HOST}:{port}"
    log = directory / "slapd.log"
    # The shell waits for the end of its input, which this process holds: however it dies, the server goes too.
    server: list[str | Path] = [program, "-f", directory / "slapd.conf", "-h", f"{plain_url}/ {url}/", "-d", "0"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["/bin/sh", "-c", '"$@" & server=$!; cat >/dev/null; kill $server; wait $server', "sh", *server],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_listening(tls_port, process, log)
        editor = Editor(ldap3.Server(plain_url, get_info=ldap3.NONE), ADMINISTRATOR, PASSWORD)
        try:
            yield Slapd(url, plain_url, tls.authority_pem, editor)
        finally:
            with suppress(LDAPException):
                editor.close()
    finally:
        process.communicate()


def _program() -> str | None:
    # Debian puts it where only root's PATH leads.
    return shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin")


def _configured(directory: Path, tls: Files, options: Iterable[str], remembered: int) -> Path:
    (directory / "slapd.conf").write_text(
        _CONFIG.format(
            schemas=_SCHEMAS,
            directory=directory,
            tls=tls,
            base=BASE,
            administrator=ADMINISTRATOR,
            password=PASSWORD,
            remembered=remembered,
            options="\n".join(options),
        )
    )
    # A copy, since AppArmor, where it is in force, lets the installed program read no configuration but the system's.
    return Path(shutil.copy(_program() or "slapd", directory / "slapd"))


def _load(program: Path, directory: Path, entries: Iterable[str]) -> None:
    ldif = directory / "entries.ldif"
    with ldif.open("w") as file:
        file.write(f"dn: {BASE}\nobjectClass: domain\ndc: directory\n\n")
        file.write(f"dn: {PEOPLE}\nobjectClass: organizationalUnit\nou: people\n\n")
        file.writelines(f"{entry.strip()}\n\n" for entry in entries)
    # -w writes down the last change as the point from which changes are told.
    command: list[str | Path] = [program, "-Tadd", "-q", "-w", "-f", directory / "slapd.conf", "-l", ldif]
    loaded = subprocess.run(command, capture_output=True, text=True, check=False)
    if loaded.returncode:
        raise SlapdDidNotStart(f"The entries could not be loaded:\n{loaded.stderr}")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_until_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection((HOST, port)):
            return
        time.sleep(0.02)
    raise SlapdDidNotStart(f"slapd did not start:\n{log.read_text(errors='replace')[-4000:]}")
