"""One thing of each kind that the functions do, to be done while one call of AWS after the other goes wrong."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from addresses.archive import Envelope
from addresses.run import RunStatus
from directory_sync.reader import Entry
from tests.containers import mbox
from tests.gateway import asked
from tests.journals import JOURNAL, lines, report
from tests.mail import raw_message
from tests.simulation.acts import BOSS, CORP, DIRECTORY, STRANGER
from tests.simulation.cloud import Invocation
from tests.simulation.delivery import Delivery
from tests.simulation.quiet import Quiet

DOMAINS = ["example.com", "example.org"]
CAUTIOUS = DIRECTORY | {"limits": {"count": 1, "percent": 100, "floor": 0}}
BEFORE = (
    *CORP,
    Entry("4", ("erin@example.com",)),
    Entry("5", ("frank@example.com",)),
    Entry("6", ("gail@example.com",)),
)
# Unlink and link (1), relink (from 2 to 1), promote (2), open (3), close (4), a swap (5 and 6), adopt (the name of 1).
CHANGED = (
    Entry("1", ("alice@example.com",), ("b1@example.com", "a2@example.com"), "Alice Jones"),
    Entry("2", ("robert@example.com",), ("bob@example.com",), "Bob"),
    Entry("3", ("dora@example.com",), (), "Dora"),
    Entry("5", ("gail@example.com",)),
    Entry("6", ("frank@example.com",)),
)


@dataclass(frozen=True)
class Case:
    """What is done, after what was prepared, in the world that begins in the way of this number.

    ``orders``: a client that asks again orders a second run, and only what comes of it is the same.
    """

    name: str
    do: Callable[[Quiet], None]
    prepare: Callable[[Quiet], None] = lambda _quiet: None
    begins: int = 1
    orders: bool = False


def request(what: str, body: Any = None, who: str | None = None) -> Callable[[Quiet], None]:
    """A request, sent again once if it is not answered, or answered that it failed."""
    claims: Any = {"email": who, "cognito:groups": None} if who else BOSS

    def do(quiet: Quiet) -> None:
        function, event = asked(what, body, claims=claims)
        delivery = Delivery(function, event, 2, may_come_again=False)

        def ended(invocation: Invocation) -> None:
            quiet.world.answered(invocation)
            if invocation.answer["statusCode"] == HTTPStatus.SERVICE_UNAVAILABLE:
                quiet.world.post.waiting.append(delivery)

        delivery.ended = ended
        quiet.world.post.waiting.append(delivery)

    return do


def of_run(what: str, status: RunStatus) -> Callable[[Quiet], None]:
    """A request about the last run with this status; its digest goes along where it is approved."""

    def do(quiet: Quiet) -> None:
        run = [run for run in quiet.world.runs() if run["status"] == status and run.get("plan")][-1]
        body = {"digest": run["digest"]} if what == "approve" else {}
        request(f"POST /runs/{run['run']}/{what}", body)(quiet)

    return do


def changed(quiet: Quiet) -> None:
    """The directory has changed in every way that makes a step."""
    quiet.world.directories["corp"].become(BEFORE)
    quiet.sync()
    quiet.world.directories["corp"].become(CHANGED)


def held(quiet: Quiet) -> None:
    """A sync waits for an administrator."""
    changed(quiet)
    quiet.ask("PUT /directories/corp", CAUTIOUS)
    quiet.sync()
    quiet.ask("PUT /directories/corp", DIRECTORY)


def synced(quiet: Quiet) -> None:
    """The directory has changed and was synced."""
    changed(quiet)
    quiet.sync()


def back_again(quiet: Quiet) -> None:
    """The directory is disabled, so that what is reverted stays so."""
    synced(quiet)
    quiet.ask("PUT /directories/corp", DIRECTORY | {"enabled": False})


def upload(quiet: Quiet) -> None:
    """A spreadsheet that opens, links, relinks and unlinks."""
    rows = ["email,alias,action", "alice@example.com,c1@example.org,", "erin@example.com,e1@example.com,"]
    rows += ["bob@example.com,b1@example.com,unlink", "alice@example.com,nobody,"]
    quiet.world.upload("\r\n".join(rows).encode())


def mail(quiet: Quiet) -> None:
    """A message for three, one of whom nobody has met, from somebody of the house."""
    quiet.world.receive(90, Envelope("bob@example.com", ("alice@example.com", "new@example.com", STRANGER)))


def filed(quiet: Quiet) -> None:
    """It is in their archives."""
    mail(quiet)
    quiet.rest()


def a_copy(quiet: Quiet) -> None:
    """Another copy of the same message, for others, its sender among them."""
    quiet.world.receive(90, Envelope("bob@example.com", ("a1@example.com", "bob@example.com")))


def journaled(quiet: Quiet) -> None:
    """Whose reports are believed."""
    sources = {"journal_addresses": [JOURNAL], "journal_sources": ["192.0.2.0/24"]}
    quiet.ask("PUT /settings", {"internal_domains": DOMAINS, **sources})


def journal(quiet: Quiet) -> None:
    """A report of a message with a blind copy."""
    to = ("To: alice@example.com", "Bcc: c1@example.org", "Recipient: new@example.com")
    raw = report(lines(*to), raw_message())
    quiet.world.store_mail("inbound/ses/journal", raw, Envelope("reports@exchange.example", (JOURNAL,)))


def load(quiet: Quiet) -> None:
    """A mailbox from elsewhere: two messages, and one that is none."""
    for container in quiet.world.cloud.containers:
        container.warm_to_load()
    messages = [raw_message(message_id=f"<{number}@example.net>") for number in range(2)]
    quiet.world.store_mail("import/alice@example.com/old.mbox", mbox(*messages), None)


def schedule(quiet: Quiet) -> None:
    """The schedule comes."""
    quiet.world.schedule()


def whole(quiet: Quiet) -> None:
    """Everything is read."""
    quiet.world.schedule(whole=True)


CASES = (
    Case("open", request("PUT /mailboxes/dora@example.com", {"name": "Dora"})),
    Case("open what is an alias", request("PUT /mailboxes/a1@example.com", {"from": "alice@example.com"}), begins=0),
    Case("link", request("PUT /mailboxes/alice@example.com/aliases/a2@example.com"), begins=0),
    Case(
        "relink",
        request("PUT /mailboxes/bob@example.com/aliases/a1@example.com", {"from": "alice@example.com"}),
        begins=0,
    ),
    Case(
        "link several",
        request("POST /mailboxes/alice@example.com/aliases", {"aliases": ["a2@example.com", "a3@example.com"]}),
        begins=0,
    ),
    Case("unlink", request("DELETE /mailboxes/alice@example.com/aliases/a1@example.com"), begins=0),
    Case("promote", request("PUT /mailboxes/alice@example.com/primary", {"address": "a1@example.com"}), begins=0),
    Case("close", request("DELETE /mailboxes/alice@example.com"), begins=0),
    Case("delegate", request("PUT /archives/bob@example.com/delegates/alice@example.com", {"reason": "holidays"})),
    Case("end a delegation", request("DELETE /archives/alice@example.com/delegates/bob@example.com")),
    Case("settings", request("PUT /settings", {"internal_domains": DOMAINS, "archive_history": "since_linked"})),
    Case("configure a directory", request("PUT /directories/corp", CAUTIOUS)),
    Case("forget a directory", request("DELETE /directories/corp")),
    Case("order a sync", request("POST /directories/corp/sync", {"whole": True}), changed, orders=True),
    Case("order a dry run", request("POST /directories/corp/sync", {"dry_run": True}), changed, orders=True),
    Case("try a directory", request("POST /directories/corp/test"), orders=True),
    Case("approve", of_run("approve", RunStatus.HELD), held),
    Case("reject", of_run("reject", RunStatus.HELD), held),
    Case("revert", of_run("revert", RunStatus.APPLIED), back_again, orders=True),
    Case("begin an import", request("POST /imports", {"filename": "list.csv"}), orders=True),
    Case("scheduled sync", schedule, changed),
    Case("sync of everything", whole, changed),
    Case("import", upload),
    Case("mail", mail),
    Case("a copy of mail", a_copy, filed),
    Case("a journal report", journal, journaled),
    Case("a load", load),
    *(
        Case(f"read {what}", request(f"GET {what}"))
        for what in (
            *("/mailboxes", "/mailboxes/a1@example.com", "/addresses/a1@example.com", "/directories", "/settings"),
            *("/addresses?kind=unlinked&domain=example.com", "/runs", "/archives/alice@example.com/delegates"),
        )
    ),
    *(
        Case(f"read {what}", request(f"GET {what}", who="bob@example.com"))
        for what in ("/me", "/archive", "/archive?mailbox=alice@example.com", "/archive?q=minutes")
    ),
)
