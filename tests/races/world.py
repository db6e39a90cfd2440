"""A deployed stack and a directory server with a handful of addresses on which everybody works at once."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

import httpx

from addresses.table import Item
from local import aws, people
from local.outputs import Outputs
from local.slapd import Slapd
from tests.races.staff import Person, Staff
from tests.table import everything

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client
    from types_boto3_sns import SNSClient
    from types_boto3_sqs import SQSClient
    from types_boto3_stepfunctions import SFNClient

ADMINISTRATOR = "races@example.com"
NAMES = 8
WARMING = (2, 4, 6, 8, 10, 12)
# What takes more addresses away than this waits for an administrator.
UNASKED = 1


@dataclass
class World:
    """Where everybody acts: the API and the services of one stack, one unit of one directory, eight addresses.

    ``staff`` is what the directory says now; ``mail`` is what was sent in so far: for each subject, whose it is.
    ``versions`` are the objects that hold it.
    """

    outputs: Outputs
    admin: httpx.Client
    dynamodb: "DynamoDBClient"
    s3: "S3Client"
    sqs: "SQSClient"
    sns: "SNSClient"
    stepfunctions: "SFNClient"
    slapd: Slapd
    domain: str
    unit: str
    directory: str
    staff: Staff = field(default_factory=dict)
    mail: dict[str, frozenset[str]] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    logging_on: Lock = field(default_factory=Lock)

    @property
    def names(self) -> list[str]:
        """The addresses that everybody wants."""
        return [f"n{number}@{self.domain}" for number in range(NAMES)]

    def items(self) -> list[Item]:
        """Every item of the table."""
        return everything(self.dynamodb, self.outputs.table_name)

    def reader(self, address: str) -> httpx.Client:
        """The API for a person who has logged on with this address."""
        # One at a time: whoever logs on gets a new password, and the one before is no longer good.
        with self.logging_on:
            if address not in self.tokens:
                self.tokens[address] = people.token(self.outputs, address)
        return client(self.outputs, self.tokens[address])

    def configure(self) -> None:
        """Configure the directory; a plan that was rejected is held again then."""
        configuration = {
            "kind": "ldap",
            "url": self.slapd.url,
            "base_dn": self.unit,
            "bind_dn": self.slapd.bind_dn,
            "secret_name": self.directory,
            "profile": "openldap",
            "ca_certificate": self.slapd.ca_certificate,
            "limits": {"count": UNASKED, "percent": 100, "floor": UNASKED},
        }
        self.admin.put(f"/directories/{self.directory}", json=configuration).raise_for_status()

    def people(self) -> dict[str, Person]:
        """Who is in the directory now, by the ids of their entries."""
        ids = {uid: self.slapd.editor.id(f"uid={uid},{self.unit}", "entryUUID").decode() for uid in self.staff}
        return {ids[uid]: person for uid, person in self.staff.items()}


def client(outputs: Outputs, token: str) -> httpx.Client:
    """The API for whoever has this token."""
    return httpx.Client(base_url=outputs.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=60)


@contextmanager
def opened(outputs: Outputs, slapd: Slapd) -> Iterator[World]:
    """A world of its own in a stack that may have others: a domain, a unit, a directory that is forgotten after."""
    name = f"races-{secrets.token_hex(4)}"
    domain, unit = f"{name}.example.com", f"ou={name},{slapd.base_dn}"
    session = aws.session()
    given: dict[str, Any] = {"endpoint_url": outputs.endpoint_url, "config": aws.DIRECT}
    slapd.editor.add(unit, ["organizationalUnit"])
    session.client("secretsmanager", **given).create_secret(Name=name, SecretString=slapd.password)
    token = people.token(outputs, ADMINISTRATOR, ["address-admins"])
    with client(outputs, token) as admin:
        world = World(
            outputs=outputs,
            admin=admin,
            dynamodb=session.client("dynamodb", **given),
            s3=session.client("s3", **given),
            sqs=session.client("sqs", **given),
            sns=session.client("sns", **given),
            stepfunctions=session.client("stepfunctions", **given),
            slapd=slapd,
            domain=domain,
            unit=unit,
            directory=name,
        )
        _own(world)
        world.configure()
        _warm(world)
        yield world
        admin.delete(f"/directories/{name}").raise_for_status()


def _own(world: World) -> None:
    settings = world.admin.get("/settings").raise_for_status().json()
    settings["internal_domains"].append(world.domain)
    world.admin.put("/settings", json=settings).raise_for_status()


def _warm(world: World) -> None:
    """Have enough containers of the APIs, a few more at a time: on a small machine, sixteen at once would time out."""
    with world.reader(world.names[0]) as reader:
        for several in WARMING:
            with ThreadPoolExecutor(several) as executor:
                list(executor.map(lambda _: world.admin.get("/runs", params={"limit": "1"}), range(2 * several)))
        for several in WARMING[:2]:
            with ThreadPoolExecutor(several) as executor:
                list(executor.map(lambda _: reader.get("/me"), range(2 * several)))
