"""Logs on to Google with a service account that acts for an administrator (RFC 7523, domain-wide delegation).

https://developers.google.com/identity/protocols/oauth2/service-account
"""

from contextlib import closing
from typing import Annotated, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from pydantic import StringConstraints, ValidationError

from addresses.directory import GoogleDirectory, WebAddress
from directory_sync.errors import LogonRefused, SecretUnusable
from directory_sync.web.answer import Told
from directory_sync.web.client import Web
from directory_sync.web.patience import Clock
from directory_sync.web.token import Granted

SCOPE = "https://www.googleapis.com/auth/admin.directory.user.readonly"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# Seconds; Google takes an hour at most.
_LIFETIME = 3600
_DELEGATION = (
    f"in Google's Admin console (Security, API controls, Domain-wide delegation), give its client id the scope {SCOPE}"
)
_WAYS_OUT = {
    "invalid_grant": "check that admin is the address of an administrator, and that the key was not deleted",
    "unauthorized_client": _DELEGATION,
    "access_denied": _DELEGATION,
    "invalid_scope": _DELEGATION,
}
_OTHERWISE = "check the key in Secrets Manager, and that the service account is not disabled"
_Text = Annotated[str, StringConstraints(min_length=1)]


class _Key(Told):
    """The file that Google gives out for a service account."""

    type: Literal["service_account"]
    client_email: _Text
    private_key_id: _Text
    private_key: _Text
    token_uri: WebAddress


class GoogleLogon:
    """What asks for tokens that read the Directory API."""

    def __init__(self, config: GoogleDirectory, secret: str, deadline: float, clock: Clock) -> None:
        """``secret`` is what Secrets Manager has: a service account's key, as Google gives it out.

        Raises:
            SecretUnusable: it is no such key.
        """
        unusable = (
            f"The secret {config.secret_name!r} is no key of a service account: store the JSON file that Google gave "
            "out for it, unchanged."
        )
        try:
            self._key = _Key.model_validate_json(secret)
            self._signer = RSAKey.import_key(self._key.private_key)
        except (ValidationError, JoseError, ValueError, TypeError):
            # Without the cause, which may quote the key.
            raise SecretUnusable(unusable) from None
        if not self._signer.is_private:
            raise SecretUnusable(unusable)
        self._admin = config.admin
        self._deadline = deadline
        self._clock = clock

    def token(self) -> str:
        """A new token.

        Raises:
            LogonRefused: Google does not know the key, or does not let the account act for this administrator.
        """
        now = int(self._clock.now())
        claims = {
            "iss": self._key.client_email,
            "sub": self._admin,
            "scope": SCOPE,
            "aud": self._key.token_uri,
            "iat": now,
            "exp": now + _LIFETIME,
        }
        assertion = jwt.encode({"alg": "RS256", "kid": self._key.private_key_id}, claims, self._signer)
        form = {"grant_type": _GRANT, "assertion": assertion}
        with closing(Web(self._key.token_uri, self._deadline, self._clock)) as web:
            answer = web.ask("POST", self._key.token_uri, data=form)
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            code = answer.refusal.code
            raise LogonRefused(
                f"Google does not let the service account act for {self._admin} ({answer.status} {code}): "
                f"{_WAYS_OUT.get(code, _OTHERWISE)}."
            )
        return answer.read(Granted).access_token
