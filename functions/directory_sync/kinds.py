"""From a directory's configuration to a reader that is logged on to it."""

import json
from typing import TYPE_CHECKING

from addresses.directory import Directory, EntraDirectory, GoogleDirectory, LdapDirectory
from directory_sync.errors import SecretUnusable
from directory_sync.reader import Reader

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


def opened(directory: Directory, secrets: "SecretsManagerClient", deadline: float) -> Reader:
    """A reader of the directory, which gives up at the deadline (on ``time.monotonic``).

    Raises:
        DirectoryFailed: the secret cannot be read, or the directory does not let us in.
    """
    secret = secret_of(directory.secret_name, secrets)
    # Each kind brings libraries of its own: a cold start should wait for one of them, not for all.
    match directory:
        case LdapDirectory():
            from directory_sync.ldap.reader import LdapReader  # noqa: PLC0415

            return LdapReader(directory, password_in(secret), deadline)
        case EntraDirectory():
            from directory_sync.entra.reader import EntraReader  # noqa: PLC0415

            return EntraReader(directory, secret, deadline)
        case GoogleDirectory():
            from directory_sync.google.reader import GoogleReader  # noqa: PLC0415

            return GoogleReader(directory, secret, deadline)


def password_in(secret: str) -> str:
    """The password: the secret itself or, where that is a JSON object, its ``password``."""
    try:
        found = json.loads(secret)
    except ValueError:
        return secret
    return str(found["password"]) if isinstance(found, dict) and "password" in found else secret


def secret_of(name: str, secrets: "SecretsManagerClient") -> str:
    """The secret's text.

    Raises:
        SecretUnusable: there is no such secret, or none that can be read.
    """
    try:
        found = secrets.get_secret_value(SecretId=name).get("SecretString", "")
    except secrets.exceptions.ResourceNotFoundException as missing:
        raise SecretUnusable(f"Secrets Manager has no secret {name} in this region. Create it there.") from missing
    except (secrets.exceptions.DecryptionFailure, secrets.exceptions.InvalidRequestException) as refusal:
        reason = refusal.response["Error"].get("Message", "")
        raise SecretUnusable(f"The secret {name} cannot be read: {reason}") from refusal
    if not found:
        raise SecretUnusable(f"The secret {name} is empty, or not text. Store the password or key as its text.")
    return found
