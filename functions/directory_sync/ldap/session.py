"""An LDAP server to which the directory's account is logged on: what it is asked, and what it says to the end."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

import ldap3
from ldap3.core.exceptions import LDAPException, LDAPInvalidFilterError
from ldap3.protocol.rfc2696 import paged_search_control

from addresses.directory import LdapDirectory
from directory_sync.errors import DirectoryFailed, IncompleteReading, Misconfigured, SecretUnusable, Unreachable
from directory_sync.ldap.refusals import SUCCESS, logon_refusal, read_refusal
from directory_sync.ldap.socket import BoundedSocket, connected, trust

# Within OpenLDAP's size limit as it is installed (500), and the 1,000 of a page of Active Directory.
PAGE = 500
_PORTS = {"ldap": 389, "ldaps": 636}
_START_TLS = "1.3.6.1.4.1.1466.20037"
_PAGED_RESULTS = "1.2.840.113556.1.4.319"
_RANGE = ";range="
# What ldap3's decoder trips over when what comes is no LDAP.
_NO_LDAP = (LDAPException, AttributeError, LookupError, MemoryError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Found:
    """An entry as the server sent it: names of attributes in lower case, values as bytes."""

    dn: str
    values: Mapping[str, Sequence[bytes]]
    controls: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search brought: entries, intermediate messages (RFC 4511, section 4.13), and how it ended."""

    code: int
    found: list[Found]
    intermediate: list[tuple[str, bytes]]
    controls: Mapping[str, Any]

    def told(self, control: str) -> Mapping[str, Any] | None:
        """What a control says that ldap3 knows; None if it did not come, or does not say that."""
        value = self.controls.get(control, {}).get("value")
        return value if isinstance(value, Mapping) else None


class Session:
    """A connection on which the account of the configuration is logged on, until the deadline or ``close``."""

    def __init__(self, config: LdapDirectory, secret: str, deadline: float) -> None:
        if not secret:
            # A server takes an empty password for an anonymous logon, and says yes (RFC 4513, section 5.1.2).
            raise SecretUnusable(f"The secret {config.secret_name!r} is empty; put the password there.")
        self._config = config
        url = urlsplit(config.url)
        trusted = trust(config)
        self._socket = connected(url.hostname or "", url.port or _PORTS[url.scheme], deadline)
        try:
            if url.scheme == "ldaps":
                self._socket.protect(trusted)
            self._connection = _speaking(self._socket)
            if url.scheme == "ldap" and config.start_tls:
                self._start_tls()
                self._socket.protect(trusted)
            self._log_on(secret)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hangs up; closing twice is no harm."""
        self._socket.close()

    def search(  # noqa: PLR0913, the parameters of a search (RFC 4511, section 4.5.1)
        self,
        base: str,
        search_filter: str,
        attributes: Collection[str],
        *,
        scope: Literal["BASE", "SUBTREE"] = ldap3.SUBTREE,
        controls: Sequence[Any] = (),
        accepted: Collection[int] = (SUCCESS,),
    ) -> Answer:
        """The answer to one search; references to other servers are left out.

        Raises:
            DirectoryFailed: it ended with a result that is not ``accepted``, or did not end.
        """
        self._ask(
            lambda: self._connection.search(
                base,
                search_filter,
                scope,
                ldap3.DEREF_NEVER,
                list(attributes),
                controls=list(controls),
            )
        )
        result = self._connection.result
        if result["result"] not in accepted:
            raise read_refusal(result, self._config, base)
        messages = self._connection.response or []
        self._connection.response = None
        return Answer(
            result["result"],
            [_found(message) for message in messages if message["type"] == "searchResEntry"],
            [
                (message.get("responseName", ""), message.get("responseValue", b""))
                for message in messages
                if message["type"] == "intermediateResponse"
            ],
            result.get("controls", {}),
        )

    def pages(self, base: str, search_filter: str, attributes: Collection[str]) -> Iterator[Found]:
        """Every entry below ``base`` that matches, page after page (RFC 2696), each with all its values.

        Raises:
            DirectoryFailed: the answer ended anywhere but after the last page.
        """
        cookie = b""
        while True:
            paged = paged_search_control(criticality=True, size=PAGE, cookie=cookie)
            answer = self.search(base, search_filter, attributes, controls=[paged])
            for found in answer.found:
                yield self._whole(found)
            paging = answer.told(_PAGED_RESULTS)
            if paging is None:
                raise IncompleteReading(
                    "The server did not say whether a page was its last, so nobody knows whether that was all; "
                    "use a server that answers in pages (RFC 2696)."
                )
            cookie = paging["cookie"]
            if not cookie:
                return

    def _whole(self, found: Found) -> Found:
        # Active Directory sends the first 1,500 values, as "name;range=0-1499", and "0-*" when there are no more
        # ([MS-ADTS] 3.1.1.3.1.3.3).
        if not any(_RANGE in name for name in found.values):
            return found
        values = {name: list(some) for name, some in found.values.items() if _RANGE not in name}
        for ranged, some in found.values.items():
            name, marker, span = ranged.partition(_RANGE)
            if marker:
                values[name] = [*some, *self._rest(found.dn, name, span)]
        return Found(found.dn, values, found.controls)

    def _rest(self, dn: str, name: str, span: str) -> Iterator[bytes]:
        while not span.endswith("-*"):
            try:
                start = int(span.partition("-")[2]) + 1
            except ValueError as refusal:
                raise IncompleteReading(
                    f"The server gave a part of the values of {name} of {dn!r}, and did not say which; see to it."
                ) from refusal
            answer = self.search(dn, "(objectClass=*)", [f"{name}{_RANGE}{start}-*"], scope=ldap3.BASE)
            spans = {
                key.partition(_RANGE)[2]: values
                for found in answer.found
                for key, values in found.values.items()
                if key.startswith(f"{name}{_RANGE}{start}-")
            }
            if len(spans) != 1:
                raise IncompleteReading(
                    f"The server did not give all the values of {name} of {dn!r}: those from {start} on are missing. "
                    "The next run tries again."
                )
            [(span, values)] = spans.items()
            yield from values

    def _start_tls(self) -> None:
        self._ask(lambda: self._connection.extended(_START_TLS))
        if self._connection.result["result"] != SUCCESS:
            raise Unreachable(
                f"The server at {self._config.url} does not offer StartTLS "
                f"({self._connection.result['description']}); use ldaps://."
            )

    def _log_on(self, secret: str) -> None:
        # As bytes, ldap3 sends the password as it is; Active Directory compares it without RFC 4513's preparation.
        self._connection.user, self._connection.password = self._config.bind_dn, secret.encode()
        self._connection.authentication = ldap3.SIMPLE
        self._ask(self._connection.bind)
        # Kept, both would end in whatever prints the connection.
        self._connection.password = self._connection.request = None
        if self._connection.result["result"] != SUCCESS:
            raise logon_refusal(self._connection.result, self._config)

    def _ask(self, request: Callable[[], object]) -> None:
        try:
            request()
        except DirectoryFailed:
            raise
        except LDAPInvalidFilterError as refusal:
            raise Misconfigured(f"filter is not one of LDAP (RFC 4515): {refusal}. Correct it.") from refusal
        except _NO_LDAP as refusal:
            raise Unreachable(
                f"What answers at {self._config.url} does not speak LDAP, or broke off "
                f"({type(refusal).__name__}); correct url, or see to the server."
            ) from refusal


def _speaking(through: BoundedSocket) -> ldap3.Connection:
    # Left to itself, ldap3 follows referrals with the password in hand, takes what it could not follow of a range for
    # all of it, fills in attributes that the server did not send, and reads values as a schema has them.
    connection = ldap3.Connection(
        ldap3.Server("unused", get_info=ldap3.NONE),
        read_only=True,
        check_names=False,
        auto_range=False,
        auto_referrals=False,
        return_empty_attributes=False,
    )
    connection.socket = through
    connection.closed, connection.listening = False, True
    connection.strategy._outstanding = {}  # noqa: SLF001, the rest of what ldap3 does when it connects by itself
    return connection


def _found(message: Mapping[str, Any]) -> Found:
    # ldap3 has None for an attribute that came without values.
    values = {name.lower(): values or () for name, values in message["raw_attributes"].items()}
    return Found(message["dn"], values, message.get("controls", {}))
