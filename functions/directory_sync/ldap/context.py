"""Naming contexts: the trees of a server, each of which counts its changes by itself, and their cursors."""

from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256

import ldap3
from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.dn import parse_dn

from directory_sync.errors import Misconfigured
from directory_sync.ldap.session import Session
from directory_sync.reader import Resync

_CHECKSUM = 12


@dataclass(frozen=True, slots=True)
class Cursor:
    """A server's cookie of a kind, with the naming context that it counts in."""

    kind: str
    context: str
    cookie: bytes

    def __str__(self) -> str:
        """The cursor as it is kept, with a checksum: a server takes some damaged cookies for good ones."""
        kept = f"{b64encode(self.cookie).decode()}:{self.context}"
        return f"{self.kind}:{sha256(kept.encode()).hexdigest()[:_CHECKSUM]}:{kept}"

    @classmethod
    def read(cls, text: str, kind: str, context: str) -> "Cursor":
        """The cursor that was kept.

        Raises:
            Resync: it is damaged, of another kind or of another naming context.
        """
        own, _, rest = text.partition(":")
        encoded, _, kept_context = rest.partition(":")[2].partition(":")
        if (own, kept_context) != (kind, context):
            raise Resync("the cursor is of another directory, or of another version of this program")
        try:
            cursor = cls(kind, context, b64decode(encoded, validate=True))
        # Not only binascii.Error: what is not ASCII is refused with its kind.
        except ValueError as damage:
            raise Resync("the cursor is damaged") from damage
        if str(cursor) != text:
            raise Resync("the cursor is damaged")
        return cursor


def naming_context(session: Session, base: str) -> str | None:
    """The naming context that ``base`` is in (RFC 4512, section 5.1), None where the server does not name its own.

    Raises:
        Misconfigured: ``base`` is no distinguished name, or in none of the server's contexts.
    """
    answer = session.search("", "(objectClass=*)", ["namingContexts"], scope=ldap3.BASE)
    # One that is not UTF-8 is not the one that ``base`` is in.
    named = (value for root in answer.found for value in root.values.get("namingcontexts", ()))
    contexts = [value.decode(errors="replace") for value in named]
    if not contexts:
        return None
    wanted = _parts(base)
    around = [context for context in contexts if wanted[len(wanted) - len(_parts(context)) :] == _parts(context)]
    if not around:
        below = ", ".join(map(repr, contexts))
        raise Misconfigured(f"The server has no {base!r}, only what is below {below}; correct base_dn.")
    return max(around, key=lambda context: len(_parts(context)))


def _parts(name: str) -> list[tuple[str, str]]:
    try:
        return [(attribute.lower(), value.strip().lower()) for attribute, value, _ in parse_dn(name)]
    except LDAPInvalidDnError as refusal:
        raise Misconfigured(f"{name!r} is no distinguished name (RFC 4514); correct base_dn.") from refusal
