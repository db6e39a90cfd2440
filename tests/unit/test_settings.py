"""What an administrator may set, and what follows from it for an address."""

from typing import Any

import pytest
from pydantic import ValidationError

from addresses.address import Address
from addresses.errors import ExternalDomain
from addresses.items import settings_from, settings_item
from addresses.settings import ArchiveHistory, Settings
from tests.people import ALICE

SETTINGS = Settings(
    internal_domains=["example.com", "b\u00fccher.example"],
    archive_history=ArchiveHistory.SINCE_LINKED,
    subaddress_delimiter={"Example.COM": "+"},
)


def test_domains_are_kept_as_addresses_have_them_and_each_once() -> None:
    """Both forms of an internationalised domain are one."""
    texts = ["Example.COM", "b\u00fccher.example", "example.com", "xn--bcher-kva.example"]
    settings = Settings(internal_domains=texts, subaddress_delimiter={"B\u00dcCHER.example": "-"})
    assert ["example.com", "xn--bcher-kva.example"] == settings.internal_domains
    assert {"xn--bcher-kva.example": "-"} == settings.subaddress_delimiter


def test_settings_come_back_from_the_table_as_they_were() -> None:
    """And before anybody has set any, no domain is internal and the archive follows the address."""
    assert SETTINGS == settings_from(settings_item(SETTINGS))
    assert Settings(internal_domains=[], archive_history=ArchiveHistory.WHOLE) == settings_from(None)


def test_a_journal_source_is_an_address_a_domain_or_a_network() -> None:
    """Each in its normal form; one host is a network too."""
    given = ["Reports@Exchange.example", "B\u00dcCHER.example", "198.51.100.0/24", "198.51.100.7", "2001:DB8::/32"]

    expected = [
        "reports@exchange.example",
        "xn--bcher-kva.example",
        "198.51.100.0/24",
        "198.51.100.7/32",
        "2001:db8::/32",
    ]
    assert expected == Settings(journal_sources=given).journal_sources


@pytest.mark.parametrize(
    ("given", "because"),
    [
        ({"internal_domain": ["example.com"]}, "Extra inputs are not permitted"),
        ({"internal_domains": "example.com"}, "valid list"),
        ({"internal_domains": [7]}, "valid string"),
        ({"internal_domains": None}, "valid list"),
        ({"internal_domains": ["alice@example.com"]}, "'alice@example.com' is not a domain"),
        ({"internal_domains": ["*.example.com"]}, r"'\*.example.com' is not a domain"),
        ({"internal_domains": ["192.0.2.1"]}, "Name the host"),
        ({"internal_domains": [f"d{number}.example" for number in range(1001)]}, "at most 1000"),
        ({"archive_history": "since"}, "'whole' or 'since_linked'"),
        ({"subaddress_delimiter": {"example.com": "+"}}, "example.com, not in internal_domains"),
        ({"internal_domains": ["example.com"], "subaddress_delimiter": {"example.com": "++"}}, "pattern"),
        ({"internal_domains": ["example.com"], "subaddress_delimiter": {"example.com": ""}}, "pattern"),
        ({"internal_domains": ["example.com"], "subaddress_delimiter": {"example.com": "a"}}, "pattern"),
        ({"internal_domains": ["example.com"], "subaddress_delimiter": {"example.com": "+\n"}}, "pattern"),
        ({"internal_domains": ["example.com"], "subaddress_delimiter": {"x y": "+"}}, "'x y' is not a domain"),
        ({"journal_addresses": ["journal"]}, "'journal' is not an address"),
        (
            {"journal_addresses": ["journal@example.org"]},
            "whose domain is not in internal_domains",
        ),
        ({"journal_sources": ["x@y@z"]}, "'x@y@z' is not an address"),
        ({"journal_sources": ["198.51.100.7/24"]}, "'198.51.100.7/24' is not a domain"),
    ],
)
def test_what_cannot_be_set_is_refused_with_its_reason(given: dict[str, Any], because: str) -> None:
    """A misspelt setting is an error, not a default."""
    with pytest.raises(ValidationError, match=because):
        Settings.model_validate(given)


@pytest.mark.parametrize(
    ("address", "internal"),
    [
        ("alice@example.com", True),
        ("alice@xn--bcher-kva.example", True),
        ("alice@sub.example.com", False),
        ("alice@notexample.com", False),
        ('"alice@example.com"@example.org', False),
    ],
)
def test_an_address_is_internal_only_by_the_whole_of_its_domain(address: str, *, internal: bool) -> None:
    """A subdomain is another domain, and an @ inside quotes makes none."""
    assert internal == SETTINGS.is_internal(Address(address))


def test_an_external_address_is_refused_with_the_way_in() -> None:
    """The message names the domains there are, and where one is added."""
    SETTINGS.require_internal(ALICE)
    with pytest.raises(ExternalDomain, match=r"\(example.com, xn--bcher-kva.example\).*add it to internal_domains"):
        SETTINGS.require_internal(Address("alice@example.org"))
    with pytest.raises(ExternalDomain, match="none is set"):
        Settings().require_internal(ALICE)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("alice+news@example.com", "alice@example.com"),
        ("alice-news@example.com", "alice-news@example.com"),
        ("alice+news@xn--bcher-kva.example", "alice+news@xn--bcher-kva.example"),
        ("alice+news@example.org", "alice+news@example.org"),
    ],
)
def test_a_tag_is_left_out_only_where_the_domain_says_what_begins_one(address: str, expected: str) -> None:
    """Nowhere else is a plus more than a letter."""
    assert expected == SETTINGS.filed_as(Address(address))
