"""How the functions use the table for delegations: the routes, and what a delegate reads."""

from tests.access_patterns import (
    LINKED,
    ONE,
    Doing,
    Pattern,
    admin,
    announced,
    in_bucket,
    mail,
    mailbox,
    since_linked,
    user,
)
from tests.metered import Metered
from tests.people import ALICE, BOB

PUT, DELETE, GET = (f"{method} /archives/{ALICE}/delegates" for method in ("PUT", "DELETE", "GET"))
TWO = (*LINKED, mailbox(primary=BOB))
DELEGATED = (*TWO, admin(f"PUT /archives/{BOB}/delegates/{ALICE}"))


def newest_of_bob(world: Metered) -> None:
    """The newest message of Bob's archive is opened by Alice; that it was looked for is not metered."""
    newest = user(f"GET /archive?mailbox={BOB}")(world)["messages"][0]["id"]
    world.meter.forget()
    user(f"GET /archive/messages/{newest}")(world)


def granted(delegate: str = BOB) -> Doing:
    """Alice's archive is delegated."""
    return admin(f"{PUT}/{delegate}")


DELEGATION_ROUTES: tuple[Pattern, ...] = (
    Pattern("PUT /archives/{address}/delegates/{delegate}", "new", TWO, granted()),
    Pattern("PUT /archives/{address}/delegates/{delegate}", "in force", (*TWO, granted()), granted()),
    Pattern("DELETE /archives/{address}/delegates/{delegate}", "any", (*TWO, granted()), admin(f"{DELETE}/{BOB}")),
    Pattern("DELETE /archives/{address}/delegates/{delegate}", "none there", TWO, admin(f"{DELETE}/{BOB}")),
    Pattern("GET /archives/{address}/delegates", "1 delegate", (*TWO, granted()), admin(GET)),
)
DELEGATED_READING: tuple[Pattern, ...] = (
    Pattern("GET /me", "2 aliases, 1 archive delegated", DELEGATED, user("GET /me")),
    Pattern(
        "GET /archive",
        "delegated, 1 address, page of 50",
        (*DELEGATED, mail(BOB)),
        user(f"GET /archive?mailbox={BOB}"),
    ),
    Pattern(
        "GET /archive",
        "the same with `since_linked`",
        (*DELEGATED, mail(BOB), since_linked),
        user(f"GET /archive?mailbox={BOB}"),
    ),
    Pattern(
        "GET /archive/messages/{id}",
        "in a delegated archive",
        (*DELEGATED, in_bucket(ONE, BOB), announced(ONE)),
        newest_of_bob,
    ),
)
