"""Nobody sees what nobody gave them (I6): what a person was shown, against who had which address while they asked."""

from collections.abc import Iterable
from datetime import datetime

from addresses.address import Address
from addresses.mailbox import Mailbox
from tests.gateway import Answer
from tests.simulation.cloud import Violated
from tests.simulation.watching import Moment


def require_allowed(moments: Iterable[Moment], answer: Answer, who: Address, at: datetime) -> None:
    """Every address through which something was shown was theirs, or delegated, at a moment of the request."""
    if answer.status != 200:
        return
    shown = {each for message in answer.body.get("messages", [answer.body]) for each in message.get("via", [])}
    allowed: set[str] = set()
    for moment in moments:
        mailbox = moment.book.holder(who)
        if mailbox:
            allowed |= {*mailbox.addresses, *_delegated(moment, mailbox, at)}
    if not shown <= allowed:
        raise Violated(f"{who} was shown mail of {sorted(shown - allowed)}, and may see {sorted(allowed)}")


def _delegated(moment: Moment, reader: Mailbox, at: datetime) -> set[str]:
    """What the mailbox may read besides its own: whole mailboxes, a leaver's last primary, and single addresses."""
    found: set[str] = set()
    for each in moment.granted.values():
        if each.delegate != reader.id or not each.holds_at(at):
            continue
        if each.target.address:
            holder = moment.book.address(each.target.address).mailbox
            found |= {each.target.address} if holder in {each.target.mailbox, None} else set()
        elif each.target.mailbox:
            owner = moment.book.mailboxes[each.target.mailbox]
            found |= {*owner.addresses, *([] if owner.is_open else [owner.primary])}
    return found
