"""Bodies and answers of the API for administrators."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from addresses.api import BodyAddress
from addresses.mailbox import Mailbox
from addresses.text import one_line


class OpenMailbox(BaseModel):
    """``from`` names the primary whose alias this address is until now."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, StringConstraints(max_length=256), AfterValidator(one_line)] | None = None
    holder: BodyAddress | None = Field(None, alias="from")


class LinkAlias(BaseModel):
    """``from`` names the primary that the alias is linked to until now."""

    model_config = ConfigDict(extra="forbid")
    holder: BodyAddress | None = Field(None, alias="from")


class LinkAliases(BaseModel):
    """Aliases to link at once: all of them, or none."""

    model_config = ConfigDict(extra="forbid")
    aliases: list[BodyAddress] = Field(min_length=1, max_length=90)


class PromoteAlias(BaseModel):
    """The alias that becomes the primary."""

    model_config = ConfigDict(extra="forbid")
    address: BodyAddress


class AliasAnswer(BaseModel):
    """An alias, who linked it, and since when."""

    address: str
    source: str
    since: str


class MailboxAnswer(BaseModel):
    """A mailbox as administrators see it."""

    id: str
    primary: str
    name: str
    status: str
    source: str
    directory: str | None
    aliases: list[AliasAnswer]

    @classmethod
    def of(cls, mailbox: Mailbox) -> Self:
        """The answer that shows this mailbox."""
        return cls(
            id=mailbox.id,
            primary=mailbox.primary,
            name=mailbox.profile.name,
            status=mailbox.status,
            source=mailbox.source,
            directory=mailbox.profile.directory,
            aliases=[
                AliasAnswer(address=alias, source=how.source, since=how.since)
                for alias, how in sorted(mailbox.aliases.items())
            ],
        )


class MailboxPage(BaseModel):
    """A page of open mailboxes in the order of their primaries; ``next`` continues it."""

    mailboxes: list[MailboxAnswer]
    next: str | None


class PeriodAnswer(BaseModel):
    """A time during which the address belonged to the mailbox of this primary; ``until`` is null while it lasts."""

    primary: str
    since: str = Field(serialization_alias="from")
    until: str | None
    source: str
    run: str


class AddressAnswer(BaseModel):
    """Whose an address is, or was at the time asked for, and its whole history."""

    address: str
    kind: Literal["primary", "alias", "unlinked"]
    primary: str | None
    source: str | None
    since: str | None
    history: list[PeriodAnswer]


class UnlinkedAddress(BaseModel):
    """An address that is known and belongs to no open mailbox."""

    address: str
    kind: Literal["unlinked"] = "unlinked"


class AddressPage(BaseModel):
    """A page of unlinked addresses in order; ``next`` continues it."""

    addresses: list[UnlinkedAddress]
    next: str | None
