"""Directories of each test's own: a unit of the one Samba or of the one OpenLDAP server, read by the deployed stack."""

import secrets
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from local import aws
from local.outputs import Outputs
from local.slapd import Slapd
from tests.directories import conftest as servers
from tests.directories.samba import Samba
from tests.integration.sync.accounts import Accounts, People
from tests.integration.sync.office import Directory, Office

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_secretsmanager import SecretsManagerClient

# The fixtures of the real servers, as the tests of their readers have them.
scratch, samba, slapd = servers.scratch, servers.samba, servers.slapd

# Configures a directory and gives it; ``secret`` is what Secrets Manager has for it.
Configures = Callable[..., Directory]


@pytest.fixture(scope="session")
def secrets_manager(stack: Outputs) -> "SecretsManagerClient":
    """Where the directories' passwords are, as the account's administrator."""
    return aws.session().client("secretsmanager", endpoint_url=stack.endpoint_url, config=aws.DIRECT)


@pytest.fixture
def office(admin: httpx.Client, stack: Outputs, dynamodb: "DynamoDBClient", domain: str) -> Office:
    """The administrator's desk, for a domain of the test's own."""
    return Office(admin, dynamodb, stack.table_name, domain)


@pytest.fixture
def configured(office: Office, secrets_manager: "SecretsManagerClient") -> Iterator[Configures]:
    """Gives directories by their configuration; they are forgotten after the test, so that no schedule reads them."""
    made: list[Directory] = []

    def configure(configuration: dict[str, Any], secret: str | None) -> Directory:
        name = f"d-{secrets.token_hex(4)}"
        if secret is not None:
            secrets_manager.create_secret(Name=name, SecretString=secret)
        made.append(Directory(office, name, configuration))
        return made[-1]

    yield configure
    for directory in made:
        office.admin.delete(directory.path).raise_for_status()


@pytest.fixture
def accounts(samba: Samba, office: Office) -> Accounts:
    """The accounts of an organisational unit that no other test uses, in Active Directory."""
    unit = f"OU=unit-{secrets.token_hex(4)},{samba.base_dn}"
    samba.editor.add(unit, ["organizationalUnit"])
    return Accounts(samba.editor, unit, office)


@pytest.fixture
def people(slapd: Slapd, office: Office) -> People:
    """The people of an organisational unit that no other test uses, in OpenLDAP."""
    unit = f"ou=unit-{secrets.token_hex(4)},{slapd.base_dn}"
    slapd.editor.add(unit, ["organizationalUnit"])
    return People(slapd.editor, unit, office)


@pytest.fixture
def corp(samba: Samba, accounts: Accounts, configured: Configures) -> Directory:
    """The directory of those accounts."""
    return configured(
        {
            "kind": "ldap",
            "url": samba.url,
            "base_dn": accounts.unit,
            "bind_dn": samba.reader,
            "profile": "active_directory",
            "ca_certificate": samba.ca_certificate,
        },
        samba.password,
    )


@pytest.fixture
def merged(slapd: Slapd, people: People, configured: Configures) -> Directory:
    """The directory of those people."""
    return configured(
        {
            "kind": "ldap",
            "url": slapd.url,
            "base_dn": people.unit,
            "bind_dn": slapd.bind_dn,
            "profile": "openldap",
            "ca_certificate": slapd.ca_certificate,
        },
        slapd.password,
    )
