"""Normalises an address that is not plain, by the rules that ``address`` names, with the help of a full validator."""

import unicodedata

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailSyntaxError, validate_email

from addresses.errors import InvalidAddress
from addresses.octets import ADDRESS_OCTETS, LOCAL_PART_OCTETS

_SHOWN = 80
_REASON = 200

# Names that are not in the public DNS (``corp.local``, ``mail.test``) are common in directories, so they are addresses
# here. This list is the validator's own switch for them, and it has no other.
SPECIAL_USE_DOMAIN_NAMES.clear()

_LOOK_ALIKE = {"ARMENIAN", "CHEROKEE", "CYRILLIC", "GREEK", "LATIN"}


def normalised(text: str) -> str:
    """The address that the text spells.

    Raises:
        InvalidAddress: the text is not one address.
    """
    try:
        return _normalised(text)
    except EmailSyntaxError as refusal:
        raise InvalidAddress(f"{_shown(text)} is not an address: {_reason(refusal)}") from refusal


def normalised_domain(text: str) -> str:
    """The domain that the text spells.

    Raises:
        InvalidAddress: the text is not a domain that an address can have.
    """
    try:
        return _normalised(f"a@{text}").rpartition("@")[2]
    except EmailSyntaxError as refusal:
        raise InvalidAddress(f"{_shown(text)} is not a domain: {_reason(refusal)}") from refusal


def _normalised(text: str) -> str:
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
    return address


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
