"""The steps that take steps back. Pure.

Each starts from the after-state of the step that it takes back, so what has moved on since is a conflict when they are
carried out, and not overwritten.
"""

from collections.abc import Iterator, Sequence

from addresses.address import Address
from addresses.mailbox import AddressState, Existing, MailboxId, RunId, Source
from addresses.outcome import Outcome
from addresses.step import Adopt, Close, Link, Open, Promote, Ref, Relink, Step, Unlink, moved


def inverse(applied: Sequence[Outcome], run: RunId, existing: Existing) -> list[Step]:
    """The steps that take those back which this run applied; ``existing``: what they name, as it is now."""
    return list(_Inverse(applied, run, existing).steps())


class _Inverse:
    """A run's steps together, since what one gave up another took; ``taker`` is who took an address."""

    def __init__(self, outcomes: Sequence[Outcome], run: RunId, existing: Existing) -> None:
        self.applied, self.run, self.existing = [each.step for each in outcomes], run, existing
        self.linked_by = {moved(each.step): each.linked_by for each in outcomes if each.linked_by}
        self.taker: dict[Address, Ref] = {}
        for step in self.applied:
            match step:
                case Open(mailbox=ref):
                    self.taker[ref.primary] = ref
                case Promote(mailbox=ref, primary=primary, keep=keep):
                    self.taker[primary] = Ref(ref.id, primary)
                    if keep:
                        self.taker[ref.primary] = Ref(ref.id, primary)
                case Link(mailbox=ref, alias=alias) | Relink(after=ref, alias=alias):
                    self.taker[alias] = ref
                case Unlink() | Adopt() | Close():
                    pass

    def steps(self) -> Iterator[Step]:
        """What takes each of them back."""
        for step in self.applied:
            yield from self._of(step)

    def _of(self, step: Step) -> Iterator[Step]:
        match step:
            case Unlink(mailbox=ref, alias=alias):
                yield Link(ref, alias, self._source(alias, ref.id))
            case Link(mailbox=ref, alias=alias):
                yield Unlink(ref, alias)
            case Relink(alias=alias, before=before, after=after):
                # A mailbox gets a former primary back by being opened again, or by the promotion being taken back.
                if before.primary != alias:
                    yield Relink(alias, after, before, self._source(alias, before.id))
            case Adopt(mailbox=ref, before=before, after=after):
                yield Adopt(self._now(ref), after, before)
            case Close(mailbox=ref):
                yield Open(ref, self.existing.mailboxes[ref.id].profile, self.taker.get(ref.primary))
            case Open(mailbox=ref, holder=holder):
                yield Close(ref)
                if holder and holder.primary != ref.primary:
                    yield Relink(ref.primary, ref, holder, self._source(ref.primary, holder.id))
            case Promote():
                yield from self._of_promotion(step)

    def _of_promotion(self, step: Promote) -> Iterator[Step]:
        """The old primary comes back from wherever it went, and the new one goes back to where it was."""
        ref, primary, holder = step.mailbox, step.primary, step.holder
        was_own = holder is not None and holder.id == ref.id
        source = self._source(primary, holder.id) if holder else None
        now = Ref(ref.id, primary)
        yield Promote(now, ref.primary, self.taker.get(ref.primary), was_own, source if was_own else None)
        if holder and not was_own and holder.primary != primary:
            yield Relink(primary, now, holder, source)

    def _now(self, ref: Ref) -> Ref:
        """The mailbox with the primary that it has after the run."""
        promoted = (each.primary for each in self.applied if isinstance(each, Promote) and each.mailbox.id == ref.id)
        return Ref(ref.id, next(promoted, ref.primary))

    def _source(self, address: Address, mailbox: MailboxId) -> Source | None:
        """Whose link to this mailbox it was, before the run."""
        if address in self.linked_by:
            return self.linked_by[address]
        state: AddressState = self.existing.address(address)
        before = next((place for place, start in enumerate(state.starts) if start.run == self.run), len(state.starts))
        former = [start.source for start in state.starts[:before] if start.mailbox == mailbox]
        return former[-1] if former else None
