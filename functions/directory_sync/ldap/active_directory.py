"""How Active Directory, with Exchange or without, keeps an account's addresses."""

from uuid import UUID

from directory_sync.errors import IncompleteReading
from directory_sync.ldap.profile import Profile, first, texts
from directory_sync.ldap.session import Found
from directory_sync.proxy_addresses import proxy_addresses
from directory_sync.reader import Entry

_ACCOUNT_DISABLED = 0x2
# Exchange keeps the accounts of these mailboxes disabled, since nobody logs on to them: linked, shared, room and
# equipment, and the last three when they are in Exchange Online (msExchRecipientTypeDetails).
_DISABLED_BY_DESIGN = {
    *(1 << 1, 1 << 2, 1 << 4, 1 << 5),
    *(1 << 33, 1 << 34, 1 << 35),
}


def _understood(identity: str, found: Found) -> Entry:
    addresses = proxy_addresses(texts(found, "proxyAddresses"))
    return Entry(
        id=identity,
        primaries=addresses.primaries or tuple(texts(found, "mail")),
        aliases=addresses.aliases,
        name=first(found, "displayName", "name"),
        enabled=_enabled(found),
        others=addresses.others,
    )


def _enabled(found: Found) -> bool:
    disabled = _number(found, "userAccountControl") & _ACCOUNT_DISABLED
    return not disabled or _number(found, "msExchRecipientTypeDetails") in _DISABLED_BY_DESIGN


def _number(found: Found, attribute: str) -> int:
    written = first(found, attribute) or "0"
    try:
        return int(written)
    except ValueError as refusal:
        raise IncompleteReading(f"{attribute} of {found.dn!r} is {written!r}, which is no number.") from refusal


def _in_filter(identity: str) -> str:
    return "".join(f"\\{byte:02x}" for byte in UUID(identity).bytes_le)


ACTIVE_DIRECTORY = Profile(
    identity="objectGUID",
    attributes=(
        *("objectGUID", "userAccountControl", "mail", "proxyAddresses"),
        *("displayName", "name", "msExchRecipientTypeDetails"),
    ),
    # Computers are users by class too.
    accounts="(&(objectClass=user)(!(objectClass=computer)))",
    id_of=lambda value: str(UUID(bytes_le=value)),
    in_filter=_in_filter,
    understood=_understood,
)
