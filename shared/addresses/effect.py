"""What steps do to mailboxes and addresses. Pure: the same function decides, is tested, and is what gets written.

Steps that are carried out together are judged against what exists before any of them; then all give up what they
give up, and only then all take what they take. So two mailboxes can swap primaries, and a leaver's address can become
a joiner's primary, with no moment in between.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from addresses.address import Address
from addresses.mailbox import (
    AddressState,
    Alias,
    Existing,
    Mailbox,
    MailboxId,
    Primacy,
    Source,
    Stamp,
    Status,
    TenureStart,
)
from addresses.outcome import Outcome, Verdict, judged
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink, order


@dataclass(frozen=True)
class Effect:
    """What became of each step, and what exists afterwards (the same as before where no step was applied)."""

    outcomes: tuple[Outcome, ...]
    after: Existing


def effect(steps: Sequence[Step], before: Existing, stamp: Stamp) -> Effect:
    """What the steps do when carried out together, now, on what exists.

    A step that finds its before-state is applied; one that finds its after-state was done already; one that finds
    neither is a conflict. If the applicable ones would leave mailboxes and addresses disagreeing (I1, I2), each is
    tried by itself, and those that still would are conflicts.
    """
    outcomes = judged(steps, before)
    ready = [each.step for each in outcomes if each.verdict is Verdict.APPLIED]
    after = _carried_out(ready, before, stamp)
    disagreement = _disagreement(ready, after)
    if not disagreement:
        return Effect(outcomes, after)
    if len(steps) == 1:
        return Effect((Outcome(steps[0], Verdict.CONFLICT, disagreement),), before)
    return _one_by_one(steps, before, stamp)


class _Draft:
    """What exists, while steps are being carried out on it."""

    def __init__(self, before: Existing, stamp: Stamp) -> None:
        self.mailboxes = dict(before.mailboxes)
        self.starts: dict[Address, TenureStart] = {}
        self.before = before
        self.stamp = stamp

    def give_up(self, address: Address) -> None:
        """The address belongs to no mailbox, and is no mailbox's alias."""
        holder = self.mailboxes.get(self.before.address(address).mailbox or MailboxId(""))
        if holder and address in holder.aliases:
            rest = {alias: how for alias, how in holder.aliases.items() if alias != address}
            self.mailboxes[holder.id] = replace(holder, aliases=rest)
        self._start(address, None, self.stamp.source)

    def alias(self, address: Address, mailbox: MailboxId, source: Source | None) -> None:
        """The address is an alias of the mailbox from now on, linked by the source or, without one, by who asks now."""
        found = self.mailboxes[mailbox]
        how = Alias(source or self.stamp.source, self.stamp.at)
        self.mailboxes[mailbox] = replace(found, aliases={**found.aliases, address: how})
        self._start(address, mailbox, how.source)

    def primary(self, address: Address, mailbox: Mailbox) -> None:
        """The address is the mailbox's primary from now on."""
        reign = Primacy(address, self.stamp.at, self.stamp.source, self.stamp.run)
        self.mailboxes[mailbox.id] = replace(mailbox, primary=address, primaries=(*mailbox.primaries, reign))
        self._start(address, mailbox.id, self.stamp.source)

    def after(self) -> Existing:
        """What exists now. An address that is where it was has begun no tenure."""
        addresses = dict(self.before.addresses)
        for address, start in self.starts.items():
            state = self.before.address(address)
            if state.mailbox != start.mailbox:
                addresses[address] = AddressState(address, (*state.starts, start), state.version)
        return Existing(self.mailboxes, addresses)

    def _start(self, address: Address, mailbox: MailboxId | None, source: Source) -> None:
        self.starts[address] = TenureStart(mailbox, self.stamp.at, source, self.stamp.run)


def _carried_out(steps: Iterable[Step], before: Existing, stamp: Stamp) -> Existing:
    # In a plan's order whatever order they came in: a mailbox is opened before anything is linked to it.
    steps = sorted(steps, key=order)
    draft = _Draft(before, stamp)
    for step in steps:
        _give_up(step, draft)
    for step in steps:
        _take(step, draft)
    return draft.after()


def _give_up(step: Step, draft: _Draft) -> None:
    match step:
        case Unlink(alias=alias) | Relink(alias=alias):
            draft.give_up(alias)
        case Close(mailbox=ref):
            draft.mailboxes[ref.id] = replace(draft.mailboxes[ref.id], status=Status.CLOSED)
            draft.give_up(ref.primary)
        case Open(mailbox=ref, holder=holder) if holder:
            draft.give_up(ref.primary)
        case Promote(mailbox=ref, primary=primary):
            draft.give_up(primary)
            draft.give_up(ref.primary)
        case _:
            pass


def _take(step: Step, draft: _Draft) -> None:
    match step:
        case Open(mailbox=ref, profile=profile):
            closed = draft.mailboxes.get(ref.id)
            primaries = closed.primaries if closed else ()
            version = closed.version if closed else 0
            opened = Mailbox(ref.id, Status.OPEN, ref.primary, profile, draft.stamp.source, {}, primaries, version)
            draft.primary(ref.primary, opened)
        case Adopt(mailbox=ref, after=profile):
            draft.mailboxes[ref.id] = replace(draft.mailboxes[ref.id], profile=profile)
        case Promote(mailbox=ref, primary=primary, keep=keep, source=source):
            draft.primary(primary, draft.mailboxes[ref.id])
            if keep:
                draft.alias(ref.primary, ref.id, source)
        case Relink(alias=alias, after=ref, source=source) | Link(alias=alias, mailbox=ref, source=source):
            draft.alias(alias, ref.id, source)
        case Unlink() | Close():
            pass


def _disagreement(steps: Iterable[Step], after: Existing) -> str:
    """Where mailboxes and addresses would contradict each other (I1, I2), among those that the steps touch."""
    if not list(steps):
        return ""
    for mailbox in after.mailboxes.values():
        primary = after.addresses.get(mailbox.primary)
        if mailbox.is_open and primary and primary.mailbox != mailbox.id:
            return f"{mailbox.primary} would no longer belong to the mailbox whose primary it is"
        if mailbox.is_open and mailbox.primary in mailbox.aliases:
            return f"{mailbox.primary} would be an alias of itself"
        if not mailbox.is_open and mailbox.aliases:
            return f"{mailbox.primary} still has aliases: {', '.join(sorted(mailbox.aliases))}"
        for alias in mailbox.aliases:
            state = after.addresses.get(alias)
            if state and state.mailbox != mailbox.id:
                return f"{alias} would be an alias of two mailboxes"
    for state in after.addresses.values():
        holder = after.mailboxes.get(state.mailbox) if state.mailbox else None
        if holder and state.address not in holder.addresses:
            return f"{state.address} would belong to a mailbox that does not have it"
    return ""


def _one_by_one(steps: Sequence[Step], before: Existing, stamp: Stamp) -> Effect:
    outcomes: list[Outcome] = []
    after = before
    for step in steps:
        alone = effect([step], after, stamp)
        outcomes += alone.outcomes
        after = alone.after
    return Effect(tuple(outcomes), after)
