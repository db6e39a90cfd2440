"""What the archive keeps of mail: a message once, and an entry in the personal archive of every address it reached.

Nothing here knows of mailboxes: mail is filed by address, and linking never touches it.
"""

from dataclasses import dataclass
from enum import StrEnum

from addresses.address import Address


class Direction(StrEnum):
    """Which way the message went, as the owner of the personal archive sees it."""

    RECEIVED = "received"
    SENT = "sent"


@dataclass(frozen=True)
class RawObject:
    """Where the message lies as it came, byte for byte: one version of one S3 object."""

    bucket: str
    key: str
    version: str | None


@dataclass(frozen=True)
class Envelope:
    """Who the transport says the message is from and for (RFC 5321), which its header may contradict.

    ``on_behalf_of`` is whose name the sender wrote in, as far as a journal report tells.
    """

    sender: str
    recipients: tuple[str, ...]
    on_behalf_of: str = ""

    @property
    def senders(self) -> tuple[str, ...]:
        """Who sent it, and on whose behalf."""
        return (self.sender, self.on_behalf_of) if self.on_behalf_of else (self.sender,)


@dataclass(frozen=True)
class Verdicts:
    """What the server that took the message found, each as SES says it: PASS, FAIL, GRAY, PROCESSING_FAILED, DISABLED.

    ``spf``, ``dkim`` and ``dmarc`` are about who sent it, and None where that is another message than the one that is
    kept; ``spam`` and ``virus`` are about what is in it.
    """

    spf: str | None
    dkim: str | None
    dmarc: str | None
    spam: str | None
    virus: str | None


@dataclass(frozen=True)
class Message:
    """A message, known by its digest, whichever way and however often it came.

    ``received_at`` is when its first processed copy was stored, in UTC and whole seconds
    (``2026-03-01T09:30:00Z``): S3's own time for the object, so that every redelivery of an event says the same.
    """

    digest: str
    received_at: str
    raw: RawObject
    size: int
    sender: str
    to: tuple[str, ...]
    subject: str
    message_id: str
    date: str
    envelope: Envelope | None = None
    verdicts: Verdicts | None = None
    unparsed: str | None = None


@dataclass(frozen=True)
class Entry:
    """A line of one address's personal archive: what a list shows of a message, under 1 KB as stored."""

    address: Address
    received_at: str
    digest: str
    direction: Direction
    sender: str
    to: tuple[str, ...]
    subject: str
    size: int

    @property
    def position(self) -> str:
        """Where the entry stands in every archive that has it: by time, then by digest."""
        return f"{self.received_at}#{self.digest}"
