"""A double of Google's token endpoint and of the users in its Directory API.

A page token is a place in the order of addresses, as with Google: who is renamed while pages are read can come twice,
or not at all. Lists that are empty are missing, and so is ``users`` on an empty page.
https://developers.google.com/admin-sdk/directory/reference/rest/v1/users/list
"""

import json
import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import unquote

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from addresses.directory import GoogleDirectory
from tests.doubles.serving import Request, Response, serving

CUSTOMER = "C01abc2de"
ADMIN = "admin@example.com"
SERVICE_ACCOUNT = "directory-reader@a-project.iam.gserviceaccount.com"
SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly"
KEY_ID = "0123456789abcdef"
_USERS = "/admin/directory/v1/users"


@cache
def key() -> RSAKey:
    """The service account's key, made once."""
    return RSAKey.generate_key(2048, {"kid": KEY_ID})


def refusal(status: int, reason: str, message: str = "", **headers: str) -> Response:
    """A refusal in Google's form; underscores in the names of headers stand for hyphens."""
    errors = [{"message": message, "domain": "global", "reason": reason}]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"error": {"code": status, "message": message, "errors": errors}}, named)


@dataclass
class Google:
    """The double.

    ``mishaps`` are answered in place of what would be, one for each request to the Directory API, None for none. A
    token lasts ``token_life`` requests. ``requests`` are all that came.
    """

    url: str = ""
    page_size: int = 500
    token_life: int = 1_000_000
    delegates_scope: str = SCOPE
    mishaps: deque[Response | None] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    _users: dict[str, dict[str, Any]] = field(default_factory=dict)
    _tokens: dict[str, int] = field(default_factory=dict)

    @property
    def config(self) -> GoogleDirectory:
        """The configuration of a directory that is this one."""
        return GoogleDirectory(kind="google", customer=CUSTOMER, admin=ADMIN, secret_name="google", api_url=self.url)

    @property
    def secret(self) -> str:
        """The service account's key, as Google gives it out."""
        return json.dumps(self.key_file())

    def key_file(self) -> dict[str, str]:
        """What stands in that key."""
        return {
            "type": "service_account",
            "project_id": "a-project",
            "private_key_id": KEY_ID,
            "private_key": key().as_pem(private=True).decode(),
            "client_email": SERVICE_ACCOUNT,
            "client_id": "123456789012345678901",
            "token_uri": f"{self.url}/token",
        }

    def put(self, id: str, **properties: Any) -> None:  # noqa: A002 - Google's name for it
        """Create a user, or change these properties of one; None takes one away."""
        user = {"kind": "admin#directory#user", "id": id, **self._users.get(id, {}), **properties}
        self._users[id] = {name: value for name, value in user.items() if value not in (None, [])}

    def remove(self, id: str) -> None:  # noqa: A002 - Google's name for it
        """Remove a user."""
        del self._users[id]

    def end_tokens(self) -> None:
        """Take no token any more that was given out until now."""
        self._tokens.clear()

    def answer(self, request: Request) -> Response:
        """What is answered to a request."""
        self.requests.append(request)
        if request.path == "/token":
            return self._token(request)
        mishap = self.mishaps.popleft() if self.mishaps else None
        if mishap:
            return mishap
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, 0) <= 0:
            return refusal(401, "authError", "Invalid Credentials")
        self._tokens[token] -= 1
        fields = _mask(request.query.get("fields", "*"))
        if request.path == _USERS:
            return self._list(request.query, fields)
        if request.path.startswith(f"{_USERS}/"):
            return self._get(unquote(request.path.removeprefix(f"{_USERS}/")), fields)
        return Response(404, b"<html>Not Found</html>", {"Content-Type": "text/html"})

    def _token(self, request: Request) -> Response:
        form = request.form
        if form.get("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer":
            return Response(400, {"error": "unsupported_grant_type", "error_description": "Invalid grant_type"})
        try:
            token = jwt.decode(form["assertion"], key(), algorithms=["RS256"])
        except JoseError:
            return Response(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."})
        claims, now = token.claims, time.time()
        # Google's own client names the public endpoint whatever token_uri says.
        audiences = {f"{self.url}/token", "https://oauth2.googleapis.com/token"}
        is_known = claims["iss"] == SERVICE_ACCOUNT and token.header.get("kid") == KEY_ID
        if not is_known or claims["aud"] not in audiences:
            return Response(400, {"error": "invalid_grant", "error_description": "Invalid JWT: wrong claims."})
        if not now - 300 < claims["iat"] <= now + 300 or not now < claims["exp"] <= claims["iat"] + 3600:
            return Response(400, {"error": "invalid_grant", "error_description": "Invalid JWT: must be short-lived."})
        if claims["sub"] != ADMIN:
            return Response(400, {"error": "invalid_grant", "error_description": "Invalid email or User ID"})
        if claims["scope"] != self.delegates_scope:
            return Response(401, {"error": "unauthorized_client", "error_description": "Client is unauthorized."})
        granted = f"ya29.token-{len(self.requests)}"
        self._tokens[granted] = self.token_life
        return Response(200, {"access_token": granted, "expires_in": 3599, "token_type": "Bearer"})

    def _list(self, query: dict[str, str], fields: dict[str, Any] | None) -> Response:
        if query.get("customer") not in {CUSTOMER, "my_customer"}:
            return refusal(400, "invalid", "Invalid Input")
        if not 1 <= int(query.get("maxResults", "100")) <= 500 or query.get("orderBy") != "email":
            return refusal(400, "invalid", "Invalid Input")
        after = query.get("pageToken", "")
        if after and not after.startswith("after:"):
            return refusal(400, "invalid", "Invalid Input: pageToken")
        order = sorted(self._users.values(), key=lambda user: str(user["primaryEmail"]))
        rest = [user for user in order if str(user["primaryEmail"]) > after.removeprefix("after:")]
        size = min(self.page_size, int(query.get("maxResults", "100")))
        page: dict[str, Any] = {"kind": "admin#directory#users", "etag": '"1"', "users": rest[:size]}
        if not rest:
            del page["users"]
        if len(rest) > size:
            page["nextPageToken"] = f"after:{rest[size - 1]['primaryEmail']}"
        return Response(200, _masked(page, fields))

    def _get(self, name: str, fields: dict[str, Any] | None) -> Response:
        for user in self._users.values():
            if name in (user["id"], user["primaryEmail"], *user.get("aliases", [])):
                return Response(200, _masked(user, fields))
        return refusal(404, "notFound", "Resource Not Found: userKey")


def _mask(text: str) -> dict[str, Any] | None:
    """A partial response's mask, such as ``kind,users(id,name(fullName))``; None where all is wanted."""
    if text == "*":
        return None
    levels: list[dict[str, Any]] = [{}]
    name = ""
    for name, mark in re.findall(r"(\w*)([,()]?)", text):
        if name:
            levels[-1][name] = None
        if mark == "(":
            levels[-1][name] = {}
            levels.append(levels[-1][name])
        elif mark == ")":
            levels.pop()
    return levels[0]


def _masked(value: Any, mask: dict[str, Any] | None) -> Any:
    if mask is None:
        return value
    if isinstance(value, list):
        return [_masked(each, mask) for each in value]
    return {name: _masked(value[name], inner) for name, inner in mask.items() if name in value}


@contextmanager
def google(page_size: int = 500) -> Iterator[Google]:
    """The double on loopback, without users."""
    double = Google(page_size=page_size)
    with serving(double.answer) as double.url:
        yield double
