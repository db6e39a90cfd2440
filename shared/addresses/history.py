"""Whose an address was, when, and why: its tenures, cut where the mailbox changed its primary. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from addresses.address import Address
from addresses.mailbox import AddressState, Mailbox, MailboxId, RunId, Source


@dataclass(frozen=True)
class Period:
    """From ``since`` until ``until`` (or now) the address belonged to the mailbox whose primary this was."""

    primary: Address
    since: str
    until: str | None
    source: Source
    run: RunId

    def covers(self, at: str) -> bool:
        """Whether the moment lies in it."""
        return self.since <= at and (self.until is None or at < self.until)


def history(state: AddressState, mailboxes: Mapping[MailboxId, Mailbox]) -> tuple[Period, ...]:
    """The periods, oldest first. ``mailboxes`` holds every mailbox that the address ever belonged to."""
    periods: list[Period] = []
    for tenure in state.tenures:
        mailbox = mailboxes[tenure.mailbox]
        first = mailbox.primary_at(tenure.since)
        later = [each for each in mailbox.primaries if tenure.since < each.since < (tenure.until or "~")]
        ends = [*(each.since for each in later), tenure.until]
        periods.append(Period(first.address, tenure.since, ends[0], tenure.source, tenure.run))
        periods += [
            Period(each.address, each.since, end, each.source, each.run)
            for each, end in zip(later, ends[1:], strict=True)
        ]
    return tuple(periods)


def period_at(periods: tuple[Period, ...], at: str | None) -> Period | None:
    """The period that covers the moment or, without one, the period that lasts."""
    if at is None:
        return periods[-1] if periods and periods[-1].until is None else None
    return next((period for period in periods if period.covers(at)), None)
