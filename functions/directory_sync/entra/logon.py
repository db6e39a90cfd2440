"""Logs on to Microsoft Entra as an application (RFC 6749 section 4.4), with a client secret.

https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow
"""

import re
from contextlib import closing
from typing import Annotated

from pydantic import StringConstraints, ValidationError

from addresses.directory import EntraDirectory
from directory_sync.errors import LogonRefused, SecretUnusable
from directory_sync.web.answer import Answer, Told
from directory_sync.web.client import Web
from directory_sync.web.patience import Clock
from directory_sync.web.token import Granted

# https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
_WAYS_OUT = {
    "AADSTS7000215": "the client secret is wrong: store its value, not its id, in Secrets Manager",
    "AADSTS7000222": "the client secret has expired: make a new one in Entra and store it in Secrets Manager",
    "AADSTS700016": "the application is not in this tenant: check client_id and tenant_id",
    "AADSTS90002": "there is no such tenant: check tenant_id",
    "AADSTS900023": "there is no such tenant: check tenant_id",
}
_OTHERWISE = "check tenant_id, client_id and the secret, and that the application is not disabled"


class _Secret(Told):
    client_secret: Annotated[str, StringConstraints(min_length=1)]


class EntraLogon:
    """What asks for tokens that read Graph."""

    def __init__(self, config: EntraDirectory, secret: str, deadline: float, clock: Clock) -> None:
        """``secret`` is what Secrets Manager has: the client secret itself, or a JSON object with ``client_secret``.

        Raises:
            SecretUnusable: it is neither.
        """
        self._config = config
        self._secret = _client_secret(config, secret)
        self._deadline = deadline
        self._clock = clock

    def token(self) -> str:
        """A new token.

        Raises:
            LogonRefused: Entra knows no such tenant or application, or the secret is not its own.
        """
        form = {
            "grant_type": "client_credentials",
            "client_id": self._config.client_id,
            "client_secret": self._secret,
            "scope": f"{self._config.graph_url}/.default",
        }
        url = f"{self._config.login_url}/{self._config.tenant_id}/oauth2/v2.0/token"
        with closing(Web(self._config.login_url, self._deadline, self._clock)) as web:
            answer = web.ask("POST", url, data=form)
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise LogonRefused(_why(answer))
        return answer.read(Granted).access_token


def _why(answer: Answer) -> str:
    # The description names the time and the request, so no two are alike; its first word is the code.
    found = re.match(r"AADSTS[0-9]+", answer.refusal.message)
    code = found.group() if found else answer.refusal.code
    return f"Entra does not let the application in ({answer.status} {code}): {_WAYS_OUT.get(code, _OTHERWISE)}."


def _client_secret(config: EntraDirectory, secret: str) -> str:
    text = secret.strip()
    if not text.startswith("{"):
        if not text:
            raise SecretUnusable(f"The secret {config.secret_name!r} is empty: store the application's client secret.")
        return text
    try:
        return _Secret.model_validate_json(text).client_secret
    except ValidationError:
        raise SecretUnusable(
            f"The secret {config.secret_name!r} is no JSON object with client_secret: store such a one, or the "
            "client secret alone."
        ) from None
