"""An LDAP server of a few lines, for answers that neither Samba nor slapd gives: it says yes to every logon."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ldap3.protocol.controls import build_control
from ldap3.protocol.rfc4511 import BindResponse, LDAPMessage, ProtocolOp, SearchResultDone, SearchResultEntry
from ldap3.utils.asn1 import compute_ber_size
from pyasn1.codec.ber.encoder import encode
from pyasn1.type import univ

# Tags of the requests that it answers (RFC 4511, section 4.1.1); it says nothing to others.
_BIND, _SEARCH = 0x60, 0x63
_OCTET_STRING = 0x04


@dataclass(frozen=True)
class Asked:
    """A search; each control by its number, with what its value is made of."""

    base: str
    attributes: list[str]
    controls: dict[str, list[bytes]]


@dataclass(frozen=True)
class Says:
    """The answer to a search: entries by their names, the result code, and controls by their numbers."""

    entries: Sequence[tuple[str, Mapping[str, Sequence[bytes]]]] = ()
    controls: Mapping[str, Sequence[int | bytes]] = field(default_factory=dict)
    code: int = 0


@contextmanager
def responding(answer: Callable[[Asked], Says]) -> Iterator[str]:
    """Yields the URL of a server that answers the searches of one connection like this."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(listening, answer, ended))
        thread.start()
        try:
            yield f"ldap://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            ended.set()
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def _serve(listening: socket.socket, answer: Callable[[Asked], Says], ended: threading.Event) -> None:
    with suppress(OSError):
        near, _ = listening.accept()
        with near:
            near.settimeout(0.1)
            came = b""
            while not ended.is_set():
                try:
                    data = near.recv(4096)
                except TimeoutError:
                    continue
                if not data:
                    return
                came += data
                # A request is complete when as much is there as its header says.
                if len(came) >= sum(_size(came)):
                    near.sendall(b"".join(_answers(came, answer)))
                    came = b""


def _answers(request: bytes, answer: Callable[[Asked], Says]) -> Iterator[bytes]:
    [(_, message)] = _parts(request)
    (_, number), (kind, operation), *rest = _parts(message)
    if kind == _BIND:
        yield _message(number, "bindResponse", _result(BindResponse(), 0))
    elif kind == _SEARCH:
        asked = [value for _, value in _parts(operation)]
        controls = [control for _, some in rest for _, control in _parts(some)]
        attributes = [attribute.decode() for _, attribute in _parts(asked[-1])]
        said = answer(Asked(asked[0].decode(), attributes, dict(map(_control, controls))))
        for name, values in said.entries:
            yield _message(number, "searchResEntry", _entry(name, values))
        yield _message(number, "searchResDone", _result(SearchResultDone(), said.code), said.controls)


def _control(encoded: bytes) -> tuple[str, list[bytes]]:
    (_, name), *rest = _parts(encoded)
    values = [value for tag, value in rest if tag == _OCTET_STRING]
    return name.decode(), [part for value in values for _, inner in _parts(value) for _, part in _parts(inner)]


def _parts(encoded: bytes) -> list[tuple[int, bytes]]:
    # By hand, since pyasn1 stumbles over filters within filters.
    parts = []
    while encoded:
        length, start = _size(encoded)
        parts.append((encoded[0], encoded[start : start + length]))
        encoded = encoded[start + length :]
    return parts


def _size(encoded: bytes) -> tuple[int, int]:
    length, start = compute_ber_size(encoded)  # type: ignore[no-untyped-call] # its stub leaves the types out
    return length, start


def _entry(name: str, values: Mapping[str, Sequence[bytes]]) -> SearchResultEntry:
    entry = SearchResultEntry()
    entry["object"] = name
    for place, (attribute, some) in enumerate(values.items()):
        entry["attributes"][place]["type"] = attribute
        entry["attributes"][place]["vals"].extend(some)
    return entry


def _result(result: Any, code: int) -> Any:
    result["resultCode"], result["matchedDN"], result["diagnosticMessage"] = code, "", ""
    return result


def _message(
    number: Any, kind: str, operation: Any, controls: Mapping[str, Sequence[int | bytes]] | None = None
) -> bytes:
    message = LDAPMessage()
    message["messageID"] = int.from_bytes(number)
    message["protocolOp"] = ProtocolOp().setComponentByName(kind, operation)
    for place, (name, parts) in enumerate((controls or {}).items()):
        value = univ.Sequence()
        for inner, part in enumerate(parts):
            value[inner] = univ.Integer(part) if isinstance(part, int) else univ.OctetString(part)
        message["controls"][place] = build_control(name, criticality=False, value=value)
    return bytes(encode(message))
