"""What Exchange keeps in proxyAddresses, in Active Directory as in Entra: addresses of several types in one list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_TYPED = re.compile(r"([A-Za-z][A-Za-z0-9.-]*):(.*)", re.DOTALL)


@dataclass(frozen=True)
class ProxyAddresses:
    """The mail addresses without their prefix, and the types of the other values, one for each."""

    primaries: tuple[str, ...]
    aliases: tuple[str, ...]
    others: tuple[str, ...]


def proxy_addresses(values: Iterable[str]) -> ProxyAddresses:
    """The values by their types; blanks around them, and values that are nothing but blanks, mean nothing.

    The prefix is the type, and in capitals it marks the primary of that type ([MS-ADA3], proxyAddresses). A value
    without one is a mail address. Graph's own documentation has a value with a blank after the prefix.
    """
    primaries: list[str] = []
    aliases: list[str] = []
    others: list[str] = []
    for value in values:
        typed = _TYPED.fullmatch(value.strip())
        kind, address = (typed[1], typed[2].strip()) if typed else ("smtp", value.strip())
        if kind.lower() != "smtp":
            others.append(kind.lower())
        elif address:
            (primaries if kind == "SMTP" else aliases).append(address)
    return ProxyAddresses(tuple(primaries), tuple(aliases), tuple(others))
