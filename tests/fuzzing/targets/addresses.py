"""Addresses: what is one is one in email-validator's eyes too, and its normal form is normal."""

from collections.abc import Iterator

from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from addresses.address import domain_of, parse, parse_domain, without_tag
from addresses.errors import InvalidAddress
from addresses.octets import ADDRESS_OCTETS, LOCAL_PART_OCTETS
from mail_ingest.address_list import is_address

# What is refused here and taken there, by the words of the refusal.
_STRICTER = ("longer than", "octets", "number or an IP address", "letters, so it is not")


def seeds() -> Iterator[bytes]:
    """Addresses of every kind, and what is nearly one."""
    yield from (b"Alice.Jones+News@Example.COM", b'"a b"@example.com', b'"alice"@example.com', b"a@[192.0.2.1]")
    for text in (
        "straße@bücher.example",
        "σας@παράδειγμα.example",
        "a@xn--bcher-kva.example",
        "\uff41@\uff45xample.com",
    ):
        yield text.encode()
    yield from (b"a..b@example.com", b"a@b@example.com", b"a@example.com.", b"a@-x.example", b'"\\"@"@example.com')
    yield from ("e\u0301@example.com".encode(), "\u0131@example.com".encode(), "a@p\u0430ypal.example".encode())
    yield from (b"a" * 64 + b"@example.com", b"a@" + b"b." * 120 + b"example", "a@אב1.example".encode())


def check(raw: bytes) -> None:
    """An address is taken or refused in words that are safe to print; a second normalisation changes nothing."""
    text = raw.decode(errors="surrogateescape")
    validated = _validated(text)
    try:
        address = parse(text)
    except InvalidAddress as refusal:
        assert str(refusal).isprintable()
        assert len(str(refusal)) < 800
        assert validated is None or any(words in str(refusal) for words in _STRICTER), str(refusal)
        return
    assert validated is not None
    assert address == parse(address)
    assert parse(validated.normalized) == address
    assert domain_of(address) == parse_domain(domain_of(address))
    local = address.rpartition("@")[0]
    assert len(local.encode()) <= LOCAL_PART_OCTETS
    assert len(address.encode()) <= ADDRESS_OCTETS
    assert address.isprintable()
    # Nor does it read as another one where mail has it in a list.
    assert is_address(address), address
    for delimiter in "+-_":
        tagless = without_tag(address, delimiter)
        assert tagless == parse(tagless) == without_tag(tagless, delimiter)


def _validated(text: str) -> ValidatedEmail | None:
    try:
        return validate_email(text, check_deliverability=False, allow_quoted_local=True, globally_deliverable=False)
    # It trips over a label that decodes to nothing.
    except (EmailNotValidError, OverflowError):
        return None
