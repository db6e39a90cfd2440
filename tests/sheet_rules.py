"""What a spreadsheet does to the book, from docs/spreadsheets.md alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tests.address_rules import PRIMARY, Book, Link, is_internal
from tests.run_rules import Did

SPREADSHEET = "spreadsheet"


@dataclass(frozen=True)
class Row:
    """A row as somebody wrote it."""

    primary: str
    aliases: tuple[str, ...]
    unlink: bool = False

    @property
    def line(self) -> str:
        """It in a file of comma-separated values."""
        first, second, *_ = (*self.aliases, "", "")
        return f"{self.primary},{first},{second},{'unlink' if self.unlink else ''}"

    @property
    def asked(self) -> set[str]:
        """The aliases that it can be about."""
        return {each for each in self.aliases if is_internal(each)} - {self.primary}


@dataclass(frozen=True)
class Sheet:
    """Rows beside the book. ``directories``: those that are configured, whose links stay."""

    rows: Sequence[Row]
    book: Book
    directories: Collection[str]

    @property
    def linking(self) -> list[Row]:
        """The rows that can be followed, if nothing stands against them."""
        return [row for row in self.rows if is_internal(row.primary) and not row.unlink]

    @property
    def unlinking(self) -> list[Row]:
        """The rows that take aliases away."""
        return [row for row in self.rows if is_internal(row.primary) and row.unlink]

    def fixed(self, address: str) -> bool:
        """Whether a configured directory linked it."""
        link = self.book.links.get(address)
        return link is not None and link.source in {f"directory:{each}" for each in self.directories}

    def can_lead(self, address: str) -> bool:
        """Whether it can be taken for a primary: no row has it as an alias, and no directory linked it."""
        return not any(address in row.asked for row in self.linking) and not self.fixed(address)

    def can_link(self, alias: str, primary: str) -> bool:
        """Whether the rows agree that it is an alias of this primary, and what exists lets it be one."""
        leaders = {row.primary for row in self.linking}
        to = {row.primary for row in self.linking if alias in row.asked}
        unlinked = any(row.primary == primary and alias in row.asked for row in self.unlinking)
        if alias in leaders or len(to) > 1 or unlinked or not self.can_lead(primary):
            return False
        if self.book.holder(alias) and self.book.led(alias) != primary:
            return not self.book.is_primary(alias) and not self.fixed(alias)
        return True

    def does(self) -> Did:
        """What it comes to."""
        links: dict[str, Link | None] = {}
        for row in self.unlinking:
            for alias in row.asked:
                linked = any(alias in other.asked and other.primary == row.primary for other in self.linking)
                if not linked and self.book.led(alias) == row.primary and not self.fixed(alias):
                    links[alias] = None
        mailboxes: dict[str, str] = {}
        for row in self.linking:
            # A row of which nothing can be done opens nothing.
            done = [alias for alias in row.asked if self.can_link(alias, row.primary)]
            if self.can_lead(row.primary) and (done or not row.asked):
                leads = self.book.is_primary(row.primary)
                mailboxes[row.primary] = (self.book.holder(row.primary) if leads else None) or f"new {row.primary}"
                links[row.primary] = Link(mailboxes[row.primary], PRIMARY)
                for alias in done:
                    if self.book.led(alias) != row.primary:
                        links[alias] = Link(mailboxes[row.primary], SPREADSHEET)
        new = {each: None for each in mailboxes.values() if each not in self.book.keepers}
        return Did(self.book, self.book.having(links, new))
