"""How the functions use the table for journal reports and bulk loads: what is filed, and what is asked of it."""

from tests.access_patterns import Doing, Pattern, admin, met
from tests.containers import mbox
from tests.journals import lines, report
from tests.mail import raw_message
from tests.metered import Metered
from tests.people import ALICE, B1, BOB

REPORT, MORE, OLD = "inbound/5f0f2b8a-report.eml", "inbound/5f0f2b8a-more.eml", "import/old.mbox"


def messages(count: int) -> list[bytes]:
    """So many messages to Alice."""
    return [raw_message(to=ALICE, message_id=f"<{number}@example.org>") for number in range(count)]


def stored(raw: bytes, key: str) -> Doing:
    """An object lies in the mail bucket."""
    return lambda world: world.store(raw, key)


def told(key: str) -> Doing:
    """It is announced."""

    def announce(world: Metered) -> None:
        world.announce(key)

    return announce


ORIGINAL = raw_message(to=ALICE)
REPORTED = stored(report(lines(f"To: {ALICE}", f"Bcc: {BOB}"), ORIGINAL), REPORT)
LOADED = (stored(mbox(*messages(4)), OLD), told(OLD))
JOURNALING: tuple[Pattern, ...] = (
    Pattern("mail_ingest", "a journal report, 2 recipients, never seen", (REPORTED,), told(REPORT)),
    Pattern(
        "mail_ingest",
        "one more report of the same message, 1 more recipient",
        (met(ALICE, BOB, B1), REPORTED, told(REPORT), stored(report(lines(f"Bcc: {B1}"), ORIGINAL), MORE)),
        told(MORE),
    ),
)
LOADING: tuple[Pattern, ...] = (
    Pattern(
        "mail_ingest", "a load: an mbox of 4 messages to one address, met before", (met(ALICE), LOADED[0]), LOADED[1]
    ),
    Pattern("mail_ingest", "the same again", LOADED, LOADED[1]),
    Pattern(
        "mail_ingest",
        "a load: one object, one message",
        (stored(messages(1)[0], "import/maildir/cur/1:2,S"),),
        told("import/maildir/cur/1:2,S"),
    ),
)
LOAD_ROUTES: tuple[Pattern, ...] = (
    Pattern("GET /loads", "1 load", LOADED, admin("GET /loads")),
    Pattern("GET /loads/{name}", "4 messages", LOADED, admin("GET /loads/old.mbox")),
    Pattern("GET /loads/{name}", "those that are nobody's: none", LOADED, admin("GET /loads/old.mbox?outcome=nobody")),
)
