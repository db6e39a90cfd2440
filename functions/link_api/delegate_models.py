"""Bodies and answers of the API about delegations."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from addresses.address import Address
from addresses.api import Line
from addresses.delegation import Delegation
from addresses.times import of_epoch


class GrantDelegation(BaseModel):
    """``reason``: why, for whoever asks later. ``expires_at`` (RFC 3339): when it ends by itself; else it lasts."""

    model_config = ConfigDict(extra="forbid")
    reason: Line = Field("", max_length=500)
    expires_at: str | None = None


class DelegateAnswer(BaseModel):
    """Who may read an archive, who granted it, and until when; ``whole_mailbox`` is false for one address alone."""

    archive: str
    delegate: str
    whole_mailbox: bool
    reason: str
    granted_by: str
    granted_at: str
    expires_at: str | None

    @classmethod
    def of(cls, granted: Delegation, archive: Address, delegate: Address) -> Self:
        """The answer that shows this delegation; ``delegate`` is the primary of the mailbox that reads."""
        return cls(
            archive=archive,
            delegate=delegate,
            whole_mailbox=granted.target.address is None,
            reason=granted.reason,
            granted_by=granted.granted_by,
            granted_at=granted.granted_at,
            expires_at=None if granted.expires_at is None else of_epoch(granted.expires_at),
        )


class Delegates(BaseModel):
    """Everybody who may read an archive now."""

    delegates: list[DelegateAnswer]
