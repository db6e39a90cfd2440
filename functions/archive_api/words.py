"""The words that are searched for, and whether a line of the archive has them. Pure.

A word occurs if it is part of the sender, of a recipient or of the subject. Texts are compared after Unicode's NFKC and
case folding, so capitals, ligatures and full-width letters make no difference. Senders and recipients are kept as the
mail had them, so a word with a domain is looked for in A-labels and in Unicode too.
"""

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Self

import idna
from pydantic import AfterValidator, StringConstraints

from addresses.archive import Entry

LONGEST_TEXT = 200
MOST_WORDS = 10
# Python's Punycode puts a letter where an A-label says, be it beyond all text that there can be.
_NO_LABEL = (idna.IDNAError, OverflowError)


def _worded(text: str) -> str:
    """The words of the text with one blank between each two."""
    words = text.split()
    if not words:
        raise ValueError("there is no word in it")
    if len(words) > MOST_WORDS:
        raise ValueError(f"there are more than {MOST_WORDS} words in it")
    return " ".join(words)


SearchedText = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_worded)]


@dataclass(frozen=True)
class Words:
    """What a message must have to be found: of each word, one of its spellings."""

    spellings: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """The words of the text, which white space divides."""
        return cls(tuple(map(_spellings, text.split())))

    def occur_in(self, entry: Entry) -> bool:
        """Whether the entry has every one of the words."""
        # No word reaches over a line break, so none is found partly in one of the texts and partly in the next.
        text = _folded("\n".join((entry.sender, entry.subject, *entry.to)))
        return all(any(spelling in text for spelling in each) for each in self.spellings)


def _spellings(word: str) -> frozenset[str]:
    """The word as it may stand in an archive, folded."""
    local, at, domain = word.rpartition("@")
    if not at and "." not in word:
        return frozenset([_folded(word)])
    labels = domain.split(".")
    domains = (domain, ".".join(map(_a_label, labels)), ".".join(map(_u_label, labels)))
    return frozenset(_folded(f"{local}{at}{each}") for each in domains)


def _a_label(label: str) -> str:
    """The label in ASCII; what is no label of a domain stays as it is."""
    if label.isascii():
        return label
    try:
        return idna.encode(label, uts46=True).decode()
    except _NO_LABEL:
        return label


def _u_label(label: str) -> str:
    """The label in Unicode; what is no A-label stays as it is."""
    if not label.lower().startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except _NO_LABEL:
        return label


def _folded(text: str) -> str:
    """The text as it is compared. Folding takes some letters apart, hence the second normalisation."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
