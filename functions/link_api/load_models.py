"""Answers of the API about bulk loads."""

from typing import Self

from pydantic import BaseModel

from addresses.load import Container, ContainerStatus, LoadOutcome, LoadResult


class LoadListed(BaseModel):
    """A load: the first folder under ``import/``, or a file there; and when its first object came."""

    name: str
    begun_at: str


class LoadPage(BaseModel):
    """A page of loads, the newest first; ``next`` continues it."""

    loads: list[LoadListed]
    next: str | None


class ContainerAnswer(BaseModel):
    """An mbox, a .zip or a .tar of the load: how many messages were read so far, and why no more if it is damaged."""

    key: str
    status: ContainerStatus
    messages: int
    because: str

    @classmethod
    def of(cls, container: Container) -> Self:
        """The answer that shows this container."""
        return cls(key=container.key, status=container.status, messages=container.messages, because=container.because)


class MessageResult(BaseModel):
    """What became of a message, which is ``name`` in a container; ``id`` is its digest, by which archives know it.

    ``archives`` is how many personal archives have it; ``because`` what is wrong with it, if anything is.
    """

    message: str
    name: str
    outcome: LoadOutcome
    because: str
    id: str | None
    archives: int

    @classmethod
    def of(cls, result: LoadResult) -> Self:
        """The answer that shows this result."""
        return cls(
            message=result.position,
            name=result.name,
            outcome=result.outcome,
            because=result.because,
            id=result.digest,
            archives=result.archives,
        )


class LoadAnswer(LoadListed):
    """How far a load has come: its messages by outcome, its containers, a page of results; ``next`` continues it."""

    counts: dict[LoadOutcome, int]
    containers: list[ContainerAnswer]
    messages: list[MessageResult]
    next: str | None
