"""What an LDAP server's result codes mean for an administrator (RFC 4511, section 4.1.9 and appendix A)."""

from collections.abc import Mapping
from typing import Any

from addresses.directory import LdapDirectory
from directory_sync.errors import (
    DirectoryFailed,
    IncompleteReading,
    LogonRefused,
    Misconfigured,
    ReadRefused,
    Unreachable,
)

SUCCESS = 0
UNAVAILABLE_CRITICAL_EXTENSION = 12
INSUFFICIENT_ACCESS_RIGHTS = 50
UNWILLING_TO_PERFORM = 53
SYNC_REFRESH_REQUIRED = 4096

_LIMITS = {3, 4, 11}
_REFERRAL = 10
_NEEDS_PROTECTION = {8, 13}
_NO_SUCH_OBJECT = 32
_INVALID_NAME = 34
_INVALID_CREDENTIALS = 49
_BUSY = {51, 52}
_LONGEST_QUOTE = 200
# Active Directory says in its diagnostic message why: "80090308: LdapErr: DSID-0C090447, ..., data 52e, v4563".
_REASONS = {
    "data 525,": "there is no such account",
    "data 52e,": "name or password is wrong",
    "data 530,": "the account may not log on at this hour",
    "data 531,": "the account may not log on from here",
    "data 532,": "its password has expired",
    "data 533,": "the account is disabled",
    "data 701,": "the account has expired",
    "data 773,": "its password must be changed first",
    "data 775,": "the account is locked",
}


def logon_refusal(result: Mapping[str, Any], config: LdapDirectory) -> DirectoryFailed:
    """Why the directory's account is not let in."""
    said = _said(result)
    if result["result"] in _BUSY:
        return Unreachable(
            f"The server at {config.url} takes no work at the moment ({said}); the next run tries again."
        )
    if result["result"] in _NEEDS_PROTECTION:
        return LogonRefused(
            f"The server at {config.url} takes passwords only over TLS ({said}); use ldaps:// or start_tls."
        )
    if result["result"] == _INVALID_CREDENTIALS:
        reasons = [reason for code, reason in _REASONS.items() if code in result["message"]]
        return LogonRefused(
            f"{config.bind_dn!r} cannot log on: {reasons[0] if reasons else 'name or password is wrong'}. "
            f"Correct bind_dn, the secret {config.secret_name!r}, or the account."
        )
    return LogonRefused(f"{config.bind_dn!r} cannot log on ({said}); correct bind_dn, or see to the account there.")


def read_refusal(result: Mapping[str, Any], config: LdapDirectory, base: str) -> DirectoryFailed:
    """Why a search ended with any result but success."""
    said, code = _said(result), result["result"]
    if code in _LIMITS:
        return IncompleteReading(
            f"The server ended its answer at a limit of its own ({said}); "
            f"let {config.bind_dn!r} read without a limit, in pages."
        )
    if code == _REFERRAL:
        return IncompleteReading(
            f"The server refers to another one for {base!r}; put that one into url, or correct base_dn."
        )
    if code == _NO_SUCH_OBJECT:
        return ReadRefused(f"{config.bind_dn!r} sees no {base!r} there; correct base_dn, or let the account read it.")
    if code == INSUFFICIENT_ACCESS_RIGHTS:
        return ReadRefused(f"{config.bind_dn!r} may not read {base!r} ({said}); give it the right to.")
    if code == _INVALID_NAME:
        return Misconfigured(f"The server takes {base!r} for no distinguished name ({said}); correct base_dn.")
    if code in _BUSY:
        return Unreachable(
            f"The server at {config.url} takes no work at the moment ({said}); the next run tries again."
        )
    return IncompleteReading(f"The server did not answer a search below {base!r} to its end ({said}); see to its log.")


def _said(result: Mapping[str, Any]) -> str:
    # Active Directory ends its message with a NUL.
    message = " ".join(str(result["message"]).replace("\0", " ").split())
    return f"{result['result']} {result['description']}{': ' * bool(message)}{message[:_LONGEST_QUOTE]}"
