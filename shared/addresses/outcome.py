"""What becomes of a step: whether it finds its before-state, its after-state, or neither. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from addresses.address import Address
from addresses.mailbox import Existing, MailboxId, Source
from addresses.step import Adopt, Close, Link, Open, Promote, Ref, Relink, Step, Unlink, moved

# The primary that a mailbox is about to have, by its id.
type _Becoming = Mapping[MailboxId, Address]


class Verdict(StrEnum):
    """What became of a step."""

    APPLIED = "applied"
    ALREADY_DONE = "already-done"
    CONFLICT = "conflict"


@dataclass(frozen=True)
class Outcome:
    """A step, what became of it, and why when it could not be.

    ``linked_by`` is whose link an applied step ended, where the address's history does not tell that: a former primary
    that its mailbox kept as an alias has begun no tenure, and is linked by whoever renamed the mailbox.
    """

    step: Step
    verdict: Verdict
    reason: str = ""
    linked_by: Source | None = None


def judged(steps: Sequence[Step], before: Existing) -> tuple[Outcome, ...]:
    """Each step's outcome; a link may be to a mailbox, or name a primary, that another of these steps brings about."""
    judged: dict[Step, Outcome] = {step: _judge(step, before, {}) for step in steps if isinstance(step, Open | Promote)}
    becoming = {
        step.mailbox.id: step.primary if isinstance(step, Promote) else step.mailbox.primary
        for step, outcome in judged.items()
        if isinstance(step, Open | Promote) and outcome.verdict is not Verdict.CONFLICT
    }
    return tuple(judged[step] if step in judged else _judge(step, before, becoming) for step in steps)


def _judge(step: Step, before: Existing, becoming: _Becoming) -> Outcome:
    """Whether the step finds its before-state, its after-state, or neither."""
    reason = _already(step, before)
    if reason:
        return Outcome(step, Verdict.ALREADY_DONE, reason)
    reason = _obstacle(step, before, becoming)
    if reason:
        return Outcome(step, Verdict.CONFLICT, reason)
    return Outcome(step, Verdict.APPLIED, linked_by=_linked_by(step, before))


def _linked_by(step: Step, before: Existing) -> Source | None:
    """Whose link the step ends, if the address's last tenure was not begun by it."""
    address = moved(step)
    holder = before.holder(address) if address else None
    how = holder.aliases.get(address) if holder and address else None
    if how is None or address is None or how.source == before.address(address).starts[-1].source:
        return None
    return how.source


def _already(step: Step, before: Existing) -> str:
    """The after-state, in words, if that is what exists."""
    match step:
        case Open(mailbox=ref) if _has_primary(before, ref.id, ref.primary):
            return f"the mailbox of {ref.primary} is open"
        case Adopt(mailbox=ref, after=profile) if (found := before.mailboxes.get(ref.id)) and found.profile == profile:
            return "it has this profile"
        case Link(mailbox=ref, alias=alias) | Relink(after=ref, alias=alias) if _has_alias(before, ref.id, alias):
            return f"{alias} is linked to {ref.primary}"
        case Unlink(alias=alias) if before.address(alias).mailbox is None:
            return f"{alias} is linked to nothing"
        case Promote(mailbox=ref, primary=primary) if _has_primary(before, ref.id, primary):
            return f"{primary} is the primary"
        case Close(mailbox=ref) if (found := before.mailboxes.get(ref.id)) and not found.is_open:
            return f"the mailbox of {ref.primary} is closed"
    return ""


def _obstacle(step: Step, before: Existing, becoming: _Becoming) -> str:
    """What is not as the step's before-state says, in words; empty when all is."""
    match step:
        case Open(mailbox=ref, holder=holder):
            found = before.mailboxes.get(ref.id)
            if found and found.is_open:
                return f"the mailbox is open, with the primary {found.primary}"
            return _not_held_by(holder, ref.primary, before)
        case Adopt(mailbox=ref, before=profile):
            return _not_open(ref, before) or (
                "" if before.mailboxes[ref.id].profile == profile else f"the mailbox of {ref.primary} was adopted since"
            )
        case Link(mailbox=ref, alias=alias):
            return _not_open(ref, before, becoming) or _not_held_by(None, alias, before)
        case Relink(alias=alias, before=holder, after=ref):
            return _not_open(ref, before, becoming) or _not_held_by(holder, alias, before)
        case Unlink(mailbox=ref, alias=alias):
            return _not_held_by(ref, alias, before)
        case Promote(mailbox=ref, primary=primary, holder=holder):
            return _not_open(ref, before) or _not_held_by(holder, primary, before)
        case Close(mailbox=ref):
            return _not_open(ref, before)


def _not_open(ref: Ref, before: Existing, becoming: _Becoming = MappingProxyType({})) -> str:
    if becoming.get(ref.id) == ref.primary:
        return ""
    found = before.mailboxes.get(ref.id)
    if not found or not found.is_open:
        return f"the mailbox of {ref.primary} is not open"
    return "" if found.primary == ref.primary else f"the primary is {found.primary} now, not {ref.primary}"


def _not_held_by(holder: Ref | None, address: Address, before: Existing) -> str:
    found = before.address(address).mailbox
    if found == (holder.id if holder else None):
        return ""
    if found is None:
        return f"{address} belongs to no mailbox now"
    mailbox = before.mailboxes.get(found)
    return f"{address} belongs to {mailbox.primary if mailbox else f'mailbox {found}'} now"


def _has_primary(state: Existing, mailbox: MailboxId, primary: Address) -> bool:
    found = state.mailboxes.get(mailbox)
    return found is not None and found.is_open and found.primary == primary


def _has_alias(state: Existing, mailbox: MailboxId, alias: Address) -> bool:
    found = state.mailboxes.get(mailbox)
    return found is not None and alias in found.aliases
