"""What a column of the header may be called, as people and other programs call it. Pure.

Case, blanks and punctuation mean nothing: ``E-Mail``, ``primary_email`` and ``aliases.0`` are ``email``,
``primaryemail`` and ``aliases0``, and so are their full-width forms.
"""

import unicodedata
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds."""

    PRIMARY = "primary"
    ALIAS = "alias"
    NAME = "name"
    FIRST_NAME = "first name"
    LAST_NAME = "last name"
    ACTION = "action"


# As the error sentences and the documentation show them. An alias's name may end in a number: ``alias 1``,
# ``aliases.0``.
UNDERSTOOD: dict[Kind, tuple[str, ...]] = {
    Kind.PRIMARY: (
        *("email", "email address", "primary", "primary email", "primaryEmail", "primary email address"),
        "primary address",
    ),
    Kind.ALIAS: (
        *("alias", "aliases", "alias 1", "aliases.0", "alias address", "alias addresses", "alias email"),
        *("alias emails", "email alias", "email aliases"),
    ),
    Kind.NAME: ("name", "display name", "full name", "name.fullName"),
    Kind.FIRST_NAME: ("first name", "given name", "name.givenName"),
    Kind.LAST_NAME: ("last name", "surname", "family name", "name.familyName"),
    Kind.ACTION: ("action",),
}
_DIGITS = "0123456789"
# Google's own template calls its columns "Email Address [Required]".
_REQUIRED = "required"


def kind_of(cell: str) -> Kind | None:
    """What the column under this cell of a header holds; nothing is guessed from a part of a name."""
    key = bare_name(cell)
    unnumbered = key.rstrip(_DIGITS)
    return _KINDS.get(key) or (Kind.ALIAS if _KINDS.get(unnumbered) is Kind.ALIAS else None)


def bare_name(cell: str) -> str:
    """The name without what means nothing."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", cell).casefold())).removesuffix(_REQUIRED)


_KINDS = {bare_name(name): kind for kind, names in UNDERSTOOD.items() for name in names}
