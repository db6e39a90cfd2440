"""Answers of the API for mail users."""

from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, Field

from addresses.archive import Message
from addresses.settings import Settings
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
    """A page of the archive, newest first; ``next`` continues it. One of a search may have few messages, or none."""

    messages: list[ListedMessage]
    next: str | None


class CheckVerdicts(BaseModel):
    """What the server that took the message found: who sent it (spf, dkim, dmarc), and what is in it (spam, virus)."""

    spf: str | None
    dkim: str | None
    dmarc: str | None
    spam: str | None
    virus: str | None


class OpenedMessage(ListedMessage):
    """A message's header as far as it is shown; ``unparsed`` says why when it could not be read.

    ``delivered_to`` are the envelope's recipients that the caller sees, as they were written, with their tags. The
    others are not shown: they would tell who was on Bcc.
    """

    message_id: str
    date: str
    delivered_to: list[str]
    verdicts: CheckVerdicts | None
    unparsed: str | None

    @classmethod
    def opened(cls, message: Message, listed: Listed, settings: Settings) -> Self:
        """The message, as the caller sees it."""
        line = ListedMessage.of(listed).model_dump()
        full = {"to": list(message.to), "sender": message.sender, "subject": message.subject}
        own = {"message_id": message.message_id, "date": message.date, "unparsed": message.unparsed}
        verdicts = CheckVerdicts(**asdict(message.verdicts)) if message.verdicts else None
        return cls(**line | full | own, delivered_to=_delivered_to(message, listed, settings), verdicts=verdicts)


def _delivered_to(message: Message, listed: Listed, settings: Settings) -> list[str]:
    recipients = message.envelope.recipients if message.envelope else ()
    return [each for each in recipients if settings.filed_as_named(each) in listed.via]


class RawMessage(BaseModel):
    """Where the message can be fetched as it came, for a few minutes."""

    url: str
