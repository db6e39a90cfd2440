"""What an LDAP server sends, byte for byte: it is understood, or the run fails with a sentence that says so."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from unittest.mock import patch
from uuid import UUID

from addresses.directory import DisabledAccounts, LdapDirectory
from addresses.settings import Settings
from directory_sync.errors import DirectoryFailed, Unreachable
from directory_sync.ldap.context import Cursor
from directory_sync.ldap.reader import LdapReader
from directory_sync.reader import Resync
from directory_sync.understanding import understand

_BASE = "dc=example,dc=com"
_KINDS = {"active_directory": "dirsync1", "openldap": "syncrepl1"}
_LONGEST_SENTENCE = 1100
_PAGED, _DIRSYNC = b"1.2.840.113556.1.4.319", b"1.2.840.113556.1.4.841"
_STATE, _DONE, _INFO = (b"1.3.6.1.4.1.4203.1.9.1.%d" % number for number in (2, 3, 4))


class _Server:
    """Says yes to the logon, and then what it was told to say, whatever it is asked; each message in an envelope."""

    def __init__(self, told: bytes) -> None:
        self._left = told
        self._answering = b"\1"
        self._logged_on = False

    def sendall(self, data: bytes) -> None:
        self._answering = _value(_value(data)[0])[0]

    def recv(self, _size: int) -> bytes:
        if not self._logged_on:
            self._logged_on = True
            return self._enveloped(_ber(0x61, _ber(0x0A, b"\0"), _ber(4), _ber(4)))
        if not self._left:
            raise Unreachable("it ended the connection")
        _, end = _value(self._left)
        if self._left[end : end + 1] == b"\xa0":
            end += _value(self._left[end:])[1]
        message, self._left = self._left[:end], self._left[end:]
        return self._enveloped(message)

    def close(self) -> None:
        """Nothing is left open."""

    def _enveloped(self, message: bytes) -> bytes:
        return _ber(0x30, _ber(2, self._answering), message)


def seeds() -> Iterator[bytes]:
    """For each profile, what its servers answer: first of naming contexts, then entries, changes and cookies."""
    context = _entry(b"", namingContexts=_BASE.encode()) + _done()
    guid, uuid = bytes(range(16)), b"00112233-4455-6677-8899-aabbccddeeff"
    alice = {"mail": b"alice@example.com", "displayName": b"Alice", "userAccountControl": b"512"}
    person = _entry(b"cn=a", objectGUID=guid, entryUUID=uuid, proxyAddresses=b"SMTP:a@example.com", **alice)
    page = _control(_PAGED, _ber(2, b"\0"), _ber(4))
    cookie = _control(_DIRSYNC, _ber(2, b"\0"), _ber(2, b"\0"), _ber(4, b"cookie"))
    yield b"\0" + context + _entry(b"cn=Deleted Objects", isDeleted=b"TRUE") + _done(cookie) + person + _done(page)
    yield b"\1" + context + person + _done(cookie)
    ranged = _entry(b"cn=a", **{"objectGUID": guid, "proxyAddresses;range=0-0": b"smtp:b@example.com"})
    rest = _entry(b"cn=a", **{"proxyAddresses;range=1-*": b"smtp:c@example.com"})
    yield b"\0" + context + _done(cookie) + ranged + _done(page) + rest + _done()
    state = _control(_STATE, _ber(0x0A, b"\1"), _ber(4, guid), _ber(4, b"cookie"))
    gone = _ber(0x79, _ber(0x80, _INFO), _ber(0x81, _ber(0xA3, _ber(1, b"\xff"), _ber(0x31, _ber(4, guid)))))
    done = _control(_DONE, _ber(4, b"cookie"), _ber(1, b"\xff"))
    yield b"\2" + context + _entry(b"", contextCSN=b"20260301000000.000000Z#000000#000#000000") + _done()
    yield b"\3" + context + person + state + gone + _done(done)
    yield b"\2" + context + _done() + person + _done(page)
    yield b"\1" + context + _ber(0x65, _ber(0x0A, b"\x32"), _ber(4), _ber(4, b"80090308: data 52e, v4563\0"))
    yield b"\1" + context + _ber(0x73, _ber(4, b"ldap://dc2.example.com/")) + _done(cookie)


def check(raw: bytes) -> None:
    """It raises nothing but that the directory was not read, or must be read whole, in words that can be stored."""
    profile = ("active_directory", "openldap")[raw[0] >> 1 & 1] if raw else "openldap"
    asked = {"kind": "ldap", "url": "ldap://dc", "allow_plaintext": True, "base_dn": _BASE, "bind_dn": "cn=a"}
    config = LdapDirectory.model_validate(asked | {"secret_name": "a", "profile": profile})
    server: Any = _Server(raw[1:])
    try:
        # Whom to trust is read from the disk, and nobody needs to be.
        with patch.multiple("directory_sync.ldap.session", connected=lambda *_: server, trust=lambda _: None):
            reader = LdapReader(config, "secret", time.monotonic() + 60)
        if raw[:1] and raw[0] & 1:
            changes = reader.changes(str(Cursor(_KINDS[profile], _BASE, b"cookie")))
            assert all(str(UUID(each)) == each for each in changes.ids)
            with suppress(Resync):
                Cursor.read(changes.cursor, _KINDS[profile], _BASE)
        else:
            understood = understand(reader.full(), DisabledAccounts.CLOSE, Settings(internal_domains=["example.com"]))
            for each in understood.notes:
                _require_sayable(each.sentence)
    except (DirectoryFailed, Resync) as refusal:
        _require_sayable(str(refusal))


def _require_sayable(sentence: str) -> None:
    assert sentence.isprintable(), repr(sentence)
    assert len(sentence) < _LONGEST_SENTENCE


def _ber(tag: int, *parts: bytes) -> bytes:
    value = b"".join(parts)
    size = len(value).to_bytes(4)
    return bytes([tag, len(value)]) + value if len(value) < 128 else bytes([tag, 0x84]) + size + value


def _value(encoded: bytes) -> tuple[bytes, int]:
    """What is in the first value, and where it ends; what is broken goes on to the end."""
    size, start = encoded[1] if len(encoded) > 1 else 0, 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(encoded[2:start])
    return encoded[start : start + size], min(start + size, len(encoded))


def _entry(name: bytes, **values: bytes) -> bytes:
    attributes = [_ber(0x30, _ber(4, each.encode()), _ber(0x31, _ber(4, value))) for each, value in values.items()]
    return _ber(0x64, _ber(4, name), _ber(0x30, *attributes))


def _done(controls: bytes = b"") -> bytes:
    return _ber(0x65, _ber(0x0A, b"\0"), _ber(4), _ber(4)) + controls


def _control(name: bytes, *parts: bytes) -> bytes:
    return _ber(0xA0, _ber(0x30, _ber(4, name), _ber(4, _ber(0x30, *parts))))
