"""The way to an LDAP server: TLS with a certificate that is checked, and no waiting past the deadline.

ldap3 by itself checks no certificate unless told to, never one for an IP address, and waits for ever for a server that
sends a byte now and then. So it gets a socket that is connected here, and reads and writes through it.
"""

import socket
import ssl
import time

from addresses.directory import LdapDirectory
from directory_sync.errors import CertificateRefused, OutOfTime, Unreachable

CONNECTS_WITHIN = 10.0
# How long a server may say nothing. One that sorts a large page is quiet for seconds.
SILENT_FOR = 30.0


class BoundedSocket:
    """A socket as ldap3 uses it, except that it neither waits for long in silence nor goes on past the deadline.

    Its methods raise ``Unreachable`` when the connection is lost or silent, and ``OutOfTime`` after the deadline.
    """

    def __init__(self, raw: socket.socket, host: str, deadline: float) -> None:
        self._raw = raw
        self._host = host
        self._deadline = deadline

    def recv(self, size: int) -> bytes:
        """What came, at most this much; never nothing."""
        self._raw.settimeout(min(SILENT_FOR, remaining(self._host, self._deadline)))
        try:
            received = self._raw.recv(size)
        except OSError as loss:
            raise self._lost(loss) from loss
        if not received:
            raise self._lost(ConnectionResetError("it ended the connection"))
        return received

    def sendall(self, data: bytes) -> None:
        """Sends all of it."""
        self._raw.settimeout(min(SILENT_FOR, remaining(self._host, self._deadline)))
        try:
            self._raw.sendall(data)
        except OSError as loss:
            raise self._lost(loss) from loss

    def protect(self, trust: ssl.SSLContext) -> None:
        """Goes on over TLS, if the server's certificate is one that ``trust`` accepts for this host.

        Raises:
            CertificateRefused: it is not.
        """
        self._raw.settimeout(min(CONNECTS_WITHIN, remaining(self._host, self._deadline)))
        try:
            self._raw = trust.wrap_socket(self._raw, server_hostname=self._host)
        except ssl.SSLCertVerificationError as refusal:
            raise CertificateRefused(
                f"The certificate of {self._host} is not trusted ({refusal.verify_message.rstrip('.')}); set "
                "ca_certificate to the authority that signed it, and use in url a name that stands in it."
            ) from refusal
        except OSError as refusal:
            remaining(self._host, self._deadline)
            raise Unreachable(
                f"{self._host} does not speak TLS there ({refusal}); use ldaps:// with its port for that, usually 636, "
                "or ldap:// with start_tls."
            ) from refusal

    def close(self) -> None:
        """Hangs up."""
        self._raw.close()

    def _lost(self, loss: OSError) -> Unreachable:
        remaining(self._host, self._deadline)
        if isinstance(loss, TimeoutError):
            return Unreachable(f"{self._host} has said nothing for {SILENT_FOR:.0f} seconds; see to it, and run again.")
        return Unreachable(f"The connection to {self._host} was lost ({loss}); see to the server, and run again.")


def connected(host: str, port: int, deadline: float) -> BoundedSocket:
    """A connection to the server, not protected yet.

    Raises:
        Unreachable: nothing answers there.
        OutOfTime: the deadline has passed.
    """
    try:
        raw = socket.create_connection((host, port), min(CONNECTS_WITHIN, remaining(host, deadline)))
    except (OSError, UnicodeError) as refusal:  # UnicodeError: a label of the name is too long for the DNS
        raise Unreachable(
            f"{host}:{port} cannot be reached ({refusal}); correct url, or see to the server and to the firewalls and "
            "routes between it and the subnets of this function."
        ) from refusal
    return BoundedSocket(raw, host, deadline)


def trust(config: LdapDirectory) -> ssl.SSLContext:
    """Whom the configuration trusts to sign for a server: its own authority, else those that the system trusts.

    Raises:
        CertificateRefused: ``ca_certificate`` holds no certificate.
    """
    try:
        context = ssl.create_default_context(cadata=config.ca_certificate)
    except (ssl.SSLError, ValueError) as refusal:
        raise CertificateRefused(
            "ca_certificate holds no certificate; put the authority's PEM there, with its BEGIN and END lines."
        ) from refusal
    # Strict also refuses what in-house authorities often leave out, such as key identifiers (RFC 5280, section 4.2.1).
    # Who signed, for whom and until when is checked without it too.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def remaining(host: str, deadline: float) -> float:
    """The seconds until the deadline.

    Raises:
        OutOfTime: there are none left.
    """
    left = deadline - time.monotonic()
    if left <= 0:
        raise OutOfTime(
            f"{host} did not answer to the end within the run's time; the next run tries again. "
            "If it does not get further, see to the server, or read less of it: base_dn and filter say how much."
        )
    return left
