"""How the world is when a schedule begins: what some quiet days have left, made by the functions themselves."""

from dataclasses import dataclass
from typing import Any

from addresses.archive import Envelope
from addresses.items import settings_item
from addresses.settings import Settings
from addresses.wire import raw
from tests.simulation.acts import CORP, DIRECTORY, OTHER, PEOPLE, STRANGER, ask
from tests.simulation.cloud import BEGIN, Cloud
from tests.simulation.delivery import Post
from tests.simulation.dynamodb import key_of
from tests.simulation.schedule import Schedule
from tests.simulation.watching import Watch
from tests.simulation.world import World

SETTINGS = Settings(internal_domains=["example.com", "example.org"])
LIMITED = {"limits": {"count": 500, "percent": 40, "floor": 1}}


@dataclass(frozen=True)
class Beginning:
    """Everything that lasts, as it was."""

    items: Any
    objects: Any
    stored: int
    listed: Any
    executions: Any
    mails: Any
    now: Any


class Worlds:
    """Gives one world after the other, all on one cloud, since containers take long to make."""

    def __init__(self) -> None:
        """Make the containers, and the three ways in which a world may begin."""
        self.cloud = Cloud()
        self.beginnings = [_beginning(self.cloud, number) for number in range(3)]

    def world(self, number: int) -> World:
        """A world that begins in the way of this number."""
        world = _empty(self.cloud)
        begun = self.beginnings[number % len(self.beginnings)]
        self.cloud.store.begin_with(begun.items)
        self.cloud.objects.versions = {key: list(versions) for key, versions in begun.objects.items()}
        # Names of versions are a part of the runs' ids: a schedule must not depend on what ran before it.
        self.cloud.objects.count = begun.stored
        self.cloud.sent.executions = dict(begun.executions)
        self.cloud.sent.begun = list(begun.executions)
        self.cloud.now = begun.now
        for name, entries in begun.listed.items():
            world.directories[name].entries_by_id = dict(entries)
            world.directories[name].changed = list(entries)
        world.mails = list(begun.mails)
        world.watch.begin()
        return world


def _empty(cloud: Cloud) -> World:
    while cloud.working:
        cloud.working.pop().end()
    cloud.store.begin_with({})
    cloud.objects.versions, cloud.objects.count = {}, 0
    cloud.sent.orders.clear()
    cloud.sent.executions, cloud.sent.begun = {}, []
    cloud.now = BEGIN
    for container in cloud.containers:
        container.busy = False
        container.forget()

    def keys(bucket: str, prefix: str) -> list[str]:
        return sorted(key for where, key in cloud.objects.versions if where == bucket and key.startswith(prefix))

    world = World(cloud, Watch(cloud), Post(cloud.sent, keys))
    cloud.open_reader = world.reader
    return world


def _beginning(cloud: Cloud, number: int) -> Beginning:
    """0: links by hand alone; 1: two directories of equal right; 2: one of them is the authority, and soon held."""
    world = _empty(cloud)
    item = raw(settings_item(SETTINGS))
    cloud.store.begin_with({key_of(item): item})
    world.watch.begin()
    quiet = Schedule(world, 0)
    quiet.left = 0
    quiet.calm()
    for name, entries in (("corp", CORP), ("other", OTHER)):
        rights = {"domains": ["example.com"], **LIMITED} if number == 2 and name == "corp" else {}
        ask(world, f"PUT /directories/{name}", {**DIRECTORY, "secret_name": name, **rights})
        if number:
            world.directories[name].put(*entries)
    quiet.come_to_rest()
    if number:
        world.schedule()
        quiet.come_to_rest()
    else:
        for request in ("PUT /mailboxes/alice@example.com", "PUT /mailboxes/bob@example.com"):
            ask(world, request)
            quiet.come_to_rest()
        ask(world, "PUT /mailboxes/alice@example.com/aliases/a1@example.com")
    ask(world, "PUT /archives/alice@example.com/delegates/bob@example.com")
    for message, each in enumerate(PEOPLE):
        # Whoever sees what is not theirs, sees mail.
        world.receive(message, Envelope(STRANGER, (each,)))
    quiet.come_to_rest()
    return Beginning(
        dict(cloud.store.items),
        {key: list(versions) for key, versions in cloud.objects.versions.items()},
        cloud.objects.count,
        {name: dict(listed.entries_by_id) for name, listed in world.directories.items()},
        dict(cloud.sent.executions),
        list(world.mails),
        cloud.now,
    )
