"""What Microsoft Graph and Google answer, byte for byte: it is understood, or the run fails with a sentence."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

from addresses.directory import DisabledAccounts, EntraDirectory, GoogleDirectory
from addresses.settings import Settings
from directory_sync.entra.reader import EntraReader
from directory_sync.errors import DirectoryFailed, OutOfTime
from directory_sync.google.logon import GoogleLogon
from directory_sync.google.reader import GoogleReader
from directory_sync.reader import Resync
from directory_sync.understanding import understand
from directory_sync.web.answer import Answer
from directory_sync.web.client import Web
from directory_sync.web.patience import Clock

_SETTINGS = Settings(internal_domains=["example.com"])
_HOST = "https://graph.microsoft.com"
_ENTRA = EntraDirectory(kind="entra", secret_name="a", tenant_id="t", client_id="c")
_GOOGLE = GoogleDirectory(kind="google", secret_name="a", customer="c", admin="admin@example.com")
_TOKEN = b'{"access_token": "token", "token_type": "Bearer", "expires_in": 3600}'
_STATUSES = (200, 400, 401, 403, 404, 410, 302, 200)


def seeds() -> Iterator[bytes]:
    """For each reader, the answers that it gets, one on a line, each after a character that says its status."""
    user = {
        "id": "1",
        "mail": "a@example.com",
        "proxyAddresses": ["SMTP:a@example.com", "smtp:b@example.com", "x500:x"],
    }
    whole = user | {"displayName": "Alice", "accountEnabled": True, "userType": "Member"}
    link = f"{_HOST}/v1.0/users/delta?$skiptoken=x"
    last = {"value": [whole, {"id": "2", "@removed": {"reason": "deleted"}}], "@odata.deltaLink": link}
    yield _told(b"E", {"value": [whole, user], "@odata.nextLink": link}, last, _batch(whole))
    yield _told(b"E", last | {"value": [whole | {"id": str(number)} for number in range(30)]})
    yield _told(b"C", {"value": [user], "@odata.nextLink": f"{link}2"}, last)
    yield (
        b"E6" + b"{}\nE1" + json.dumps({"error": {"code": "syncStateNotFound", "message": "\x07 Bearer abc"}}).encode()
    )
    person = {"id": "1", "primaryEmail": "a@example.com", "aliases": ["b@example.com"], "name": {"fullName": "Alice"}}
    page = {"kind": "admin#directory#users", "users": [person], "nextPageToken": "x"}
    yield _told(b"G", page, {"kind": "admin#directory#users"})
    quota = {"error": {"message": "x", "errors": [{"reason": "quota\n"}]}}
    yield b"G3" + json.dumps(quota).encode()
    yield b"E2" + json.dumps({"error": "invalid_client", "error_description": "AADSTS7000215: no"}).encode()
    yield b"E0" + json.dumps({"value": [], "@odata.nextLink": "https://xn--a.example/"}).encode()


def check(raw: bytes) -> None:
    """It raises nothing but that the directory was not read, or must be read whole, in words that can be stored."""
    kind, answers = raw[:1], [line for line in raw[1:].split(b"\n") if line]
    web = _Told(answers)
    with (
        patch.object(Web, "_once", web.answer),
        patch.object(GoogleLogon, "__init__", lambda *_: None),
        patch.object(GoogleLogon, "token", lambda _: "token"),
    ):
        entra = EntraReader(_ENTRA, "secret", 1_000.0, _Still())
        reader: Any = GoogleReader(_GOOGLE, "{}", 1_000.0, _Still()) if kind == b"G" else entra
        try:
            if kind == b"C":
                changes = reader.changes(f"{_HOST}/v1.0/users/delta?$deltatoken=x")
                assert changes.cursor.encode()
                entries = reader.entries(sorted(changes.ids)[:25])
            else:
                entries = list(reader.full())
        except DirectoryFailed as failure:
            _require_sayable(str(failure))
            return
        except Resync:
            return
        found = understand(entries, DisabledAccounts.CLOSE, _SETTINGS)
        ids = [each.directory_id for each in found.mailboxes]
        assert {each.id for each in entries} == {*ids, *found.unclear, *found.away}
        for note in found.notes:
            assert note.sentence.encode()


class _Still(Clock):
    """A clock on which waiting takes no time, and a run its own."""

    def __init__(self) -> None:
        self._at = 0.0

    def now(self) -> float:
        return 1_772_000_000.0

    def monotonic(self) -> float:
        return self._at

    def sleep(self, seconds: float) -> None:
        self._at += seconds


class _Told:
    """Answers a token to who logs on, and then what it was told to."""

    def __init__(self, answers: list[bytes]) -> None:
        self._answers = answers

    def answer(self, _method: str, url: str, _sent: dict[str, Any]) -> Answer:
        if "oauth2" in url and not (self._answers and self._answers[0][:1] == b"T"):
            return Answer("login", 200, _TOKEN)
        if not self._answers:
            raise OutOfTime("No more is answered.")
        line = self._answers.pop(0)
        return Answer("graph", _STATUSES[line[0] % 8], line[1:], line[1:2].decode("latin-1"))


def _told(kind: bytes, *answers: Any) -> bytes:
    return kind + b"\n".join(b"0" + json.dumps(each).encode() for each in answers)


def _batch(*users: Any) -> dict[str, Any]:
    return {"responses": [{"id": str(place), "status": 200, "body": user} for place, user in enumerate(users)]}


def _require_sayable(sentence: str) -> None:
    assert sentence.isprintable(), repr(sentence)
    assert len(sentence) < 1_100
    assert "Bearer abc" not in sentence
