"""Logging on to an LDAP server: over TLS that is checked, and with a sentence for whatever is wrong."""

import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from directory_sync.errors import (
    CertificateRefused,
    LogonRefused,
    OutOfTime,
    SecretUnusable,
    Unreachable,
)
from directory_sync.ldap.reader import LdapReader
from local.certificate import made
from local.slapd import Slapd
from tests.directories.relay import Weather, relayed
from tests.directories.samba import Samba

Opens = Callable[..., LdapReader]
WRONG = "not-the-password"


def port_of(url: str) -> int:
    """The port in a URL."""
    return int(url.rpartition(":")[2])


@contextmanager
def answering(said: bytes) -> Iterator[int]:
    """Yields the port of a server that says this to whoever connects, and then nothing more."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            with suppress(OSError):
                near, _ = listening.accept()
                with near:
                    near.sendall(said)
                    near.settimeout(0.1)
                    while not ended.is_set():
                        with suppress(TimeoutError):
                            if not near.recv(4096):
                                return

        ended = threading.Event()
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


@pytest.mark.parametrize("protection", ["start_tls", "allow_plaintext"])
def test_the_plain_port_is_read_over_start_tls_or_where_plaintext_is_allowed(
    slapd: Slapd, openldap: Opens, protection: str
) -> None:
    """``ldap://`` with ``start_tls`` checks the certificate as ``ldaps://`` does."""
    entry = slapd.add_person(protection, "Paula Plain", f"{protection}@example.com")
    reader = openldap(url=slapd.plain_url, filter=f"(uid={protection})", **{protection: True})
    assert [(f"{protection}@example.com",)] == [each.primaries for each in reader.full()]
    slapd.editor.remove(entry)


@pytest.mark.parametrize("url", ["ldaps://{}", "ldaps://{}:636", "ldap://{}", "ldap://{}:389"])
def test_active_directory_is_reached_on_its_usual_ports(samba: Samba, ad: Opens, url: str) -> None:
    """636 for LDAPS, 389 with StartTLS; the address stands in the certificate."""
    assert [] == list(ad(url=url.format(samba.address), start_tls=url.startswith("ldap:")).full())


def test_active_directory_takes_no_password_in_the_clear(samba: Samba, ad: Opens) -> None:
    """Its default since 2020; the way out is named."""
    with pytest.raises(LogonRefused, match=r"only over TLS .* use ldaps:// or start_tls"):
        ad(url=samba.plain_url, allow_plaintext=True)


@pytest.mark.parametrize("secure", ["ldaps", "start_tls"])
@pytest.mark.parametrize("authority", ["another", "the system's"])
def test_a_certificate_by_an_unknown_authority_is_refused(
    slapd: Slapd, openldap: Opens, tmp_path: Path, authority: str, secure: str
) -> None:
    """Whoever answers in the server's place does not get the password."""
    url = slapd.url if secure == "ldaps" else slapd.plain_url
    pem = made(tmp_path, "127.0.0.1").authority_pem if authority == "another" else None
    with pytest.raises(CertificateRefused, match=r"not trusted .* set ca_certificate"):
        openldap(url=url, start_tls=secure == "start_tls", ca_certificate=pem)


@pytest.mark.parametrize("host", ["127.0.0.2", "localhost"])
def test_a_certificate_for_another_name_is_refused(samba: Samba, ad: Opens, host: str) -> None:
    """The right authority signed it, but for the domain controller's name and its address."""
    on = "127.0.0.1" if host == "localhost" else host
    with (
        relayed(samba.address, 636, Weather(), on) as port,
        pytest.raises(CertificateRefused, match=f"certificate is not valid for '{host}'"),
    ):
        ad(url=f"ldaps://{host}:{port}")


def test_a_name_in_the_certificate_will_do_as_well_as_the_address(slapd: Slapd, openldap: Opens) -> None:
    """The certificate of slapd is for localhost too."""
    assert [] == list(openldap(url=f"ldaps://localhost:{port_of(slapd.url)}", filter="(uid=nobody)").full())


def test_the_servers_own_certificate_can_be_trusted_by_itself(openldap: Opens, scratch: Path) -> None:
    """Where no authority's certificate is at hand."""
    own = (scratch / "slapd" / "server.pem").read_text()
    assert [] == list(openldap(filter="(uid=nobody)", ca_certificate=own).full())


def test_a_ca_certificate_that_is_none_is_refused(openldap: Opens) -> None:
    """The way out is named."""
    with pytest.raises(CertificateRefused, match="put the authority's PEM there"):
        openldap(ca_certificate="MIIB...")


@pytest.mark.parametrize("server", ["ad", "openldap"])
def test_a_wrong_password_is_refused_and_never_repeated(request: pytest.FixtureRequest, server: str) -> None:
    """The sentence says where the right one belongs, and not what the wrong one was."""
    opens: Opens = request.getfixturevalue(server)
    with pytest.raises(
        LogonRefused, match=r"cannot log on: name or password is wrong\. .*'directory/reader'"
    ) as refusal:
        opens(secret=WRONG)
    assert WRONG not in "".join(traceback.format_exception(refusal.value))


def test_a_disabled_account_is_told_from_a_wrong_password(samba: Samba, ad: Opens, unit: str) -> None:
    """As far as the server tells: Windows says "data 533", Samba says no more than that the logon failed."""
    samba.editor.add(f"CN=Left,{unit}", ["user"], sAMAccountName=f"left-{unit[8:16]}", userAccountControl="546")
    with pytest.raises(LogonRefused, match="cannot log on"):
        ad(bind_dn=f"CN=Left,{unit}")


def test_an_empty_secret_is_refused(openldap: Opens) -> None:
    """To a server it would be an anonymous logon, which succeeds, and then reads nothing."""
    with pytest.raises(SecretUnusable, match="is empty"):
        openldap(secret="")


def test_nobody_there_is_unreachable(openldap: Opens) -> None:
    """Neither a closed port nor a name that the DNS does not know."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ cannot be reached .*refused.* correct url"):
            openldap(url=f"ldaps://127.0.0.1:{closed.getsockname()[1]}")
    with pytest.raises(Unreachable, match="cannot be reached"):
        openldap(url="ldaps://no-such-host.invalid")
    with pytest.raises(Unreachable, match="cannot be reached"):
        openldap(url=f"ldaps://{'long' * 20}.invalid")


def test_ldaps_to_the_plain_port_is_told_as_such(slapd: Slapd, openldap: Opens) -> None:
    """The most usual mistake."""
    with pytest.raises(Unreachable, match="does not speak TLS there"):
        openldap(url=slapd.plain_url.replace("ldap:", "ldaps:"))


def test_what_is_no_ldap_server_is_told_as_such(openldap: Opens) -> None:
    """A web server, for example; what it says is as long as its second byte would mean in LDAP."""
    with (
        answering(b"HTTP/1.1 400 Bad Request\r\n".ljust(2 + ord("T"))) as port,
        pytest.raises(Unreachable, match="not speak LDAP"),
    ):
        openldap(url=f"ldap://127.0.0.1:{port}", allow_plaintext=True)


@pytest.mark.parametrize("url", ["ldap", "ldaps"])
def test_a_server_that_says_nothing_is_not_waited_for_past_the_deadline(openldap: Opens, url: str) -> None:
    """Neither for the TLS handshake nor for the answer to the logon."""
    began = time.monotonic()
    with answering(b"") as port, pytest.raises(OutOfTime, match="within the run's time"):
        openldap(url=f"{url}://127.0.0.1:{port}", allow_plaintext=True, seconds=0.5)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("after", ["handshake", "page"])
def test_a_server_that_trickles_is_not_waited_for_past_the_deadline(slapd: Slapd, openldap: Opens, after: str) -> None:
    """A byte now and then never is silence, so only the deadline ends it."""
    url = slapd.url if after == "handshake" else slapd.plain_url
    began = time.monotonic()
    with relayed("127.0.0.1", port_of(url), Weather(pause=0.2)) as port, pytest.raises(OutOfTime):
        list(openldap(url=f"{url[: url.index(':')]}://127.0.0.1:{port}", allow_plaintext=True, seconds=1.5).full())
    assert time.monotonic() - began < 4


def test_no_secret_is_kept_where_a_log_could_show_it(slapd: Slapd, openldap: Opens) -> None:
    """Neither in what a reader says of itself nor in what it keeps."""
    reader = openldap()
    kept = [reader, vars(reader), vars(reader._session), vars(reader._session._connection)]  # noqa: SLF001, what it keeps
    assert [] == [each for each in kept if slapd.password in repr(each)]
