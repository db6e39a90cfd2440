"""What an administrator sets for the whole archive; kept in one item of the table."""

from contextlib import suppress
from enum import StrEnum
from ipaddress import ip_network
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from addresses.address import Address, domain_of, parse, parse_domain, parse_if_any, without_tag
from addresses.errors import ExternalDomain, InvalidAddress


def _domain(text: str) -> str:
    try:
        return parse_domain(text)
    except InvalidAddress as refusal:
        raise ValueError(str(refusal)) from refusal


def _each_once(texts: list[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _address(text: str) -> str:
    try:
        return parse(text)
    except InvalidAddress as refusal:
        raise ValueError(str(refusal)) from refusal


def _journal_source(text: str) -> str:
    """An address, a domain or an IP network in its normal form."""
    if "@" in text:
        return _address(text)
    with suppress(ValueError):
        return str(ip_network(text))
    return _domain(text)


Domain = Annotated[str, AfterValidator(_domain)]
JournalAddress = Annotated[str, AfterValidator(_address)]
JournalSource = Annotated[str, AfterValidator(_journal_source)]
Delimiter = Annotated[str, StringConstraints(pattern=r"^[+\-=_.]$")]


class ArchiveHistory(StrEnum):
    """How much of an alias's mail a mailbox sees."""

    WHOLE = "whole"
    SINCE_LINKED = "since_linked"


class Settings(BaseModel):
    """``internal_domains`` are the organisation's own: only their addresses are linked, and only their mail is filed.

    ``archive_history``: ``whole`` shows a mailbox all mail of its addresses; ``since_linked`` only what came in the
    mailbox's own tenures of each, so that whoever is given a leaver's address does not read the leaver's mail.
    ``subaddress_delimiter``: for each domain that delivers ``alice+x@`` to ``alice@``, the character between the two.

    ``journal_addresses``: where mail servers send journal reports and blind copies for the archive; what comes there is
    filed for whom it names, if it comes from ``journal_sources``. A source is the address that such reports are sent
    from, or its domain, either confirmed by SPF; or the IP network of the server that sends them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    internal_domains: Annotated[list[Domain], AfterValidator(_each_once)] = Field(default_factory=list, max_length=1000)
    archive_history: ArchiveHistory = ArchiveHistory.WHOLE
    subaddress_delimiter: dict[Domain, Delimiter] = Field(default_factory=dict)
    journal_addresses: Annotated[list[JournalAddress], AfterValidator(_each_once)] = Field(
        default_factory=list, max_length=100
    )
    journal_sources: Annotated[list[JournalSource], AfterValidator(_each_once)] = Field(
        default_factory=list, max_length=100
    )

    @model_validator(mode="after")
    def _delimits_only_internal_domains(self) -> Self:
        strangers = sorted(set(self.subaddress_delimiter) - set(self.internal_domains))
        if strangers:
            raise ValueError(f"subaddress_delimiter names {', '.join(strangers)}, not in internal_domains")
        return self

    @model_validator(mode="after")
    def _files_what_is_not_believed(self) -> Self:
        for address in self.journal_addresses:
            if domain_of(Address(address)) not in self.internal_domains:
                raise ValueError(
                    f"journal_addresses has {address}, whose domain is not in internal_domains; what comes there and "
                    "is not believed would be in nobody's archive"
                )
        return self

    def is_internal(self, address: Address) -> bool:
        """Whether the address is of one of the organisation's own domains."""
        return domain_of(address) in self.internal_domains

    def require_internal(self, address: Address) -> None:
        """Raise ``ExternalDomain`` for an address that may not be linked."""
        if not self.is_internal(address):
            raise ExternalDomain(
                f"{address} is outside the internal domains ({', '.join(self.internal_domains) or 'none is set'}). "
                f"If {domain_of(address)} is yours, add it to internal_domains with PUT /settings."
            )

    def filed_as(self, address: Address) -> Address:
        """The address whose personal archive takes mail for this one."""
        delimiter = self.subaddress_delimiter.get(domain_of(address))
        return without_tag(address, delimiter) if delimiter else address

    def filed_as_named(self, text: str) -> Address | None:
        """The same for an address as a message has it written; None if it is none."""
        address = parse_if_any(text)
        return self.filed_as(address) if address else None
