"""A user as Google's Directory API writes it, and the account that it is."""

from typing import Annotated

from pydantic import Field, StringConstraints

from directory_sync.reader import Entry
from directory_sync.web.answer import Told

# Not ``emails``: whatever private addresses the user or an administrator typed in are there too, and prove nothing.
FIELDS = "id,primaryEmail,aliases,nonEditableAliases,suspended,archived,name(fullName)"


class _Name(Told):
    full: Annotated[str, Field(alias="fullName")] = ""


class User(Told):
    """What Google says of a user; lists that are empty are missing.

    https://developers.google.com/admin-sdk/directory/reference/rest/v1/users
    """

    id: Annotated[str, StringConstraints(min_length=1)]
    primary: Annotated[str, Field(alias="primaryEmail")]
    aliases: list[str] = Field(default_factory=list)
    fixed_aliases: Annotated[list[str], Field(alias="nonEditableAliases", default_factory=list)]
    suspended: bool = False
    archived: bool = False
    name: _Name = _Name()

    def entry(self) -> Entry:
        """The account; one that is suspended or archived is disabled."""
        return Entry(
            id=self.id,
            primaries=(self.primary,),
            aliases=(*self.aliases, *self.fixed_aliases),
            name=self.name.full,
            enabled=not (self.suspended or self.archived),
        )
