"""An address, and the one normalisation under which two spellings are the same address.

The rules, in the order in which they are applied:

* the text is the address and nothing else: no display name, no blanks around it, no character that cannot be seen;
* the domain is lower-cased and written in A-labels (IDNA 2008 with UTS 46 mapping), so that both spellings of an
  internationalised domain give one key. Refused are labels that mix alphabets whose letters look alike, labels that
  break the bidi rule (RFC 5893), and IP addresses, bare or in brackets: they are no domains here;
* a quoted local part loses its quotes when it needs none (RFC 5321 section 4.1.2) and keeps them when it does; then it
  is brought to NFC (RFC 6532) and lower-cased, inside quotes too. RFC 5321 lets a host tell case apart; none that
  people write to does. It is lower-cased, not case-folded: folding makes ``strauß`` and ``strauss`` one person. The two
  small sigmas, which no capital tells apart, are one;
* dots and tags (``a.b``, ``a+news``) tell addresses apart. Where a domain says otherwise, see ``Settings``;
* at most 64 octets before the ``@`` and 254 in all (RFC 5321 section 4.5.3.1), counted in UTF-8 after all the above,
  and no more than 254 as it was written.
"""

import re
from functools import cache
from types import ModuleType
from typing import NewType

from addresses.errors import InvalidAddress
from addresses.octets import ADDRESS_OCTETS, LOCAL_PART_OCTETS

Address = NewType("Address", str)

# What nearly every address is, decided without the full validator. A label with "--" in third place may be an A-label
# that decodes to nonsense, so it goes the long way.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]++"
_LABEL = r"(?![A-Za-z0-9-]{2}--)(?=[^.]{1,63}\.)[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+"
_TOP = r"[A-Za-z][A-Za-z0-9]{0,62}+"
_PLAIN = re.compile(rf"(?=[^@]{{1,{LOCAL_PART_OCTETS}}}@){_ATOM}(?:\.{_ATOM})*+@(?:{_LABEL}\.)++{_TOP}")


def parse(text: str) -> Address:
    """The address that the text spells, normalised.

    Raises:
        InvalidAddress: the text is not one address; the message says why, and is safe to print and to log.
    """
    if len(text) <= ADDRESS_OCTETS and _PLAIN.fullmatch(text):
        return Address(text.lower())
    return Address(_in_full().normalised(text))


def parse_if_any(text: str) -> Address | None:
    """The address that the text spells; None if it is none."""
    try:
        return parse(text)
    except InvalidAddress:
        return None


def domain_of(address: Address) -> str:
    """The address's domain, in A-labels."""
    return address.rpartition("@")[2]


def parse_domain(text: str) -> str:
    """The domain that the text spells, in the form that ``domain_of`` gives.

    Raises:
        InvalidAddress: the text is not a domain that an address can have; the message says why.
    """
    if len(text) <= ADDRESS_OCTETS - len("a@") and _PLAIN.fullmatch(f"a@{text}"):
        return text.lower()
    return str(_in_full().normalised_domain(text))


def without_tag(address: Address, delimiter: str) -> Address:
    """The address that sub-addressing (RFC 5233) makes this one a spelling of: ``alice+x@`` is ``alice@``.

    An address that would lose all of its local part, or be none without the tag, has no tag; nor has a quoted one.
    """
    local, _, domain = address.rpartition("@")
    user = local.partition(delimiter)[0]
    if not user or user.startswith('"') or user.endswith("."):
        return address
    return Address(f"{user}@{domain}")


@cache
def _in_full() -> ModuleType:
    """The long way; most functions never go it, and to load it takes a fifteenth of a cold start."""
    from addresses import address_in_full  # noqa: PLC0415

    return address_in_full
