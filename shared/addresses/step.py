"""The seven steps by which anything changes, as data: each carries its before and its after, and says itself.

A step names mailboxes by id and primary, because people read the primary and the table is keyed by the id.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from addresses.address import Address
from addresses.mailbox import MailboxId, Profile, Source


@dataclass(frozen=True)
class Ref:
    """A mailbox as a step names it: its id, and the primary that it has before the step."""

    id: MailboxId
    primary: Address


@dataclass(frozen=True)
class Unlink:
    """An alias leaves its mailbox and belongs to none."""

    mailbox: Ref
    alias: Address

    @property
    def sentence(self) -> str:
        """The step in words."""
        return f"unlink {self.alias} from {self.mailbox.primary}"


@dataclass(frozen=True)
class Close:
    """A mailbox without aliases gives up its primary; it is remembered, and no longer anybody's."""

    mailbox: Ref

    @property
    def sentence(self) -> str:
        """The step in words."""
        return f"close the mailbox of {self.mailbox.primary}"


@dataclass(frozen=True)
class Open:
    """A mailbox is opened, or opened again; if its primary is a holder's alias, that link goes."""

    mailbox: Ref
    profile: Profile
    holder: Ref | None = None

    @property
    def sentence(self) -> str:
        """The step in words."""
        taken = f", until now an address of {self.holder.primary}" if self.holder else ""
        return f"open a mailbox for {self.mailbox.primary}{taken}"


@dataclass(frozen=True)
class Adopt:
    """An open mailbox gets another profile: another name, or the directory entry that keeps it from now on."""

    mailbox: Ref
    before: Profile
    after: Profile

    @property
    def sentence(self) -> str:
        """The step in words."""
        if self.after.directory and self.after.directory_id != self.before.directory_id:
            return f"adopt the mailbox of {self.mailbox.primary} for directory {self.after.directory}"
        return f"name the mailbox of {self.mailbox.primary} {self.after.name!r}"


@dataclass(frozen=True)
class Promote:
    """A mailbox gets another primary; the old one stays as an alias when ``keep`` says so.

    ``holder`` is the mailbox that the new primary belongs to before: usually this one, sometimes another or none.
    ``source`` is whose link the kept alias is, if not the run's: so a reverted step gives links back to whom they were.
    """

    mailbox: Ref
    primary: Address
    holder: Ref | None
    keep: bool
    source: Source | None = None

    @property
    def sentence(self) -> str:
        """The step in words."""
        kept = "kept as an alias" if self.keep else "unlinked"
        return f"promote {self.primary} to primary of {self.mailbox.primary}, which is {kept}"


@dataclass(frozen=True)
class Relink:
    """An alias moves from one mailbox to another in one step, so that at no moment it belongs to none.

    ``source`` is whose link it is from now on, if not the run's.
    """

    alias: Address
    before: Ref
    after: Ref
    source: Source | None = None

    @property
    def sentence(self) -> str:
        """The step in words."""
        return f"relink {self.alias} from {self.before.primary} to {self.after.primary}"


@dataclass(frozen=True)
class Link:
    """An address that belongs to no mailbox becomes an alias of this one.

    ``source`` is whose link it is, if not the run's.
    """

    mailbox: Ref
    alias: Address
    source: Source | None = None

    @property
    def sentence(self) -> str:
        """The step in words."""
        return f"link {self.alias} to {self.mailbox.primary}"


type Step = Unlink | Close | Open | Adopt | Promote | Relink | Link

# What gives addresses up comes before what takes them; a mailbox is opened before anything is linked to it.
ORDER: tuple[type[Step], ...] = (Unlink, Close, Open, Adopt, Promote, Relink, Link)
KINDS: tuple[str, ...] = tuple(each.__name__.lower() for each in ORDER)


def mailboxes(step: Step) -> frozenset[MailboxId]:
    """The mailboxes that the step reads or writes: those that it names."""
    return frozenset(value.id for value in vars(step).values() if isinstance(value, Ref))


def addresses(step: Step) -> frozenset[Address]:
    """The addresses that the step moves, or must find where they are."""
    match step:
        case Unlink(alias=alias) | Relink(alias=alias) | Link(alias=alias):
            return frozenset({alias})
        case Open(mailbox=mailbox) | Close(mailbox=mailbox):
            return frozenset({mailbox.primary})
        case Promote(mailbox=mailbox, primary=primary):
            return frozenset({mailbox.primary, primary})
        case Adopt():
            return frozenset()


def moved(step: Step) -> Address | None:
    """The address that the step is about: it is given to a mailbox, or taken from one. None if it moves none."""
    match step:
        case Unlink(alias=alias) | Relink(alias=alias) | Link(alias=alias):
            return alias
        case Open(mailbox=mailbox) | Close(mailbox=mailbox):
            return mailbox.primary
        case Promote(primary=primary):
            return primary
        case Adopt():
            return None


def kind(step: Step) -> str:
    """The step's name, as runs count it: ``link``, ``relink`` and so on."""
    return type(step).__name__.lower()


def data(step: Step) -> dict[str, Any]:
    """The step as JSON carries it: what a plan's digest covers, and what a run remembers."""
    # Not asdict, which copies what it is given and takes ten times as long: plans have a million steps.
    values = {name: vars(each) if isinstance(each, Ref | Profile) else each for name, each in vars(step).items()}
    if values.get("source", "") is None:
        del values["source"]
    return {"step": kind(step), **values}


def from_data(values: Mapping[str, Any]) -> Step:
    """The step that ``data`` gave these values; what else is among them is left alone."""
    found = next(each for each in ORDER if each.__name__.lower() == values["step"])
    make: Callable[..., Step] = found
    given = {field.name: values[field.name] for field in fields(found) if field.name in values}
    return make(**{name: _part(each) if isinstance(each, Mapping) else each for name, each in given.items()})


def _part(values: Mapping[str, Any]) -> Ref | Profile:
    return Ref(**values) if "id" in values else Profile(**values)


_PLACE = {kind: place for place, kind in enumerate(ORDER)}


def order(step: Step) -> tuple[int, str]:
    """Where the step stands in a plan: by kind, then by what it says."""
    return _PLACE[type(step)], step.sentence
