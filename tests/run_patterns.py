"""How the functions use the table for directories and runs: the routes, a directory being read, a plan carried out."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from addresses.address import Address
from apply_plan import handler as apply_plan
from directory_sync import handler as directory_sync
from directory_sync.reader import Entry
from tests.access_patterns import Doing, Pattern, admin, numbered
from tests.example_items import DIRECTORY
from tests.metered import Metered
from tests.people import BOB

CORP = DIRECTORY.model_dump(mode="json", exclude_none=True)
SCHEDULED = {"id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "time": "2026-03-01T09:45:00Z"}


def entry(number: int, primary: Address, *aliases: Address) -> Entry:
    """An account of the directory."""
    return Entry(str(UUID(int=number)), (primary,), aliases, "Alice")


def people(count: int) -> tuple[Entry, ...]:
    """So many accounts, each with an alias in the other domain."""
    return tuple(
        entry(number, primary, Address(primary.replace("example.com", "example.net")))
        for number, primary in enumerate(numbered(count))
    )


def ordered(**how: Any) -> Doing:
    """A sync is ordered."""
    return admin("POST /directories/corp/sync", how)


def read(*entries: Entry, changed: Collection[str] = ()) -> Doing:
    """The directory is read as it was ordered."""
    return lambda world: world.read_directory(*entries, changed=changed)


def carried_out(world: Metered) -> None:
    """The plan is carried out, and its run ended."""
    world.carry_out()


def synced(count: int) -> tuple[Doing, ...]:
    """So many accounts are as their directory has them."""
    return (configured(), ordered(), read(*people(count)), carried_out)


def configured(*names: str) -> Doing:
    """These directories are configured; ``corp`` alone if none is named."""

    def put(world: Metered) -> None:
        for name in names or ("corp",):
            admin(f"PUT /directories/{name}", CORP)(world)

    return put


def last_run(request: str) -> Doing:
    """A request about the run that was ordered last."""
    return lambda world: admin(request.format(run=world.last_run))(world)


def approved(world: Metered) -> None:
    """The run that was ordered last is approved; that its digest was looked for is not metered."""
    digest = world.send(f"GET /runs/{world.last_run}", email="admin@example.com")["digest"]
    world.meter.forget()
    admin(f"POST /runs/{world.last_run}/approve", {"digest": digest})(world)


def first_part(world: Metered) -> None:
    """The first part of the plan is carried out."""
    world.invoke(apply_plan, world.part_orders()[0])


def finished(world: Metered) -> None:
    """The run is ended."""
    world.invoke(apply_plan, {"do": "finish", "run": world.last_run})


def reverted(world: Metered) -> None:
    """The run is taken back as it was ordered."""
    world.invoke(apply_plan, world.orders.sent[-1][1])


RENAMED = replace(people(1)[0], primaries=(BOB,), aliases=(*people(1)[0].primaries, *people(1)[0].aliases))
WHOLE = ordered(whole=True)
HELD = (*synced(20), WHOLE, read(*people(1)))
TOOK_BACK = (*synced(1), last_run("POST /runs/{run}/revert"))
DIRECTORY_ROUTES: tuple[Pattern, ...] = (
    Pattern("GET /directories", "2 directories", (configured("corp", "school"),), admin("GET /directories")),
    Pattern("PUT /directories/{name}", "new", (), configured()),
    Pattern("PUT /directories/{name}", "known", (configured(),), configured()),
    Pattern(
        "PUT /directories/{name}",
        "its plan was rejected",
        (*HELD, last_run("POST /runs/{run}/reject")),
        configured(),
    ),
    Pattern("GET /directories/{name}", "any", (configured(),), admin("GET /directories/corp")),
    Pattern("DELETE /directories/{name}", "any", (configured(),), admin("DELETE /directories/corp")),
    Pattern("POST /directories/{name}/sync", "any", (configured(),), admin("POST /directories/corp/sync")),
    Pattern("POST /directories/{name}/test", "any", (configured(),), admin("POST /directories/corp/test")),
    Pattern("GET /runs", "of 3 sources, 3 in all", (configured(), *(ordered(),) * 3), admin("GET /runs")),
    Pattern(
        "GET /runs",
        "of one source, page of 50",
        (configured(), *(ordered(),) * 51),
        admin("GET /runs?source=directory:corp"),
    ),
    Pattern("GET /runs/{run}", "any", (configured(), ordered()), last_run("GET /runs/{run}")),
    Pattern("GET /runs/{run}/steps", "held: from the bucket", HELD, last_run("GET /runs/{run}/steps")),
    Pattern("GET /runs/{run}/steps", "40 steps carried out", synced(20), last_run("GET /runs/{run}/steps")),
    Pattern("POST /runs/{run}/approve", "any", HELD, approved),
    Pattern("POST /runs/{run}/reject", "any", HELD, last_run("POST /runs/{run}/reject")),
    Pattern("POST /runs/{run}/revert", "any", synced(1), last_run("POST /runs/{run}/revert")),
)
SYNCING: tuple[Pattern, ...] = (
    Pattern(
        "directory_sync",
        "the schedule, 2 directories",
        (configured("corp", "school"),),
        lambda world: world.invoke(directory_sync, SCHEDULED),
    ),
    Pattern("directory_sync", "whole, 1 mailbox, nothing to do", (*synced(1), WHOLE), read(*people(1))),
    Pattern("directory_sync", "whole, 40 mailboxes, nothing to do", (*synced(40), WHOLE), read(*people(40))),
    Pattern("directory_sync", "whole, 40 accounts, none known", (configured(), ordered()), read(*people(40))),
    Pattern("directory_sync", "changes, none", (*synced(40), ordered()), read(*people(40))),
    Pattern(
        "directory_sync",
        "changes, 1 account renamed",
        (*synced(40), ordered()),
        read(RENAMED, *people(40)[1:], changed=[RENAMED.id]),
    ),
    Pattern("directory_sync", "whole, 20 mailboxes, 19 gone: held", (*synced(20), WHOLE), read(*people(1))),
    Pattern(
        "directory_sync",
        "one more such: takes the place of the held one",
        (*HELD, WHOLE),
        read(*people(2)),
    ),
    Pattern("directory_sync", "cannot be read: empty", (*synced(1), WHOLE), read()),
    Pattern(
        "directory_sync", "a dry run, 1 mailbox", (*synced(1), ordered(dry_run=True, whole=True)), read(*people(1))
    ),
)
APPLYING: tuple[Pattern, ...] = (
    Pattern(
        "apply_plan",
        "a part: 1 mailbox opened, 1 alias linked",
        (configured(), ordered(), read(*people(1))),
        first_part,
    ),
    Pattern(
        "apply_plan",
        "a part: 40 mailboxes opened, 40 aliases linked",
        (configured(), ordered(), read(*people(40))),
        first_part,
    ),
    Pattern(
        "apply_plan",
        "the same part once more",
        (configured(), ordered(), read(*people(40)), first_part),
        first_part,
    ),
    Pattern(
        "apply_plan",
        "a part: 1 mailbox renamed",
        (*synced(1), ordered(), read(RENAMED, changed=[RENAMED.id])),
        first_part,
    ),
    Pattern("apply_plan", "the end of a run", (configured(), ordered(), read(*people(40)), first_part), finished),
    Pattern("apply_plan", "a run of 2 steps is planned back", TOOK_BACK, reverted),
)
