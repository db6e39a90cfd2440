"""Who is asking: the claims of the JWT that API Gateway has verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from addresses.address import Address, parse
from addresses.errors import InvalidAddress, NoIdentity, NotAnAdministrator

ADDRESS_ADMINS = "address-admins"
DELEGATION_ADMINS = "delegation-admins"


@dataclass(frozen=True)
class Caller:
    """A person, by the address that they logged on with, and the groups that the issuer puts them in."""

    address: Address
    groups: frozenset[str]

    def require(self, group: str) -> None:
        """Raise ``NotAnAdministrator`` unless the caller is in the group."""
        if group not in self.groups:
            raise NotAnAdministrator(f"This needs the group {group}; {self.address} is not in it.")


def caller(claims: Mapping[str, Any], *, own_pool: bool = False) -> Caller:
    """The caller that an ID token's claims name.

    ``own_pool`` is whether the tokens are of the stack's own user pool, where administrators alone write addresses.

    Raises:
        NoIdentity: there is no usable ``email`` claim, or the issuer says that nobody has verified it.
    """
    email = claims.get("email")
    if not isinstance(email, str) or not email:
        raise NoIdentity("The token has no email claim. Send the ID token, not the access token.")
    # An issuer says so of an address that its bearer merely typed in, and in other user pools people may do so. In the
    # stack's own they cannot, and whether an administrator ticked the address as verified says nothing.
    believed = own_pool and "cognito:username" in claims
    if not believed and str(claims.get("email_verified")).lower() == "false":
        raise NoIdentity(f"The issuer has not verified that {email} is yours. Verify it there, then log on again.")
    try:
        address = parse(email)
    except InvalidAddress as refusal:
        raise NoIdentity(f"The token's email claim cannot be used: {refusal}") from refusal
    return Caller(address, _groups(claims.get("cognito:groups", claims.get("groups", ()))))


def _groups(claim: object) -> frozenset[str]:
    """API Gateway hands a list claim over as ``[a b]``; other authorizers as a list, or as ``a,b``."""
    if isinstance(claim, str):
        # One pair of brackets: what is within another pair is a group that somebody named so.
        listed = claim[1:-1] if claim.startswith("[") and claim.endswith("]") else claim
        return frozenset(listed.replace(",", " ").split())
    return frozenset(map(str, claim)) if isinstance(claim, list | tuple) else frozenset()
