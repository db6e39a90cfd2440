"""How OpenLDAP and its like keep an account's addresses."""

from uuid import UUID

from directory_sync.ldap.profile import Profile, first, texts
from directory_sync.ldap.session import Found
from directory_sync.reader import Entry

# The password policy's mark for "locked until an administrator unlocks it"; any other value is a lock that ends by
# itself (draft-behera-ldap-password-policy, section 5.3.3).
_LOCKED_FOR_GOOD = "000001010000Z"


def _understood(identity: str, found: Found) -> Entry:
    return Entry(
        id=identity,
        # Of several values of mail none is the first: attributes have no order (RFC 4512, section 2.2).
        primaries=tuple(texts(found, "mail")),
        aliases=(*texts(found, "mailAlternateAddress"), *texts(found, "mailLocalAddress")),
        name=first(found, "displayName", "cn"),
        enabled=_LOCKED_FOR_GOOD not in texts(found, "pwdAccountLockedTime"),
    )


OPENLDAP = Profile(
    identity="entryUUID",
    attributes=(
        *("entryUUID", "mail", "mailAlternateAddress", "mailLocalAddress"),
        *("displayName", "cn", "pwdAccountLockedTime"),
    ),
    accounts="(|(mail=*)(mailAlternateAddress=*)(mailLocalAddress=*))",
    id_of=lambda value: str(UUID(value.decode())),
    in_filter=lambda identity: str(UUID(identity)),
    understood=_understood,
)
