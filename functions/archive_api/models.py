"""Answers of the API for mail users."""

from typing import Self

from pydantic import BaseModel, Field

from addresses.archive import Message
from addresses.times import of_epoch
from archive_api.delegated import Delegated
from archive_api.listing import Listed


class DelegatedArchive(BaseModel):
    """An archive that was delegated to the caller, by its primary or, of one address alone, by that; until when."""

    address: str
    expires_at: str | None

    @classmethod
    def of(cls, archive: Delegated) -> Self:
        """The answer that shows this archive."""
        expires = archive.expires_at
        return cls(address=archive.address, expires_at=None if expires is None else of_epoch(expires))


class Me(BaseModel):
    """The caller's mailbox, and whose archives they may open besides."""

    primary: str
    name: str
    aliases: list[str]
    archives: list[DelegatedArchive]


class ListedMessage(BaseModel):
    """A line of the archive. ``via``: the caller's addresses that have it. ``to`` may be cut short for long lists."""

    id: str
    received_at: str
    direction: str
    sender: str = Field(serialization_alias="from")
    to: list[str]
    subject: str
    size: int
    via: list[str]

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """The line for this message."""
        entry = listed.entry
        return cls(
            id=entry.digest,
            received_at=entry.received_at,
            direction=listed.direction,
            sender=entry.sender,
            to=list(entry.to),
            subject=entry.subject,
            size=entry.size,
            via=list(listed.via),
        )


class ArchivePage(BaseModel):
    """A page of the archive, newest first; ``next`` continues it."""

    messages: list[ListedMessage]
    next: str | None


class OpenedMessage(ListedMessage):
    """A message's header as far as it is shown; ``unparsed`` says why when it could not be read.

    The envelope's recipients are not shown: they would tell who was on Bcc.
    """

    message_id: str
    date: str
    unparsed: str | None

    @classmethod
    def opened(cls, message: Message, listed: Listed) -> Self:
        """The message, as the caller sees it."""
        line = ListedMessage.of(listed).model_dump()
        full = {"to": list(message.to), "sender": message.sender, "subject": message.subject}
        own = {"message_id": message.message_id, "date": message.date, "unparsed": message.unparsed}
        return cls(**line | full | own)


class RawMessage(BaseModel):
    """Where the message can be fetched as it came, for a few minutes."""

    url: str
