"""The demo's chapters of a directory: a real OpenLDAP server, synced, changed, and changed too much."""

import textwrap
import time
from collections.abc import Iterator
from typing import Any

from local import aws
from local.outputs import Outputs
from local.slapd import PEOPLE, Slapd
from local.telling import Client, show_lines, tell

NAME = "corp"
OTHERS = 20
PATIENCE = 60


def everybody() -> Iterator[str]:
    """The people of the directory, as LDIF."""
    yield _person("alice", "Alice Jones", "alice@example.com", "alice@example.org")
    yield _person("bob", "Bob Miller", "bob@example.com", "sales@example.com")
    for number in range(1, OTHERS + 1):
        yield _person(f"p{number}", f"Person {number}", f"person{number}@example.com", f"p{number}@example.org")


class Chapters:
    """An administrator and a directory ``corp``."""

    def __init__(self, outputs: Outputs, admin: Client, server: Slapd) -> None:
        self.admin, self.server = admin, server
        secrets = aws.session().client("secretsmanager", endpoint_url=outputs.endpoint_url, config=aws.DIRECT)
        secrets.create_secret(Name="alias-addresses/corp", SecretString=server.password)

    def first_sync(self) -> None:
        """Looked at by a dry run, then done."""
        tell(f"An OpenLDAP server with {OTHERS + 2} people is configured as the directory {NAME}. A dry run says:")
        configuration = {
            "kind": "ldap",
            "url": self.server.url,
            "base_dn": self.server.base_dn,
            "bind_dn": self.server.bind_dn,
            "secret_name": "alias-addresses/corp",
            "profile": "openldap",
            "ca_certificate": self.server.ca_certificate,
        }
        self.admin.put(f"/directories/{NAME}", configuration)
        self._show(self._run("sync", {"dry_run": True}), 4)
        tell("The sync does just that:")
        self._show(self._run("sync"), 0)

    def changes(self) -> None:
        """A joiner, a leaver, an alias handed over, a name change: what changed is asked for, and nothing else read."""
        tell("In the directory, Alice marries, Bob leaves, and Carol joins and gets sales@example.com. The next sync:")
        change = self.server.editor.change
        change(
            f"uid=alice,{PEOPLE}",
            mail="alice.smith@example.com",
            mailAlternateAddress=[
                "alice@example.com",
                "alice@example.org",
            ],
        )
        self.server.editor.remove(f"uid=bob,{PEOPLE}")
        self.server.add_person("carol", "Carol Brown", "carol@example.com", "sales@example.com")
        self._show(self._run("sync"), 10)

    def mass_change(self) -> None:
        """Somebody takes a domain out of service: the run is held, approved, and taken back."""
        tell("Somebody removes the second domain from the others' addresses. The next sync is held:")
        for number in range(1, OTHERS + 1):
            self.server.editor.change(f"uid=p{number},{PEOPLE}", mailAlternateAddress=[])
        held = self._run("sync")
        self._show(held, 2)
        tell("The administrator reads the steps, finds that it is meant, and approves exactly this plan:")
        self.admin.post(f"/runs/{held['id']}/approve", {"digest": held["digest"]})
        self._show(self._ended(held["id"]), 0)
        tell("It turns out that it was not meant after all. She reverts the run:")
        self._show(self._ended(self.admin.post(f"/runs/{held['id']}/revert")["run"]), 2)

    def _run(self, what: str, body: Any = None) -> Any:
        return self._ended(self.admin.post(f"/directories/{NAME}/{what}", body)["run"])

    def _ended(self, run: str) -> Any:
        deadline = time.monotonic() + PATIENCE
        while (found := self.admin.get(f"/runs/{run}"))["status"] in {"gathering", "applying"}:
            if time.monotonic() > deadline:
                raise TimeoutError(f"Run {run} is {found['status']} after {PATIENCE} seconds.")
            time.sleep(0.1)
        if found["status"] == "failed":
            raise RuntimeError(f"Run {run} failed: {found['because']}")
        return found

    def _show(self, run: Any, most: int) -> None:
        """Its first steps, and what it came to."""
        counted = {name: number for name, number in run["counts"].items() if number}
        steps = self.admin.get(f"/runs/{run['id']}/steps?limit={max(most, 1)}")["steps"][:most]
        show_lines(step["sentence"] for step in steps)
        summary = ", ".join(f"{name} {number}" for name, number in counted.items()) or "nothing to do"
        show_lines([f"{'... ' if most and sum(counted.values()) > most else ''}{run['status']}: {summary}"])
        if run["status"] == "held":
            show_lines(textwrap.wrap(run["held_because"], 92))


def _person(uid: str, name: str, mail: str, alias: str) -> str:
    classes = "".join(f"objectClass: {each}\n" for each in ("inetOrgPerson", "inetLocalMailRecipient", "mailAccount"))
    return (
        f"dn: uid={uid},{PEOPLE}\n{classes}uid: {uid}\ncn: {name}\nsn: {name.rsplit(maxsplit=1)[-1]}\nmail: {mail}\n"
        f"mailAlternateAddress: {alias}\n"
    )
