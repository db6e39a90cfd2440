"""What people, directories, mail systems and time do while the functions are at work: a little of everything."""

import json
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from addresses.archive import Envelope
from addresses.run import RunStatus
from directory_sync.reader import Entry
from tests.gateway import asked
from tests.mail import raw_message, s3_event, ses_notification
from tests.simulation.container import MAIL
from tests.simulation.delivery import Delivery

if TYPE_CHECKING:
    from tests.simulation.world import World

# Few, so that they meet often, in the domains of two directories.
PEOPLE = (
    *(f"{name}@example.com" for name in ("alice", "a1", "bob", "b1")),
    *(f"{name}@example.org" for name in ("carol", "c1")),
)
BOSS = {"email": "boss@example.com", "cognito:groups": "[address-admins delegation-admins]"}
IDS = {"corp": ("1", "2", "3"), "other": ("7", "8")}
STRANGER = "someone@example.net"
CORP = [
    Entry("1", ("alice@example.com",), ("a1@example.com",), "Alice"),
    Entry("2", ("bob@example.com",), ("b1@example.com",), "Bob"),
]
OTHER = [Entry("7", ("carol@example.org",), ("c1@example.org",), "Carol")]
# How the directory corp is configured.
DIRECTORY = {
    "kind": "ldap",
    "url": "ldaps://dc1.example.com",
    "base_dn": "dc=example,dc=com",
    "bind_dn": "cn=archive,dc=example,dc=com",
    "secret_name": "corp",
    "profile": "active_directory",
}

type Act = Callable[["World", Random], None]


def by_hand(world: "World", random: Random) -> None:
    """An administrator changes links."""
    one, other, third = random.sample(PEOPLE, 3)
    given = [archive for _, archive in world.given() if archive != one]
    if given and random.random() < 0.3:
        other = random.choice(given)
    holder = world.holder(other)
    said = {"from": holder} if holder and random.random() < 0.7 else None
    request, body = random.choice(
        [
            (f"PUT /mailboxes/{one}/aliases/{other}", said),
            (f"PUT /mailboxes/{one}/aliases/{other}", said),
            (f"PUT /mailboxes/{world.holder(one) or one}/aliases/{other}", said),
            (f"DELETE /mailboxes/{holder or one}/aliases/{other}", None),
            (f"DELETE /mailboxes/{holder or one}/aliases/{other}", None),
            (f"PUT /mailboxes/{other}", said),
            (f"DELETE /mailboxes/{one}", None),
            (f"PUT /mailboxes/{holder or one}/primary", {"address": other}),
            (f"POST /mailboxes/{one}/aliases", {"aliases": [other, third]}),
        ]
    )
    ask(world, request, body, retried=random.random() < 0.5)


def delegate(world: "World", random: Random) -> None:
    """An administrator delegates an archive, for some time or for good, or ends that."""
    archive, to = random.sample(PEOPLE, 2)
    given = world.given()
    if given and random.random() < 0.5:
        to, archive = random.choice(given)
    if random.random() < 0.4:
        ask(world, f"DELETE /archives/{archive}/delegates/{to}")
        return
    expires = world.in_seconds(random.choice([1, 5, 3600]))
    ask(world, f"PUT /archives/{archive}/delegates/{to}", random.choice([None, {"expires_at": expires}]))


def read(world: "World", random: Random) -> None:
    """Somebody reads an archive, or asks for a message."""
    who, other = random.sample(PEOPLE, 2)
    given = world.given()
    if given and random.random() < 0.6:
        # Whoever was given something, also if that is over.
        who, other = random.choice(given)
        world.read(f"GET /archive?mailbox={other}", who)
        return
    digest = random.choice(world.digests()) if world.digests() else "0" * 64
    requests = ["GET /archive", "GET /me", f"GET /archive?mailbox={other}", f"GET /archive/messages/{digest}"]
    world.read(random.choice(requests), who)


def change_directory(world: "World", random: Random) -> None:
    """People join, leave and are renamed, and the schedule comes soon after."""
    name = random.choice(list(IDS))
    _change(world, name, random)
    if random.random() < 0.7:
        world.schedule()
    else:
        ask(world, f"POST /directories/{name}/sync", {"whole": random.random() < 0.5, "dry_run": random.random() < 0.2})


def change_both(world: "World", random: Random) -> None:
    """Both directories change, each as if it were alone, and the schedule has both read at the same time."""
    for name in IDS:
        _change(world, name, random)
    world.schedule()


def _change(world: "World", name: str, random: Random) -> None:
    """Of all entries or of one: whoever does not change is not among what the last plan wrote."""
    listed = world.directories[name]
    changing, stay = (IDS[name], 0.8) if random.random() < 0.5 else ((random.choice(IDS[name]),), 0.5)
    entries = {each: entry for each, entry in listed.entries_by_id.items() if each not in changing}
    for each in changing:
        primary, *aliases = random.sample(PEOPLE, random.randrange(1, 4))
        if random.random() < stay:
            entries[each] = Entry(each, (primary,), tuple(aliases), random.choice(["", "n"]))
    listed.become([*entries.values()])


def decide(world: "World", random: Random) -> None:
    """An administrator approves or rejects a held run, or takes one back."""
    runs = world.runs()
    held = [run for run in runs if run["status"] == RunStatus.HELD]
    # Somebody looks at a page that is no longer true.
    if random.random() < 0.2:
        held = [run for run in runs if run.get("digest")]
    if held and random.random() < 0.7:
        run = random.choice(held)
        if random.random() < 0.6:
            ask(world, f"POST /runs/{run['run']}/approve", {"digest": run["digest"]})
        else:
            ask(world, f"POST /runs/{run['run']}/reject")
    elif runs:
        run = random.choice(runs)
        ask(world, f"POST /runs/{run['run']}/revert", {"dry_run": random.random() < 0.2})


def upload(world: "World", random: Random) -> None:
    """A spreadsheet is put into the bucket of imports."""
    rows = ["email,alias,action"]
    for _ in range(random.randrange(1, 4)):
        primary, alias = random.sample(PEOPLE, 2)
        rows.append(f"{primary},{alias},{random.choice(['', '', 'unlink'])}")
    world.upload("\r\n".join(rows).encode())


def mail(world: "World", random: Random) -> None:
    """A message arrives, or another copy of one."""
    number = random.randrange(10)
    recipients = tuple(random.sample([*PEOPLE, STRANGER], random.randrange(1, 4)))
    envelope = Envelope(random.choice([STRANGER, *PEOPLE]), recipients)
    world.receive(number, envelope)


def wait(world: "World", random: Random) -> None:
    """Nothing happens, for a while."""
    world.pass_seconds(random.choice([1, 60, 1200, 5000]))


def expire(world: "World", random: Random) -> None:
    """DynamoDB gets round to removing an item that has expired."""
    world.remove_expired(random)


def set_history(world: "World", random: Random) -> None:
    """The organisation changes its mind on what history shows."""
    history = random.choice(["whole", "since_linked"])
    ask(world, "PUT /settings", {"internal_domains": ["example.com", "example.org"], "archive_history": history})


# How often what happens, by what a schedule is about.
THEMES: tuple[dict[Act, int], ...] = (
    {by_hand: 20, change_directory: 10, mail: 6, read: 8, delegate: 4, decide: 4, upload: 1, wait: 2, set_history: 2},
    {change_directory: 6, change_both: 6, mail: 1, read: 1, wait: 1},
    {by_hand: 6, delegate: 8, read: 10, mail: 2, wait: 2, expire: 1, set_history: 1},
)


def ask(world: "World", request: str, body: Any = None, *, retried: bool = False) -> None:
    """Send a request of an administrator; a client that hears nothing may send it once more."""
    function, event = asked(request, body, claims=BOSS)
    world.post.waiting.append(
        Delivery(function, event, 2 if retried else 1, world.answered, world.unanswered, may_come_again=False)
    )


def arrival(key: str, version: str, envelope: Envelope | None) -> str:
    """What announces an object of the mail bucket: SES, which knows the envelope, or S3."""
    if envelope:
        return ses_notification(key, envelope, MAIL)
    return s3_event(key, version, MAIL)


def message(number: int) -> bytes:
    """The message of this number."""
    return raw_message(message_id=f"<{number}@example.net>")


def uploaded(key: str, version: str, size: int, at: str) -> dict[str, Any]:
    """What S3 tells of a file in the bucket of imports."""
    stored = {"key": key, "size": size, "versionId": version}
    who = {"principalId": "AWS:AIDAEXAMPLE"}
    event: dict[str, Any] = json.loads(json.dumps({"eventTime": at, "userIdentity": who, "s3": {"object": stored}}))
    return {"Records": [event]}
