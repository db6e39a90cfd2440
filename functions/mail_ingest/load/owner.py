"""Whose mailbox an object of a load was, as its path says, and when a message in it was received. Pure."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from addresses import times
from addresses.address import Address
from addresses.archive import Envelope
from addresses.load import LoadName
from addresses.settings import Settings
from mail_ingest.header import Header

IMPORT_PREFIX = "import/"
_FILE_KINDS = re.compile(r"(?:\.(?:mbox|zip|tar|tgz|gz|bz2|xz))+$", re.IGNORECASE)


def load_of(key: str) -> LoadName:
    """The load that an object belongs to: the first folder under ``import/``, or the file itself."""
    return LoadName(key.removeprefix(IMPORT_PREFIX).partition("/")[0])


def owner_of(path: str, settings: Settings) -> Address | None:
    """The internal address that the innermost folder of a path is named after, or a file without its ending."""
    for name in reversed(path.split("/")):
        for text in dict.fromkeys((name, _FILE_KINDS.sub("", name))):
            address = settings.filed_as_named(text)
            if address and settings.is_internal(address):
                return address
    return None


def envelope_of(owner: Address, header: Header, settings: Settings) -> Envelope:
    """What delivered a message to its owner's mailbox, or what the owner sent from it.

    A message lies there for one of the two reasons, whatever its header says: it may have come by Bcc, or by a list.
    """
    named = {settings.filed_as_named(text) for text in (*header.to, *header.bcc)}
    if settings.filed_as_named(header.sender) == owner and owner not in named:
        return Envelope(owner, ())
    return Envelope("", (owner,))


def received_when(header: Header, stored_at: str) -> str:
    """When the message came, by the topmost Received or by Date; when the object was stored, if neither can be true."""
    for text in (header.received.rpartition(";")[2], header.date):
        with suppress(ValueError, TypeError, OverflowError, IndexError):
            at = parsedate_to_datetime(text.strip())
            told = times.second(at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC))
            if times.second(datetime(1970, 1, 2, tzinfo=UTC)) <= told <= stored_at:
                return told
    return stored_at
