"""What a directory's entries come to: mailboxes that it asks for, entries that are unclear, and what is ignored. Pure.

An entry that cannot be understood is never guessed at, and never taken for one that is gone.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from addresses.address import Address, domain_of, parse
from addresses.desired import DesiredMailbox
from addresses.directory import DisabledAccounts
from addresses.errors import InvalidAddress
from addresses.plan import Note
from addresses.settings import Settings
from addresses.text import one_line
from directory_sync.reader import Entry


@dataclass(frozen=True)
class Understood:
    """``mailboxes``: what is asked for, and not settled.

    ``unclear``: ids of entries that cannot be used. ``away``: of those that ask for none, without mail or disabled.
    """

    mailboxes: tuple[DesiredMailbox, ...]
    unclear: frozenset[str]
    away: frozenset[str]
    notes: tuple[Note, ...]


def understand(
    entries: Iterable[Entry],
    disabled: DisabledAccounts,
    settings: Settings,
    settled: Callable[[DesiredMailbox], bool] = lambda _: False,
) -> Understood:
    """All entries, each for itself. Those that are ``settled`` are as they should be, and forgotten."""
    understanding = _Understanding(disabled, settings, settled)
    for entry in entries:
        understanding.add(entry)
    return Understood(
        tuple(understanding.mailboxes),
        frozenset(understanding.unclear),
        frozenset(understanding.away),
        tuple(understanding.notes()),
    )


class _Understanding:
    """Everything that was understood so far. What is ignored in masses is counted, not listed."""

    def __init__(
        self, disabled: DisabledAccounts, settings: Settings, settled: Callable[[DesiredMailbox], bool]
    ) -> None:
        self.disabled, self.settings, self.settled = disabled, settings, settled
        self.mailboxes: list[DesiredMailbox] = []
        self.unclear: set[str] = set()
        self.away: set[str] = set()
        self.said: list[str] = []
        self.others: Counter[str] = Counter()
        self.external_primaries: Counter[str] = Counter()
        self.external_aliases: Counter[str] = Counter()

    def add(self, entry: Entry) -> None:
        """Understand one more."""
        self.others.update(entry.others)
        closes = not entry.enabled and self.disabled is DisabledAccounts.CLOSE
        if closes or not (entry.primaries or entry.aliases):
            self.away.add(entry.id)
            return
        primary = self._primary(entry)
        if primary is None:
            self.unclear.add(entry.id)
            return
        aliases = frozenset(alias for text in entry.aliases if (alias := self._alias(entry, text)))
        mailbox = DesiredMailbox(entry.id, primary, aliases - {primary}, one_line(entry.name)[:256])
        if not self.settled(mailbox):
            self.mailboxes.append(mailbox)

    def notes(self) -> Iterable[Note]:
        """What was ignored, in sentences."""
        for sentence in self.said:
            yield Note("ignored", sentence)
        if self.others:
            kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(self.others.items()))
            yield Note("ignored", f"values that are no mail addresses were left out: {kinds}", self.others.total())
        for what, external in (("primaries", self.external_primaries), ("aliases", self.external_aliases)):
            for domain, number in external.items():
                sentence = f"{number} {what} of {domain} were left out: it is not among the internal domains"
                yield Note("ignored", sentence, number)

    def _primary(self, entry: Entry) -> Address | None:
        """The one usable primary; without it, why the entry is left as it is has been said."""
        found: dict[Address, None] = {}
        for text in entry.primaries:
            try:
                found[parse(text.strip())] = None
            except InvalidAddress as refusal:
                self._say(entry, f"its primary cannot be used: {refusal}")
                return None
        if len(found) != 1:
            has = (
                f"{len(found)} primaries ({', '.join(found)})"
                if found
                else "addresses, and none of them is its primary"
            )
            self._say(entry, f"it has {has}. Mark exactly one in the directory.")
            return None
        [primary] = found
        if not self.settings.is_internal(primary):
            self.external_primaries[domain_of(primary)] += 1
            return None
        return primary

    def _alias(self, entry: Entry, text: str) -> Address | None:
        try:
            alias = parse(text.strip())
        except InvalidAddress as refusal:
            self.said.append(f"an alias of {_named(entry)} was left out: {refusal}")
            return None
        if self.settings.is_internal(alias):
            return alias
        self.external_aliases[domain_of(alias)] += 1
        return None

    def _say(self, entry: Entry, why: str) -> None:
        self.said.append(f"{_named(entry)} is left as it is: {why}")


def _named(entry: Entry) -> str:
    return f"entry {entry.id} ({entry.name[:80]!r})" if entry.name else f"entry {entry.id}"
