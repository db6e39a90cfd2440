"""Microsoft Entra and Google Workspace, synced by the deployed stack from doubles of their services."""

from collections.abc import Iterator

import pytest

from tests.doubles.google import Google, google
from tests.doubles.graph import SECRET, Graph, graph
from tests.integration.sync.conftest import Configures
from tests.integration.sync.office import Office


@pytest.fixture
def entra() -> Iterator[Graph]:
    """A tenant without users, which answers two to a page."""
    with graph(page_size=2) as double:
        yield double


@pytest.fixture
def workspace() -> Iterator[Google]:
    """A customer without users, who is answered two to a page."""
    with google(page_size=2) as double:
        yield double


def user(office: Office, primary: str, *aliases: str) -> dict[str, object]:
    """A user of Entra with these addresses."""
    own = office.address(primary)
    proxies = [f"SMTP:{own}", *(f"smtp:{office.address(alias)}" for alias in aliases)]
    return {"mail": own, "proxyAddresses": proxies, "displayName": primary, "accountEnabled": True}


def test_entra_is_synced_whole_and_then_by_its_delta_link(office: Office, entra: Graph, configured: Configures) -> None:
    """Joiner, rename, leaver; when the delta link has expired, all is read again and nothing is lost."""
    for number, name in enumerate(("alice", "bob", "carol")):
        entra.put(f"00000000-0000-4000-8000-00000000000{number}", **user(office, name, f"{name}.alias"))
    directory = configured(entra.config.model_dump(mode="json", exclude={"secret_name"}), SECRET)
    first = directory.applied()
    assert (6, True) == (len(first.steps), first.whole)

    alice, bob, carol = sorted(entra.ids())
    entra.put(alice, **user(office, "alice.smith", "alice.alias", "alice"))
    entra.remove(bob)
    entra.put(carol, **user(office, "carol", "bob.alias"))
    run = directory.applied()
    assert not run.whole
    assert {"alice.smith": ["alice", "alice.alias"], "carol": ["bob.alias"]} == office.links()

    entra.expire()
    entra.remove(carol)
    run = directory.applied()
    assert ({"unlink bob.alias from carol", "close the mailbox of carol"}, True) == (set(run.steps), run.whole)


def test_google_workspace_is_synced_whole_each_time(office: Office, workspace: Google, configured: Configures) -> None:
    """It has no list of changes; joiner, rename and leaver are found all the same."""
    directory = configured(workspace.config.model_dump(mode="json", exclude={"secret_name"}), workspace.secret)
    for number, name in enumerate(("alice", "bob", "carol")):
        workspace.put(
            str(number), primaryEmail=office.address(name), aliases=[office.address(f"{name}.alias")], suspended=False
        )
    assert 6 == len(directory.applied().steps)
    workspace.put("0", primaryEmail=office.address("alice.smith"), aliases=[office.address("alice")])
    workspace.remove("1")
    run = directory.applied()
    assert True is run.whole
    assert {"alice.smith": ["alice"], "carol": ["carol.alias"]} == office.links()


def test_a_wrong_client_secret_of_entra_fails_the_run(office: Office, entra: Graph, configured: Configures) -> None:
    """The sentence says what kind of mistake it is, and not the secret."""
    directory = configured(entra.config.model_dump(mode="json", exclude={"secret_name"}), "Not~The.Secret")
    because = directory.failed()
    assert ("the client secret is wrong" in because, "Not~The.Secret" in because) == (True, False), because
    assert {} == office.links()
