"""Directories that cannot be read to their end: the run fails with a sentence that helps, and no link changes."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from directory_sync.ldap.context import Cursor
from local.certificate import made
from local.slapd import Slapd
from tests.directories.conftest import ACCOUNTS
from tests.directories.relay import Weather, relayed
from tests.directories.samba import Samba
from tests.integration.sync.accounts import Accounts, People
from tests.integration.sync.office import Directory, Office

if TYPE_CHECKING:
    from types_boto3_secretsmanager import SecretsManagerClient


@pytest.fixture
def known(corp: Directory, accounts: Accounts) -> Directory:
    """A directory that was synced before, and then lost somebody, which no run below may see as the truth."""
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob", "b1")
    corp.applied()
    accounts.remove("Bob")
    return corp


def stays(office: Office, directory: Directory) -> None:
    """Every link is as it was, and nothing is lost: the directory as it was configured brings what was missed."""
    assert {"alice": ["a1"], "bob": ["b1"]} == office.links()
    assert ["unlink b1 from bob", "close the mailbox of bob"] == directory.applied().steps


def test_a_directory_that_is_unreachable_fails_the_run(office: Office, known: Directory) -> None:
    """The sentence names the place that was tried."""
    right = known.configuration["url"]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        known.configure(url=f"ldaps://127.0.0.1:{port}")
        assert f"127.0.0.1:{port} cannot be reached" in known.failed()
    known.configure(url=right)
    stays(office, known)


def test_a_wrong_password_fails_the_run_and_is_not_told(
    office: Office, known: Directory, samba: Samba, secrets_manager: "SecretsManagerClient"
) -> None:
    """The sentence names the secret, and not what is in it."""
    secrets_manager.put_secret_value(SecretId=known.name, SecretString="not-the-password")
    because = known.failed()
    assert (True, False) == ("name or password is wrong" in because, "not-the-password" in because), because
    secrets_manager.put_secret_value(SecretId=known.name, SecretString=samba.password)
    stays(office, known)


def test_a_certificate_by_another_authority_fails_the_run(office: Office, known: Directory, tmp_path: Path) -> None:
    """Whoever answers in the domain controller's place does not get the password."""
    right = known.configuration["ca_certificate"]
    known.configure(ca_certificate=made(tmp_path, "127.0.0.1").authority_pem)
    assert "is not trusted" in known.failed()
    known.configure(ca_certificate=right)
    stays(office, known)


def test_a_secret_that_is_missing_fails_the_run(office: Office, known: Directory) -> None:
    """The way out is to create it."""
    known.configure(secret_name=f"{known.name}-missing")
    assert f"Secrets Manager has no secret {known.name}-missing" in known.failed()
    known.configure(secret_name=known.name)
    stays(office, known)


def test_a_base_that_is_not_there_fails_the_run(office: Office, known: Directory) -> None:
    """A unit that was renamed is no unit without people."""
    right = known.configuration["base_dn"]
    known.configure(base_dn=f"OU=Gone,{right}")
    assert "base_dn" in known.failed()
    known.configure(base_dn=right)
    stays(office, known)


def test_a_filter_that_lets_nobody_through_is_taken_for_a_mistake(office: Office, known: Directory) -> None:
    """Success and not one entry, where there were some: suddenly empty."""
    known.configure(filter="(department=Nobody)")
    assert "has no account with a usable address, and 2 of its mailboxes are open here" in known.failed()
    known.configure(filter=None)
    stays(office, known)


def test_a_lost_right_to_read_fails_the_run(
    office: Office, merged: Directory, people: People, slapd: Slapd, department: str
) -> None:
    """The server says success and shows nobody."""
    people.add("alice", "alice", "a1", departmentNumber=department)
    merged.configure(base_dn=slapd.base_dn, filter=f"(departmentNumber={department})")
    merged.applied()
    merged.configure(bind_dn=ACCOUNTS["blind"])
    assert "has no account with a usable address" in merged.failed()
    assert {"alice": ["a1"]} == office.links()


@pytest.fixture
def department(office: Office) -> str:
    """A department that no other test uses."""
    return office.domain.partition(".")[0]


def test_a_connection_that_is_cut_amid_the_answer_fails_the_run(
    office: Office, merged: Directory, people: People, slapd: Slapd
) -> None:
    """The first of the people came; the others did not leave because of that."""
    for number in range(30):
        people.add(f"p{number:02}", f"p{number:02}", f"a{number:02}")
    merged.applied()
    before = office.links()
    host, port = "127.0.0.1", int(slapd.plain_url.rpartition(":")[2])
    with relayed(host, port, Weather(cut_after=4000)) as cut:
        merged.configure(url=f"ldap://{host}:{cut}", allow_plaintext=True)
        assert "was lost" in merged.failed()
    assert (30, before) == (len(before), office.links())


def test_a_size_limit_of_the_server_fails_the_run(office: Office, merged: Directory, people: People) -> None:
    """Ten of twelve is not all."""
    for number in range(12):
        people.add(f"p{number:02}", f"p{number:02}")
    merged.applied()
    merged.configure(bind_dn=ACCOUNTS["limited"])
    because = merged.failed()
    assert "limit" in because, because
    assert 12 == len(office.links())


@pytest.mark.parametrize("cursor", ["damaged", "of another version", "that the server no longer takes"])
def test_a_cursor_that_leads_nowhere_makes_the_run_read_everything(
    office: Office, known: Directory, samba: Samba, cursor: str
) -> None:
    """So what happened meanwhile is found all the same."""
    good = known.cursor
    assert good
    bad = {
        "damaged": f"{good[:-50]}{'B' if good[-50] == 'A' else 'A'}{good[-49:]}",
        "of another version": f"v0:{good}",
        "that the server no longer takes": str(Cursor("dirsync1", samba.base_dn, b"of a server that is gone")),
    }
    known.remember(bad[cursor])
    run = known.applied()
    assert (["unlink b1 from bob", "close the mailbox of bob"], True) == (run.steps, run.whole)
    assert {"alice": ["a1"]} == office.links()
    assert good != known.cursor


def test_a_cursor_from_before_what_openldap_remembers_makes_the_run_read_everything(
    office: Office, merged: Directory, people: People
) -> None:
    """Slapd knows the last changes only; who left before them would not be missed."""
    people.add("alice", "alice")
    people.add("bob", "bob")
    merged.applied()
    people.remove("bob")
    for number in range(60):
        people.add(f"passing-{number}", f"passing-{number}")
        people.remove(f"passing-{number}")
    run = merged.applied()
    assert (["close the mailbox of bob"], True) == (run.steps, run.whole)
    assert {"alice": []} == office.links()


def test_an_account_that_may_not_ask_for_changes_reads_everything_each_time(
    office: Office, known: Directory, samba: Samba
) -> None:
    """Slower, and nobody who leaves is missed."""
    known.configure(bind_dn=samba.plain_reader)
    run = known.applied()
    assert (["unlink b1 from bob", "close the mailbox of bob"], True) == (run.steps, run.whole)
    assert (None, True) == (known.cursor, known.applied().whole)
    assert {"alice": ["a1"]} == office.links()


def test_testing_a_directory_shows_what_its_entries_come_to_and_changes_nothing(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Or, in the same sentence as a sync would, why it cannot be read."""
    accounts.add("Alice", "alice", "a1")
    before = office.items()
    tested = office.ended(office.admin.post(f"{corp.path}/test").raise_for_status().json()["run"])
    assert ("planned", [f"entry {accounts.id('Alice')}: primary alice, aliases a1"]) == (tested.status, tested.found)
    assert before == [each for each in office.items() if each["pk"] != f"RUN#{tested.id}"]
    corp.configure(secret_name=f"{corp.name}-missing")
    refused = office.ended(office.admin.post(f"{corp.path}/test").raise_for_status().json()["run"])
    assert ("failed", True) == (refused.status, "Secrets Manager has no secret" in refused.because)
