"""The people of one test in a real directory, as its administrators change them."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from local.ldap_editor import Editor, Values
from local.slapd import PERSON
from tests.integration.sync.office import Office

ENABLED, DISABLED = "544", "546"


@dataclass(frozen=True)
class Accounts:
    """Those of one organisational unit of Active Directory."""

    editor: Editor
    unit: str
    office: Office

    def add(self, name: str, primary: str, *aliases: str, **values: Values) -> None:
        """A new account with these addresses."""
        login = secrets.token_hex(8)
        every = {"sAMAccountName": login, "userAccountControl": ENABLED, **self._mail(primary, *aliases), **values}
        self.editor.add(self.entry(name), ["user"], **every)

    def give(self, name: str, primary: str, *aliases: str) -> None:
        """These are its addresses from now on."""
        self.editor.change(self.entry(name), **self._mail(primary, *aliases))

    def change(self, name: str, **values: Values) -> None:
        """These are its values from now on."""
        self.editor.change(self.entry(name), **values)

    def disable(self, name: str) -> None:
        """Nobody logs on with it any more."""
        self.change(name, userAccountControl=DISABLED)

    def enable(self, name: str) -> None:
        """It is used again."""
        self.change(name, userAccountControl=ENABLED)

    def remove(self, name: str) -> None:
        """It is deleted."""
        self.editor.remove(self.entry(name))

    def move(self, name: str, to: str) -> None:
        """It lies in another unit from now on."""
        self.editor.move(self.entry(name), to=to)

    def entry(self, name: str) -> str:
        """The name of its entry."""
        return f"CN={name},{self.unit}"

    def id(self, name: str) -> str:
        """The id of it that never changes."""
        return str(UUID(bytes_le=self.editor.id(self.entry(name), "objectGUID")))

    def _mail(self, primary: str, *aliases: str) -> dict[str, Values]:
        own = self.office.address(primary)
        return {"mail": own, "proxyAddresses": [f"SMTP:{own}", *(f"smtp:{self.office.address(a)}" for a in aliases)]}


@dataclass(frozen=True)
class People:
    """Those of one organisational unit of OpenLDAP."""

    editor: Editor
    unit: str
    office: Office

    def add(self, uid: str, primary: str, *aliases: str, **values: Values) -> None:
        """A new person with these addresses."""
        others: dict[str, Values] = {"mailAlternateAddress": [self.office.address(a) for a in aliases]}
        every = {"cn": uid, "sn": uid, "mail": self.office.address(primary), **(others if aliases else {}), **values}
        self.editor.add(self.entry(uid), PERSON, **every)

    def change(self, uid: str, **values: Values) -> None:
        """These are the person's values from now on."""
        self.editor.change(self.entry(uid), **values)

    def remove(self, uid: str) -> None:
        """The person's entry is deleted."""
        self.editor.remove(self.entry(uid))

    def entry(self, uid: str) -> str:
        """The name of the person's entry."""
        return f"uid={uid},{self.unit}"
