"""A bulk load: an archive kept elsewhere, put under ``import/`` of the mail bucket, and what became of its messages."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

LoadName = NewType("LoadName", str)


class LoadOutcome(StrEnum):
    """What became of a message: ``nobody`` is kept but names no internal address, ``ignored`` is no message at all."""

    FILED = "filed"
    ALREADY = "already"
    NOBODY = "nobody"
    IGNORED = "ignored"
    FAILED = "failed"


# What somebody may want to look at; the others are counted, and listed with all.
LISTED = frozenset([LoadOutcome.NOBODY, LoadOutcome.IGNORED, LoadOutcome.FAILED])


@dataclass(frozen=True)
class LoadResult:
    """What became of the message at this position: an object's key, and within a container its number there.

    ``name`` is the file that holds it in the container. ``archives`` is how many personal archives have it. ``because``
    says what is wrong with it, if anything is.
    """

    position: str
    outcome: LoadOutcome
    because: str = ""
    name: str = ""
    digest: str | None = None
    archives: int = 0


class ContainerStatus(StrEnum):
    """How far a container has been read: ``failed`` is damaged, and what could be read of it is filed."""

    READING = "reading"
    READ = "read"
    FAILED = "failed"


@dataclass(frozen=True)
class Container:
    """An object of a load that holds many messages: an mbox, or an archive of files. ``messages`` were read so far."""

    key: str
    status: ContainerStatus
    messages: int = 0
    because: str = ""
