"""What a run did is the two books around it: from the design and docs/reconciliation.md, without any steps.

So it is told how much a plan takes away, what is left of it when it is approved later, and what takes it back.
"""

from collections.abc import Collection
from dataclasses import dataclass

from tests.address_rules import PRIMARY, Book


@dataclass(frozen=True)
class Did:
    """A change, as the books before and after it."""

    before: Book
    after: Book

    @property
    def back(self) -> "Did":
        """What takes it back."""
        return Did(self.after, self.before)

    @property
    def moved(self) -> set[str]:
        """The addresses that it gave to somebody, or took from somebody."""
        every = self.before.links.keys() | self.after.links.keys()
        return {each for each in every if self.before.links.get(each) != self.after.links.get(each)}

    @property
    def adopted(self) -> set[str]:
        """The mailboxes that follow another entry than before."""
        every = self.before.keepers.keys() & self.after.keepers.keys()
        return {each for each in every if self.before.keepers[each] != self.after.keepers[each]}

    @property
    def touched(self) -> set[str]:
        """The mailboxes that it concerns."""
        links = [book.links[each] for book in (self.before, self.after) for each in self.moved if each in book.links]
        return {link.mailbox for link in links} | self.adopted

    @property
    def remade(self) -> set[str]:
        """The mailboxes that it opens, closes, or gives another primary."""
        return {each for each in self.touched if self.before.primary(each) != self.after.primary(each)}

    @property
    def takes(self) -> int:
        """How often it takes an address away: unlinks, relinks, promotes and closes."""
        found = sum(self.before.primary(each) is not None for each in self.remade)
        for each in self.moved:
            was, now = self.before.links.get(each), self.after.links.get(each)
            if was is None or (now and now.source == PRIMARY) or (was.source == PRIMARY and now is None):
                # Given to somebody, or counted with its mailbox.
                continue
            found += now is None or now.mailbox != was.mailbox
        return found

    @property
    def says(self) -> frozenset[tuple[str, object, object]]:
        """What makes two plans the same: the places of all that moves, whoever linked it there."""
        moves = {(each, _place(self.before, each), _place(self.after, each)) for each in self.moved}
        return frozenset(moves | {(each, self.before.keepers[each], self.after.keepers[each]) for each in self.adopted})

    def carried_out(self, now: Book) -> Book | None:
        """What exists if it is done now; None if something that it concerns has moved on since it was planned."""
        is_so = all(now.holder(each) == self.before.holder(each) for each in self.moved) and all(
            now.primary(each) == self.before.primary(each) and now.keepers.get(each) == self.before.keepers.get(each)
            for each in self.touched
        )
        # An entry that would get a mailbox may have got one; a mailbox that is closed must have lost every alias.
        new = {self.after.keepers[each] for each in self.remade if each not in self.before.keepers} - {None}
        is_so = is_so and not any(now.primary(each) and keeper in new for each, keeper in now.keepers.items())
        closing = {each for each in self.remade if self.after.primary(each) is None}
        is_so = is_so and all(now.addresses(each) == self.before.addresses(each) for each in closing)
        return self._done(now, self.moved, self.adopted) if is_so else None

    def may_be_carried_out(self, now: Book, found: Book) -> bool:
        """Whether this is how the book may look where something had moved on: of each change all of it or nothing.

        What moved on stays. What does not hang on that is done: a link from or to mailboxes that are as they were.
        """
        for each in {*now.links, *found.links, *self.moved}:
            as_it_was = now.holder(each) == self.before.holder(each)
            free = {now.links.get(each)} | ({self.after.links.get(each)} if each in self.moved and as_it_was else set())
            if each in self.moved and as_it_was and self.before.is_primary(each):
                # A mailbox that was opened or renamed gives it up, also when whose it was is no longer there.
                free.add(None)
            if found.links.get(each) not in free:
                return False
            places = {book.holder(each) for book in (self.before, self.after)} - {None}
            stand = all(now.primary(place) == self.before.primary(place) for place in places)
            surely = each in self.moved and as_it_was and stand and not places & self.remade
            if surely and found.links.get(each) != self.after.links.get(each):
                return False
        return True

    def called(self, found: Book) -> "Did":
        """With the ids that its new mailboxes have."""
        new = {each for each in self.after.keepers if each.startswith("new ")}
        return Did(
            self.before, self.after.called({each: found.holder(str(self.after.primary(each))) or each for each in new})
        )

    def _done(self, now: Book, moved: Collection[str], adopted: Collection[str]) -> Book:
        new = {each: self.after.keepers[each] for each in self.remade if each not in now.keepers}
        keepers = {each: self.after.keepers[each] for each in adopted}
        return now.having({each: self.after.links.get(each) for each in moved}, new | keepers)


def _place(book: Book, address: str) -> object:
    return book.holder(address), book.led(address)
