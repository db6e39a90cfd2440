"""A user as Graph writes it, and the account that it is."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from directory_sync.proxy_addresses import proxy_addresses
from directory_sync.reader import Entry
from directory_sync.web.answer import Told

# Only changes of these are reported by a delta query. The names under which nobody is written to are not asked for.
PROPERTIES = frozenset({"id", "mail", "proxyAddresses", "displayName", "accountEnabled", "userType"})
SELECT = f"$select={','.join(sorted(PROPERTIES))}"


class User(Told):
    """What Graph says of a user; a value that was never set is missing, one that was taken away is null or empty.

    https://learn.microsoft.com/en-us/graph/api/resources/user
    """

    id: Annotated[str, StringConstraints(min_length=1)]
    mail: str | None = None
    proxies: Annotated[list[str] | None, Field(alias="proxyAddresses")] = None
    name: Annotated[str | None, Field(alias="displayName")] = None
    enabled: Annotated[bool | None, Field(alias="accountEnabled")] = None
    type: Annotated[str | None, Field(alias="userType")] = None
    removed: Annotated[dict[str, Any], Field(alias="@removed", default_factory=dict)]

    @property
    def is_removed(self) -> bool:
        """Whether the user was deleted, for good or so that it can be restored."""
        return "removed" in self.model_fields_set

    @property
    def is_whole(self) -> bool:
        """Whether it says something of every property that was asked for."""
        return len(self.model_fields_set - {"removed"}) == len(PROPERTIES)

    def entry(self) -> Entry | None:
        """The account, or None for a guest, whose addresses are those of another organisation."""
        if self.type == "Guest":
            return None
        proxies = proxy_addresses(self.proxies or [])
        mail = (self.mail or "").strip()
        return Entry(
            id=self.id,
            primaries=proxies.primaries or ((mail,) if mail else ()),
            aliases=proxies.aliases,
            name=self.name or "",
            enabled=self.enabled is not False,
            others=proxies.others,
        )
