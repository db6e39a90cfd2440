"""Every way in which the functions use the table: what is there before, and what is asked for; and what it costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from addresses.address import Address, parse
from addresses.archive import Envelope
from addresses.items import new_address, settings_item
from addresses.mailbox import MailboxId, Profile
from addresses.settings import ArchiveHistory
from addresses.step import Adopt, Open, Ref
from tests.capacity import Raw
from tests.mail import raw_message
from tests.meter import Call
from tests.metered import SETTINGS, Metered, metered
from tests.people import A1, A2, ALICE, B1, BOB

type Doing = Callable[[Metered], Any]

MAILBOX, ALIASES, ALIAS = f"/mailboxes/{ALICE}", f"/mailboxes/{ALICE}/aliases", f"/mailboxes/{ALICE}/aliases/{B1}"
ONE, OTHER, COPY = "inbound/5f0f2b8a-one.eml", "inbound/5f0f2b8a-other.eml", "inbound/ses/5f0f2b8a-copy"


@dataclass(frozen=True)
class Pattern:
    """A use of the table: the route or function, the case of it, what is done before, and the use itself."""

    who: str
    case: str
    before: tuple[Doing, ...]
    use: Doing


@dataclass(frozen=True)
class Measured:
    """A pattern, the calls that it made, and the items that were in the table after it."""

    pattern: Pattern
    calls: tuple[Call, ...]
    items: Sequence[Raw]


@cache
def measured(patterns: tuple[Pattern, ...]) -> tuple[Measured, ...]:
    """The patterns, each carried out in a world of its own."""
    return tuple(map(_measured, patterns))


def _measured(pattern: Pattern) -> Measured:
    with metered() as world:
        for doing in pattern.before:
            doing(world)
        world.meter.calls.clear()
        pattern.use(world)
        return Measured(pattern, tuple(world.meter.calls), world.items())


def admin(method: str, path: str, body: Any = None, status: int | None = None, **query: object) -> Doing:
    """A request of an administrator."""
    return lambda world: world.admin(method, path, body, status, **query)


def mailbox(*aliases: Address, primary: Address = ALICE) -> tuple[Doing, ...]:
    """A mailbox with these aliases, opened and linked by hand."""
    opened = admin("PUT", f"/mailboxes/{primary}", {"name": "Alice"})
    linked = admin("POST", f"/mailboxes/{primary}/aliases", {"aliases": aliases})
    return (opened, linked) if aliases else (opened,)


def numbered(count: int) -> tuple[Address, ...]:
    """So many addresses."""
    return tuple(parse(f"n{number:03}@example.com") for number in range(count))


def mailboxes(count: int) -> Doing:
    """So many mailboxes without aliases."""
    steps = [
        Open(Ref(MailboxId(str(UUID(int=number))), primary), Profile("Alice"))
        for number, primary in enumerate(numbered(count))
    ]
    return lambda world: world.carry_out(*steps)


def met(*addresses: Address) -> Doing:
    """Addresses that mail has made known."""
    return lambda world: world.table.put_all(map(new_address, addresses))


def kept_by_directory(world: Metered) -> None:
    """The mailbox is adopted for an entry of a directory."""
    found = world.admin("GET", MAILBOX)
    adopted = Profile("Alice", "corp", str(UUID(int=1)))
    world.carry_out(Adopt(Ref(MailboxId(found["id"]), ALICE), Profile("Alice"), adopted))


LINKED = mailbox(A1, A2)
LINKS: tuple[Pattern, ...] = (
    Pattern("GET /mailboxes/{primary}", "2 aliases", LINKED, admin("GET", MAILBOX)),
    Pattern(
        "GET /mailboxes",
        "of one domain, page of 50",
        (mailboxes(51),),
        admin("GET", "/mailboxes", domain="example.com"),
    ),
    Pattern("GET /mailboxes", "of 3 domains, 20 mailboxes in all", (mailboxes(20),), admin("GET", "/mailboxes")),
    Pattern(
        "GET /addresses/{address}",
        "of 2 mailboxes, one after the other",
        (*LINKED, *mailbox(primary=BOB), admin("PUT", f"/mailboxes/{BOB}/aliases/{A1}", {"from": ALICE})),
        admin("GET", f"/addresses/{A1}"),
    ),
    Pattern(
        "GET /addresses",
        "unlinked, of one domain, page of 50",
        (met(*numbered(51)),),
        admin("GET", "/addresses", kind="unlinked", domain="example.com"),
    ),
    Pattern("GET /settings", "3 domains", (), admin("GET", "/settings")),
    Pattern("PUT /settings", "3 domains", (), admin("PUT", "/settings", SETTINGS.model_dump(mode="json"))),
    Pattern("PUT /mailboxes/{primary}", "opens; address never seen", (), admin("PUT", MAILBOX, {"name": "Alice"})),
    Pattern(
        "PUT /mailboxes/{primary}", "opens; address known", (met(ALICE),), admin("PUT", MAILBOX, {"name": "Alice"})
    ),
    Pattern(
        "PUT /mailboxes/{primary}",
        "opens; was an alias, `from` given",
        LINKED,
        admin("PUT", f"/mailboxes/{A1}", {"from": ALICE}),
    ),
    Pattern("PUT /mailboxes/{primary}", "gives another name", LINKED, admin("PUT", MAILBOX, {"name": "A."})),
    Pattern("PUT /mailboxes/{primary}", "is open: replay", LINKED, admin("PUT", MAILBOX, {"name": "Alice"})),
    Pattern("PUT /mailboxes/{primary}/aliases/{alias}", "address never seen", LINKED, admin("PUT", ALIAS)),
    Pattern("PUT /mailboxes/{primary}/aliases/{alias}", "address known", (*LINKED, met(B1)), admin("PUT", ALIAS)),
    Pattern(
        "PUT /mailboxes/{primary}/aliases/{alias}",
        "relinks from another mailbox",
        (*LINKED, *mailbox(B1, primary=BOB)),
        admin("PUT", ALIAS, {"from": BOB}),
    ),
    Pattern(
        "PUT /mailboxes/{primary}/aliases/{alias}",
        "mailbox kept by a directory",
        (*LINKED, kept_by_directory),
        admin("PUT", ALIAS),
    ),
    Pattern("PUT /mailboxes/{primary}/aliases/{alias}", "is linked: replay", mailbox(A1, B1), admin("PUT", ALIAS)),
    Pattern(
        "PUT /mailboxes/{primary}/aliases/{alias}",
        "refused: linked elsewhere (409)",
        (*LINKED, *mailbox(B1, primary=BOB)),
        admin("PUT", ALIAS, status=409),
    ),
    Pattern(
        "POST /mailboxes/{primary}/aliases", "10 at once", LINKED, admin("POST", ALIASES, {"aliases": numbered(10)})
    ),
    Pattern(
        "POST /mailboxes/{primary}/aliases", "90 at once", LINKED, admin("POST", ALIASES, {"aliases": numbered(90)})
    ),
    Pattern("DELETE /mailboxes/{primary}/aliases/{alias}", "one of 3", mailbox(A1, A2, B1), admin("DELETE", ALIAS)),
    Pattern("DELETE /mailboxes/{primary}/aliases/{alias}", "is unlinked: replay", LINKED, admin("DELETE", ALIAS)),
    Pattern(
        "PUT /mailboxes/{primary}/primary", "2 aliases", LINKED, admin("PUT", f"{MAILBOX}/primary", {"address": A1})
    ),
    Pattern("DELETE /mailboxes/{primary}", "2 aliases", LINKED, admin("DELETE", MAILBOX)),
    Pattern("DELETE /mailboxes/{primary}", "90 aliases", mailbox(*numbered(90)), admin("DELETE", MAILBOX)),
)


def mail(*addresses: Address, count: int = 60) -> Doing:
    """So many messages in each address's archive."""
    return lambda world: world.put_mail(*addresses, count=count)


def since_linked(world: Metered) -> None:
    """A mailbox sees of each address what came in its own tenures."""
    changed = SETTINGS.model_copy(update={"archive_history": ArchiveHistory.SINCE_LINKED})
    world.table.put(settings_item(changed))


def page(number: int, limit: int = 50) -> Doing:
    """The page of this number of the archive; what comes before it is not metered."""

    def turn(world: Metered) -> Any:
        answer = world.user(ALICE, "/archive", limit=limit)
        for _ in range(number - 1):
            world.meter.calls.clear()
            answer = world.user(ALICE, "/archive", limit=limit, cursor=answer["next"])
        return answer

    return turn


def in_bucket(key: str, *recipients: str, **fields: str) -> Doing:
    """A raw message to these recipients in the mail bucket."""
    return lambda world: world.store(raw_message(to=", ".join(recipients), **fields), key)


def announced(*keys: str, envelope: Envelope | None = None) -> Doing:
    """The objects are announced to mail_ingest in one batch."""
    return lambda world: world.announce(*keys, envelope=envelope)


def opened(suffix: str = "") -> Doing:
    """The newest message of the archive is opened; that it was looked for is not metered."""

    def turn(world: Metered) -> Any:
        newest = world.user(ALICE, "/archive")["messages"][0]["id"]
        world.meter.calls.clear()
        return world.user(ALICE, f"/archive/messages/{newest}{suffix}")

    return turn


RELINKED = (*mailbox(A1, A2, B1), admin("DELETE", ALIAS), admin("PUT", ALIAS), admin("DELETE", f"{ALIASES}/{A2}"))
RECEIVED = (in_bucket(ONE, ALICE, A1), announced(ONE))
ARCHIVE: tuple[Pattern, ...] = (
    Pattern("GET /me", "2 aliases", LINKED, lambda world: world.user(ALICE, "/me")),
    Pattern("GET /archive", "1 address, page of 50", (*mailbox(), mail(ALICE)), page(1)),
    Pattern("GET /archive", "3 addresses, page of 50", (*LINKED, mail(ALICE, A1, A2)), page(1)),
    Pattern("GET /archive", "the same, 10th page", (*LINKED, mail(ALICE, A1, A2, count=240)), page(10)),
    Pattern("GET /archive", "3 addresses, page of 200", (*LINKED, mail(ALICE, A1, A2, count=210)), page(1, 200)),
    Pattern("GET /archive", "3 addresses, since_linked", (*LINKED, since_linked, mail(ALICE, A1, A2)), page(1)),
    Pattern(
        "GET /archive",
        "the same, one linked for the second time",
        (*RELINKED, since_linked, mail(ALICE, A1, B1)),
        page(1),
    ),
    Pattern("GET /archive/messages/{id}", "3 addresses, in 2 of their archives", (*LINKED, *RECEIVED), opened()),
    Pattern(
        "GET /archive/messages/{id}",
        "no such message (404)",
        LINKED,
        lambda world: world.user(ALICE, f"/archive/messages/{'0' * 64}", status=404),
    ),
    Pattern("GET /archive/messages/{id}/raw", "the same as opening it", (*LINKED, *RECEIVED), opened("/raw")),
)


def restart(world: Metered) -> None:
    """A new container: what the last one remembered is gone."""
    world.restart()


FIVE = tuple(f"five{number}@example.com" for number in range(5))
HUNDRED = numbered(100)
WARM = (in_bucket(OTHER, *HUNDRED, *FIVE, ALICE, BOB, message_id="<other@example.org>"), announced(OTHER))
TWO = tuple(f"inbound/5f0f2b8a-{number}.eml" for number in range(2))
MAIL: tuple[Pattern, ...] = (
    Pattern("mail_ingest", "1 recipient, never seen, new container", (in_bucket(ONE, ALICE),), announced(ONE)),
    Pattern(
        "mail_ingest", "1 recipient, known, new container", (*WARM, restart, in_bucket(ONE, ALICE)), announced(ONE)
    ),
    Pattern("mail_ingest", "1 recipient, met before", (*WARM, in_bucket(ONE, ALICE)), announced(ONE)),
    Pattern(
        "mail_ingest",
        "5 recipients and an internal sender, met before",
        (*WARM, in_bucket(ONE, *FIVE, **{"from": BOB})),
        announced(ONE),
    ),
    Pattern("mail_ingest", "100 recipients, met before", (*WARM, in_bucket(ONE, *HUNDRED)), announced(ONE)),
    Pattern("mail_ingest", "the same, never seen, new container", (in_bucket(ONE, *HUNDRED),), announced(ONE)),
    Pattern("mail_ingest", "1 recipient, redelivered", (in_bucket(ONE, ALICE), announced(ONE)), announced(ONE)),
    Pattern(
        "mail_ingest",
        "a copy comes by SES, the first had no envelope",
        (in_bucket(ONE, ALICE), announced(ONE), in_bucket(COPY, ALICE)),
        announced(COPY, envelope=Envelope("bob@example.org", (ALICE,))),
    ),
    Pattern("mail_ingest", "no internal recipient", (in_bucket(ONE, "bob@example.org"),), announced(ONE)),
    Pattern(
        "mail_ingest",
        "2 messages in a batch, 1 recipient each, met before",
        (*WARM, *(in_bucket(key, ALICE, message_id=f"<{key}@example.org>") for key in TWO)),
        announced(*TWO),
    ),
)
EVERY = {"Requests by administrators": LINKS, "Requests by mail users": ARCHIVE, "Mail coming in": MAIL}
