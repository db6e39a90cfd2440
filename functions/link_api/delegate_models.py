"""Bodies and answers of the API about delegations."""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from addresses.address import Address
from addresses.delegation import Delegation
from addresses.text import one_line
from addresses.times import of_epoch


class GrantDelegation(BaseModel):
    """``reason``: why, for whoever asks later. ``expires_at`` (RFC 3339): when it ends by itself; else it lasts."""

    model_config = ConfigDict(extra="forbid")
    # Its length is what was sent, and not what is left of it on one line.
    reason: Annotated[str, StringConstraints(max_length=500), AfterValidator(one_line)] = ""
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
