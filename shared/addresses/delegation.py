"""A delegation: one mailbox may read the archive of another, or of one address. Granted, and ended, by administrators.

It hangs on mailboxes and not on primaries, so it survives renames. What may be read by it is decided anew with every
request (``archive_api.delegated``). Pure.
"""

from dataclasses import dataclass
from datetime import datetime

from addresses.address import Address
from addresses.mailbox import MailboxId
from addresses.times import epoch


@dataclass(frozen=True)
class Target:
    """Whose archive it is: that of a whole mailbox or, with ``address``, of that address alone.

    Of one address, ``mailbox`` is whose it was when it was delegated; None if nobody's. When the address is somebody
    else's, the delegation gives nothing: it was granted for what belonged to the one, not to the other.
    """

    mailbox: MailboxId | None
    address: Address | None = None


@dataclass(frozen=True)
class Delegation:
    """``delegate`` is the mailbox that reads; ``granted_by`` the administrator, ``granted_at`` when, ``reason`` why.

    ``expires_at`` is a moment (seconds since 1970), from which on it gives nothing; None if it lasts. One that was
    ended is kept with who did it and when, until it would have expired: somebody may ask who could read what.
    """

    target: Target
    delegate: MailboxId
    granted_by: Address
    granted_at: str
    reason: str = ""
    expires_at: int | None = None
    ended_by: Address | None = None
    ended_at: str | None = None

    def holds_at(self, now: datetime) -> bool:
        """Whether it gives anything at that moment."""
        return self.ended_at is None and (self.expires_at is None or epoch(now) < self.expires_at)
