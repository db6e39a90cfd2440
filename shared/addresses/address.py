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
import unicodedata
from typing import NewType

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailSyntaxError, validate_email

from addresses.errors import InvalidAddress

Address = NewType("Address", str)

LOCAL_PART_OCTETS = 64
ADDRESS_OCTETS = 254
_SHOWN = 80
_REASON = 200

# Names that are not in the public DNS (``corp.local``, ``mail.test``) are common in directories, so they are addresses
# here. This list is the validator's own switch for them, and it has no other.
SPECIAL_USE_DOMAIN_NAMES.clear()

_LOOK_ALIKE = {"ARMENIAN", "CHEROKEE", "CYRILLIC", "GREEK", "LATIN"}

# What nearly every address is, decided without the full validator. A label with "--" in third place may be an A-label
# that decodes to nonsense, so it goes the long way.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"(?![A-Za-z0-9-]{2}--)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = r"[A-Za-z](?:[A-Za-z0-9]{0,62})"
_PLAIN = re.compile(rf"(?=[^@]{{1,{LOCAL_PART_OCTETS}}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP}")


def parse(text: str) -> Address:
    """The address that the text spells, normalised.

    Raises:
        InvalidAddress: the text is not one address; the message says why, and is safe to print and to log.
    """
    if len(text) <= ADDRESS_OCTETS and _PLAIN.fullmatch(text):
        return Address(text.lower())
    try:
        return _normalised(text)
    except EmailSyntaxError as refusal:
        raise InvalidAddress(f"{_shown(text)} is not an address: {_reason(refusal)}") from refusal


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
    try:
        return domain_of(_normalised(f"a@{text}"))
    except EmailSyntaxError as refusal:
        raise InvalidAddress(f"{_shown(text)} is not a domain: {_reason(refusal)}") from refusal


def without_tag(address: Address, delimiter: str) -> Address:
    """The address that sub-addressing (RFC 5233) makes this one a spelling of: ``alice+x@`` is ``alice@``.

    An address that would lose all of its local part, or be none without the tag, has no tag; nor has a quoted one.
    """
    local, _, domain = address.rpartition("@")
    user = local.partition(delimiter)[0]
    if not user or user.startswith('"') or user.endswith("."):
        return address
    return Address(f"{user}@{domain}")


def _normalised(text: str) -> Address:
    if len(text) > ADDRESS_OCTETS:
        raise EmailSyntaxError(f"It is longer than {ADDRESS_OCTETS} characters.")
    try:
        # Composed first: a letter that is written in two characters is allowed, or not, as the letter that it is.
        composed = unicodedata.normalize("NFC", text)
        valid = validate_email(
            composed, check_deliverability=False, allow_quoted_local=True, globally_deliverable=False
        )
    except OverflowError as damage:
        # Python's Punycode puts a letter where an A-label says, be it beyond all text that there can be.
        raise EmailSyntaxError("The part after the @-sign has a label that decodes to nothing.") from damage
    _require_domain(valid.domain)
    lower = valid.local_part.lower().replace("\N{GREEK SMALL LETTER FINAL SIGMA}", "\N{GREEK SMALL LETTER SIGMA}")
    local = unicodedata.normalize("NFC", lower)
    address = f"{local}@{valid.ascii_domain}"
    if len(local.encode()) > LOCAL_PART_OCTETS:
        raise EmailSyntaxError(f"It has more than {LOCAL_PART_OCTETS} octets before the @-sign.")
    if len(address.encode()) > ADDRESS_OCTETS:
        raise EmailSyntaxError(f"It has more than {ADDRESS_OCTETS} octets.")
    return Address(address)


def _require_domain(domain: str) -> None:
    """Refuse what the validator takes for a domain and people would take for another one."""
    labels = domain.split(".")
    if labels[-1].isdecimal():
        # RFC 1123 section 2.1: the last label is what tells a host's name from an IP address.
        raise EmailSyntaxError("The part after the @-sign is a number or an IP address. Name the host.")
    for label in labels:
        mixed = {unicodedata.name(letter, "").partition(" ")[0] for letter in label} & _LOOK_ALIKE
        if len(mixed) > 1:
            alphabets = " and ".join(each.title() for each in sorted(mixed))
            raise EmailSyntaxError(f"A part of the domain mixes {alphabets} letters, so it is not what it looks like.")


def _shown(text: str) -> str:
    """The text as a message may quote it: short, and with nothing in it that moves a cursor."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _reason(refusal: EmailSyntaxError) -> str:
    """The validator's reason, which may list every character of the text."""
    reason = str(refusal)
    return reason if len(reason) <= _REASON else f"{reason[:_REASON]}..."
