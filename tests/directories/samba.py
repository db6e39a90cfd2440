"""A Samba AD DC on this machine: the schema, the controls and the access rules of Active Directory, for a while.

It serves LDAP alone, on a loopback address of its own, since Samba's ports are fixed.
"""

import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import ldap3
from ldap3.core.exceptions import LDAPException

from local.certificate import Files, made
from local.ldap_editor import Editor

REALM = "AD.TEST"
BASE = "DC=ad,DC=test"
NAME = "dc1.ad.test"
PASSWORD = "Opens-only-this-server-1"
READER, HALF_READER, PLAIN_READER = "svc-reader", "svc-half", "svc-plain"
STARTS_WITHIN = 20.0
# Debian's own; another has no Samba to import.
PYTHON = "/usr/bin/python3"

# A file of each Debian package that a domain needs: samba, samba-ad-provision and samba-dsdb-modules.
_NEEDED = ("usr/sbin/samba", "usr/share/samba/setup/provision.ldif", "usr/lib/*/samba/ldb/acl.so")
_CONFIG = """
[global]
    realm = {realm}
    workgroup = {workgroup}
    netbios name = DC1
    server role = active directory domain controller
    server services = ldap
    interfaces = {address}/8
    bind interfaces only = yes
    private dir = {directory}/private
    state directory = {directory}/state
    cache directory = {directory}/cache
    lock directory = {directory}/lock
    pid directory = {directory}/run
    binddns dir = {directory}/bind-dns
    ncalrpc dir = {directory}/ncalrpc
    ntp signd socket directory = {directory}/ntp
    winbindd socket directory = {directory}/winbindd
    log file = {directory}/log
    xattr_tdb:file = {directory}/state/xattr.tdb
    tls certfile = {tls.certificate}
    tls keyfile = {tls.key}
    tls cafile = {tls.authority}

[sysvol]
    path = {directory}/state/sysvol

[netlogon]
    path = {directory}/state/sysvol/scripts
"""


class SambaDidNotStart(RuntimeError):
    """The domain could not be made, or Samba ended or did not listen in time; what it said is in the message."""


@dataclass(frozen=True)
class Samba:
    """A running domain controller. ``editor`` is logged on as the domain's administrator.

    ``reader`` may ask for changes; ``half_reader`` may too, but is not shown deletions; ``plain_reader`` may only read.
    All have ``password``.
    """

    url: str
    plain_url: str
    address: str
    ca_certificate: str
    editor: Editor
    base_dn: str = BASE
    reader: str = f"CN={READER},CN=Users,{BASE}"
    half_reader: str = f"CN={HALF_READER},CN=Users,{BASE}"
    plain_reader: str = f"CN={PLAIN_READER},CN=Users,{BASE}"
    password: str = PASSWORD


@contextmanager
def running(directory: Path) -> Iterator[Samba]:
    """A new domain that lasts as long as the block and keeps its files in ``directory``."""
    address = _free_address()
    tls = made(directory, NAME, address)
    settings = _settings(directory, address, tls)
    _provision(settings)
    log = directory / "samba.log"
    # It ends when its input does, which this process holds: however it dies, Samba goes too.
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["/usr/sbin/samba", "-s", settings, "-i", "-M", "single", "--debug-stdout"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_listening(address, process, log)
        trust = ldap3.Tls(ca_certs_file=str(tls.authority), valid_names=[NAME])
        server = ldap3.Server(address, 636, use_ssl=True, tls=trust, get_info=ldap3.NONE)
        editor = Editor(server, f"CN=Administrator,CN=Users,{BASE}", PASSWORD)
        try:
            yield Samba(f"ldaps://{address}", f"ldap://{address}", address, tls.authority_pem, editor)
        finally:
            with suppress(LDAPException):
                editor.close()
    finally:
        process.communicate()


def available() -> bool:
    """Whether Samba is installed, the way Debian does it, with all that a domain is made of."""
    return all(any(Path("/").glob(pattern)) for pattern in _NEEDED)


def _free_address() -> str:
    # At random, so that several runs on one machine do not meet.
    while True:
        address = f"127.53.{secrets.randbelow(254) + 1}.{secrets.randbelow(254) + 1}"
        with socket.socket() as probe, suppress(OSError):
            probe.bind((address, 636))
            return address


def _settings(directory: Path, address: str, tls: Files) -> Path:
    for name in ("private", "state", "cache", "lock", "run", "bind-dns", "state/sysvol", "state/sysvol/scripts"):
        (directory / name).mkdir(parents=True)
    settings = directory / "smb.conf"
    workgroup = REALM.partition(".")[0]
    settings.write_text(_CONFIG.format(realm=REALM, workgroup=workgroup, directory=directory, address=address, tls=tls))
    return settings


def _provision(settings: Path) -> None:
    script = Path(__file__).with_name("samba_provision.py")
    command: list[str | Path] = [PYTHON, "-I", script, settings, REALM, PASSWORD, READER, HALF_READER, PLAIN_READER]
    provisioned = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]})
    if provisioned.returncode:
        raise SambaDidNotStart(f"The domain could not be made:\n{provisioned.stderr[-4000:]}")


def _wait_until_listening(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(ConnectionRefusedError), socket.create_connection((address, 636)):
            return
        time.sleep(0.05)
    raise SambaDidNotStart(f"Samba did not start:\n{log.read_text(errors='replace')[-4000:]}")
