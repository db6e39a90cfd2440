"""Every way in which the functions use the table: what is there before, and what is asked for; and what it costs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from addresses.address import Address, parse
from addresses.archive import Envelope
from addresses.items import new_address, settings_item
from addresses.mailbox import MailboxId, Profile
from addresses.settings import ArchiveHistory
from addresses.step import Link, Open, Ref
from tests.capacity import Raw
from tests.mail import raw_message
from tests.meter import Call
from tests.metered import SETTINGS, Metered, metered
from tests.people import A1, A2, ALICE, B1, BOB

type Doing = Callable[[Metered], Any]

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
    """A pattern, the calls that it made, and the items that it wrote."""

    pattern: Pattern
    calls: tuple[Call, ...]
    items: Sequence[Raw]


@cache
def measured(patterns: tuple[Pattern, ...]) -> tuple[Measured, ...]:
    """The patterns, each carried out from the beginning."""
    with metered() as world:
        return tuple(_measured(pattern, world) for pattern in patterns)


def _measured(pattern: Pattern, world: Metered) -> Measured:
    world.empty()
    for doing in pattern.before:
        doing(world)
    world.meter.forget()
    pattern.use(world)
    return Measured(pattern, tuple(world.meter.calls), tuple(world.meter.items))


def admin(request: str, body: Any = None, status: int | None = None) -> Doing:
    """A request of an administrator."""
    return lambda world: world.send(request, body, email="admin@example.com", status=status)


def user(request: str, status: int | None = None) -> Doing:
    """A request of Alice."""
    return lambda world: world.send(request, email=ALICE, status=status)


def ref(primary: Address) -> Ref:
    """The mailbox of this primary; its id is as long as ids are."""
    return Ref(MailboxId(str(uuid5(NAMESPACE_DNS, primary))), primary)


def mailbox(*aliases: Address, primary: Address = ALICE, directory: str | None = None) -> Doing:
    """A mailbox with these aliases, kept by the directory if there is one."""
    profile = Profile("Alice", directory, str(UUID(int=1)) if directory else None)
    opened = Open(ref(primary), profile)
    return lambda world: world.hold(opened, *(Link(ref(primary), alias) for alias in aliases))


def numbered(count: int) -> tuple[Address, ...]:
    """So many addresses."""
    return tuple(parse(f"n{number:03}@example.com") for number in range(count))


def mailboxes(count: int) -> Doing:
    """So many mailboxes without aliases."""
    return lambda world: world.hold(*(Open(ref(primary), Profile("Alice")) for primary in numbered(count)))


def met(*addresses: Address) -> Doing:
    """Addresses that mail has made known."""
    return lambda world: world.table.put_all(map(new_address, addresses))


OPEN, LIST, LINK, PROMOTE = (
    f"/mailboxes/{{primary}}{rest}" for rest in ("", "/aliases", "/aliases/{alias}", "/primary")
)
TO_ALICE, TO_BOB = f"PUT /mailboxes/{ALICE}/aliases/{B1}", f"PUT /mailboxes/{BOB}/aliases/{A1}"
FROM_ALICE = f"DELETE /mailboxes/{ALICE}/aliases/{B1}"
LINKED = (mailbox(A1, A2),)
LINKS: tuple[Pattern, ...] = (
    Pattern(f"GET {OPEN}", "2 aliases", LINKED, admin(f"GET /mailboxes/{ALICE}")),
    Pattern(
        "GET /mailboxes", "of one domain, page of 50", (mailboxes(51),), admin("GET /mailboxes?domain=example.com")
    ),
    Pattern("GET /mailboxes", "of 3 domains, 20 in all", (mailboxes(20),), admin("GET /mailboxes")),
    Pattern(
        "GET /addresses/{address}",
        "in 2 mailboxes so far",
        (*LINKED, mailbox(primary=BOB), admin(TO_BOB, {"from": ALICE})),
        admin(f"GET /addresses/{A1}"),
    ),
    Pattern(
        "GET /addresses",
        "unlinked, of one domain, page of 50",
        (met(*numbered(51)),),
        admin("GET /addresses?kind=unlinked&domain=example.com"),
    ),
    Pattern("GET /settings", "3 domains", (), admin("GET /settings")),
    Pattern("PUT /settings", "3 domains", (), admin("PUT /settings", SETTINGS.model_dump(mode="json"))),
    Pattern(f"PUT {OPEN}", "opens it; address never seen", (), admin(f"PUT /mailboxes/{ALICE}")),
    Pattern(f"PUT {OPEN}", "opens it; address unlinked", (met(ALICE),), admin(f"PUT /mailboxes/{ALICE}")),
    Pattern(
        f"PUT {OPEN}", "opens it; was an alias, `from` given", LINKED, admin(f"PUT /mailboxes/{A1}", {"from": ALICE})
    ),
    Pattern(f"PUT {OPEN}", "gives another name", LINKED, admin(f"PUT /mailboxes/{ALICE}", {"name": "Al"})),
    Pattern(f"PUT {OPEN}", "done already", LINKED, admin(f"PUT /mailboxes/{ALICE}", {"name": "Alice"})),
    Pattern(f"PUT {LINK}", "address never seen", LINKED, admin(TO_ALICE)),
    Pattern(f"PUT {LINK}", "address unlinked", (*LINKED, met(B1)), admin(TO_ALICE)),
    Pattern(
        f"PUT {LINK}",
        "relinks, `from` given",
        (*LINKED, mailbox(B1, primary=BOB)),
        admin(TO_ALICE, {"from": BOB}),
    ),
    Pattern(f"PUT {LINK}", "mailbox kept by a directory", (mailbox(A1, A2, directory="corp"),), admin(TO_ALICE)),
    Pattern(f"PUT {LINK}", "mailbox of 400 aliases", (mailbox(*numbered(400)),), admin(TO_ALICE)),
    Pattern(f"PUT {LINK}", "done already", (mailbox(A1, B1),), admin(TO_ALICE)),
    Pattern(
        f"PUT {LINK}",
        "refused: linked elsewhere (409)",
        (*LINKED, mailbox(B1, primary=BOB)),
        admin(TO_ALICE, status=HTTPStatus.CONFLICT),
    ),
    Pattern(f"POST {LIST}", "10 at once", LINKED, admin(f"POST /mailboxes/{ALICE}/aliases", {"aliases": numbered(10)})),
    Pattern(f"POST {LIST}", "90 at once", LINKED, admin(f"POST /mailboxes/{ALICE}/aliases", {"aliases": numbered(90)})),
    Pattern(f"DELETE {LINK}", "one of 3", (mailbox(A1, A2, B1),), admin(FROM_ALICE)),
    Pattern(f"DELETE {LINK}", "done already", LINKED, admin(FROM_ALICE)),
    Pattern(f"PUT {PROMOTE}", "2 aliases", LINKED, admin(f"PUT /mailboxes/{ALICE}/primary", {"address": A1})),
    Pattern(f"DELETE {OPEN}", "2 aliases", LINKED, admin(f"DELETE /mailboxes/{ALICE}")),
    Pattern(f"DELETE {OPEN}", "90 aliases", (mailbox(*numbered(90)),), admin(f"DELETE /mailboxes/{ALICE}")),
)


def mail(*addresses: Address, count: int = 60) -> Doing:
    """So many messages in each address's archive."""
    return lambda world: world.put_mail(*addresses, count=count)


def since_linked(world: Metered) -> None:
    """A mailbox sees of each address what came in its own tenures."""
    changed = SETTINGS.model_copy(update={"archive_history": ArchiveHistory.SINCE_LINKED})
    world.table.put(settings_item(changed))


def page(number: int, limit: int = 50) -> Doing:
    """The page of this number of Alice's archive; what comes before it is not metered."""

    def turn(world: Metered) -> None:
        answer = user(f"GET /archive?limit={limit}")(world)
        for _ in range(number - 1):
            world.meter.forget()
            answer = user(f"GET /archive?limit={limit}&cursor={answer['next']}")(world)

    return turn


def opened(rest: str = "") -> Doing:
    """The newest message of Alice's archive is opened; that it was looked for is not metered."""

    def turn(world: Metered) -> None:
        newest = user("GET /archive")(world)["messages"][0]["id"]
        world.meter.forget()
        user(f"GET /archive/messages/{newest}{rest}")(world)

    return turn


def in_bucket(key: str, *recipients: str, **fields: str) -> Doing:
    """A raw message to these recipients lies in the mail bucket."""
    return lambda world: world.store(raw_message(to=", ".join(recipients), **fields), key)


def announced(*keys: str, envelope: Envelope | None = None) -> Doing:
    """The objects are announced to mail_ingest in one batch."""
    return lambda world: world.announce(*keys, envelope=envelope)


SEARCH_IN_VAIN = user("GET /archive?q=minutes")
THREE = (*LINKED, mail(ALICE, A1, A2))
TWICE = (mailbox(A1, B1), admin(FROM_ALICE), admin(TO_ALICE))
RECEIVED = (*LINKED, in_bucket(ONE, ALICE, A1), announced(ONE))
READING: tuple[Pattern, ...] = (
    Pattern("GET /me", "2 aliases", LINKED, user("GET /me")),
    Pattern("GET /archive", "1 address, page of 50", (mailbox(), mail(ALICE)), page(1)),
    Pattern("GET /archive", "3 addresses, page of 50", THREE, page(1)),
    Pattern("GET /archive", "the same, 5th page", (*LINKED, mail(ALICE, A1, A2, count=120)), page(5)),
    Pattern("GET /archive", "3 addresses, page of 200", (*LINKED, mail(ALICE, A1, A2, count=210)), page(1, 200)),
    Pattern("GET /archive", "3 addresses, `since_linked`", (*THREE, since_linked), page(1)),
    Pattern("GET /archive", "the same, one linked twice", (*TWICE, mail(ALICE, A1, B1), since_linked), page(1)),
    Pattern("GET /archive", "`q`, 1 address, 1,000 messages", (mailbox(), mail(ALICE, count=1000)), SEARCH_IN_VAIN),
    Pattern("GET /archive", "`q`, 3 addresses, 1,000 each", (*LINKED, mail(ALICE, A1, A2, count=1000)), SEARCH_IN_VAIN),
    Pattern(
        "GET /archive", "`q`, 1 address, 9,000: not to the end", (mailbox(), mail(ALICE, count=9000)), SEARCH_IN_VAIN
    ),
    Pattern("GET /archive/messages/{id}", "3 addresses, 2 of them have it", RECEIVED, opened()),
    Pattern(
        "GET /archive/messages/{id}",
        "no such message (404)",
        LINKED,
        user(f"GET /archive/messages/{'0' * 64}", HTTPStatus.NOT_FOUND),
    ),
    Pattern("GET /archive/messages/{id}/raw", "3 addresses, 2 of them have it", RECEIVED, opened("/raw")),
)


def restarted(world: Metered) -> None:
    """The container is a new one."""
    world.restart()


THIRTY = numbered(30)
MET = (met(ALICE, BOB, *THIRTY), in_bucket(OTHER, ALICE, BOB, *THIRTY, message_id="<2@example.org>"), announced(OTHER))
TWO = ("inbound/5f0f2b8a-first.eml", "inbound/5f0f2b8a-second.eml")
FILING: tuple[Pattern, ...] = (
    Pattern("mail_ingest", "1 recipient, never seen", (in_bucket(ONE, ALICE),), announced(ONE)),
    Pattern("mail_ingest", "1 recipient, known, new container", (met(ALICE), in_bucket(ONE, ALICE)), announced(ONE)),
    Pattern("mail_ingest", "1 recipient, met before", (*MET, in_bucket(ONE, ALICE)), announced(ONE)),
    Pattern(
        "mail_ingest",
        "5 recipients and an internal sender, met before",
        (*MET, in_bucket(ONE, *THIRTY[:5], **{"from": BOB})),
        announced(ONE),
    ),
    Pattern("mail_ingest", "30 recipients, met before", (*MET, in_bucket(ONE, *THIRTY)), announced(ONE)),
    Pattern("mail_ingest", "30 recipients, never seen", (in_bucket(ONE, *THIRTY),), announced(ONE)),
    Pattern("mail_ingest", "1 recipient, redelivered", (in_bucket(ONE, ALICE), announced(ONE)), announced(ONE)),
    Pattern(
        "mail_ingest",
        "a copy comes by SES, the first had no envelope",
        (in_bucket(ONE, ALICE), announced(ONE), in_bucket(COPY, ALICE)),
        announced(COPY, envelope=Envelope("bob@example.org", (ALICE,))),
    ),
    Pattern("mail_ingest", "no internal recipient", (in_bucket(ONE, "carol@example.org"),), announced(ONE)),
    Pattern(
        "mail_ingest",
        "batch of 2 messages, 1 recipient each, met before",
        (*MET, *(in_bucket(key, ALICE, message_id=f"<{key}@example.org>") for key in TWO)),
        announced(*TWO),
    ),
)
