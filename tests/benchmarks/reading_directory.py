"""Reading a directory of 100,000 entries from slapd over TLS: all of it beside the library's loop, and what changed."""

import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import ldap3

from addresses.directory import LdapDirectory
from directory_sync.ldap.openldap import OPENLDAP
from directory_sync.ldap.reader import LdapReader
from directory_sync.ldap.session import PAGE
from local import slapd
from tests.benchmarks import organisation
from tests.benchmarks.row import Row, at_least, cpu, peak

PEOPLE, CHANGES = 100_000, 100


def entry(number: int) -> str:
    """The person of this number in LDIF."""
    each = organisation.entry(number)
    aliases = "".join(f"mailAlternateAddress: {alias}\n" for alias in sorted(each.aliases))
    classes = "".join(f"objectClass: {name}\n" for name in slapd.PERSON)
    uid = f"p{number:07}"
    person = f"uid: {uid}\ncn: {each.name}\nsn: {number}\nmail: {each.primary}\n{aliases}"
    return f"dn: uid={uid},{slapd.PEOPLE}\n{classes}{person}"


def bare(server: slapd.Slapd) -> int:
    """The library's own loop over pages, as its documentation has it; the number of entries."""
    # It has a handshake of its own; who answers is looked at once, so it weighs nothing here.
    tls = ldap3.Tls(validate=ssl.CERT_NONE)
    known = ldap3.Server(server.url, use_ssl=True, tls=tls, get_info=ldap3.NONE)
    connection = ldap3.Connection(known, server.bind_dn, server.password, auto_bind=True, read_only=True)
    found = connection.extend.standard.paged_search(
        server.base_dn, OPENLDAP.accounts, ldap3.SUBTREE, attributes=list(OPENLDAP.attributes), paged_size=PAGE
    )
    return sum(1 for _ in found)


def rows() -> Iterator[Row]:
    """Rates in seconds of the client's CPU; incremental reading in time that passes, since the server works too."""
    if not slapd.available():
        return
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "slapd").mkdir()
        options = ["sizelimit unlimited"]
        with slapd.running(
            folder / "slapd", entries=map(entry, range(PEOPLE)), options=options, remembered=1000
        ) as server:
            config = LdapDirectory(
                kind="ldap",
                url=server.url,
                base_dn=server.base_dn,
                bind_dn=server.bind_dn,
                secret_name="corp",
                profile="openldap",
                ca_certificate=server.ca_certificate,
            )
            with closing(LdapReader(config, server.password, time.monotonic() + 600)) as reader:
                yield from whole(reader, server)
                yield from changed(reader, server)


def whole(reader: LdapReader, server: slapd.Slapd) -> Iterator[Row]:
    """All entries, of which none is kept."""
    before, count = peak(), 0

    def read() -> None:
        nonlocal count
        count = sum(1 for _ in reader.full())

    took = cpu(read)
    assert PEOPLE == count
    grown = peak() - before
    work = f"read {PEOPLE:,} entries over LDAPS: entries"
    theirs = cpu(lambda: bare(server))
    yield at_least(work, PEOPLE / took, "ldap3's own loop over pages", PEOPLE / theirs, 0.85)
    yield Row(f"{work}: memory", f"{grown} MiB more, for the ids of those seen", "", "", "flat", grown <= 32)


def changed(reader: LdapReader, server: slapd.Slapd) -> Iterator[Row]:
    """What changed, and these entries, beside all of them."""
    began = time.perf_counter()
    list(reader.full())
    full = time.perf_counter() - began
    cursor = reader.cursor()
    assert cursor
    for number in range(CHANGES):
        server.editor.change(f"uid=p{number * 17:07},{slapd.PEOPLE}", cn="Another Name")
    began = time.perf_counter()
    changes = reader.changes(cursor)
    found = reader.entries(changes.ids)
    took = time.perf_counter() - began
    assert CHANGES == len(changes.ids) == len(found)
    told = f"{took * 1e3:.0f} ms", f"reading it whole: {full:.1f} s", f"1/{full / took:.0f}"
    yield Row(f"read what changed: {CHANGES} of {PEOPLE:,} entries", *told, "<= 1/50", took * 50 <= full)
