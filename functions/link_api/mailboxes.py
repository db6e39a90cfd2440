"""The routes of mailboxes and their aliases."""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body, Query

from addresses.address import Address, parse_domain
from addresses.api import PathAddress, caller_of
from addresses.book import read_holders
from addresses.errors import NoSuchMailbox
from addresses.items import mailbox_from, mailboxes_of_domain
from addresses.mailbox import Existing, Mailbox, MailboxId
from addresses.plan import Plan
from addresses.problem import answers
from addresses.step import Ref
from link_api import by_hand
from link_api.app import app, settings, table
from link_api.change import Change, change
from link_api.listing import page
from link_api.models import LinkAlias, LinkAliases, MailboxAnswer, MailboxPage, OpenMailbox, PromoteAlias

TAGS = ["Mailboxes"]

# The body may be left out.
_NOTHING_MORE = OpenMailbox.model_validate({})
_NO_HOLDER = LinkAlias.model_validate({})


@app.put(
    "/mailboxes/<primary>",
    summary="Open a mailbox, or name it",
    tags=TAGS,
    responses=answers(200, 201, 400, 409, 413, 422),
)
def open_mailbox(primary: PathAddress, body: Annotated[OpenMailbox, Body()] = _NOTHING_MORE) -> Response[MailboxAnswer]:
    """201 when it was opened, 200 when it was open. An alias becomes a primary only with ``from`` naming its holder."""
    new, internal = Ref(MailboxId(str(uuid4())), primary), settings()
    done = _change({primary}, lambda found: by_hand.open_mailbox(found, internal, new, body.name, body.holder))
    opened = done.existing.holder(primary)
    return _mailbox(done, primary, created=opened is not None and opened.id == new.id)


@app.get("/mailboxes/<primary>", summary="Read a mailbox", tags=TAGS, responses=answers(200, 404, 422))
def read_mailbox(primary: PathAddress) -> MailboxAnswer:
    """The open mailbox that the address belongs to, as primary or as alias."""
    return MailboxAnswer.of(_holder(read_holders(table(), {primary}), primary))


@app.delete(
    "/mailboxes/<primary>",
    summary="Close a mailbox",
    tags=TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=answers(204, 404, 409, 422),
)
def close_mailbox(primary: PathAddress) -> Response[None]:
    """The mailbox is closed and its aliases are unlinked; no mail is touched."""
    _change({primary}, lambda found: by_hand.close_mailbox(found, primary))
    return Response(HTTPStatus.NO_CONTENT.value)


@app.get("/mailboxes", summary="List mailboxes", tags=TAGS, responses=answers(200, 422))
def list_mailboxes(
    domain: Annotated[str | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> MailboxPage:
    """Open mailboxes in the order of their primaries' domains and then of their primaries."""
    domains = [parse_domain(domain)] if domain else settings().internal_domains
    keys, following = page(table(), mailboxes_of_domain, domains, cursor, limit)
    items = table().get_many((pk, "MAILBOX") for pk in keys)
    found = (mailbox_from(items[pk, "MAILBOX"]) for pk in keys if (pk, "MAILBOX") in items)
    return MailboxPage(mailboxes=[MailboxAnswer.of(each) for each in found if each.is_open], next=following)


@app.put(
    "/mailboxes/<primary>/aliases/<alias>",
    summary="Link an alias",
    tags=["Aliases"],
    responses=answers(200, 201, 400, 404, 409, 413, 422),
)
def link_alias(
    primary: PathAddress, alias: PathAddress, body: Annotated[LinkAlias, Body()] = _NO_HOLDER
) -> Response[MailboxAnswer]:
    """201 when it was linked, 200 when it was linked already. A holder gives it up only if ``from`` names it."""
    internal = settings()
    done = _change({primary, alias}, lambda found: by_hand.link(found, internal, primary, [alias], body.holder))
    return _mailbox(done, primary, created=done.steps > 0)


@app.post(
    "/mailboxes/<primary>/aliases",
    summary="Link several aliases, all or none",
    tags=["Aliases"],
    responses=answers(200, 201, 400, 404, 409, 413, 422),
)
def link_aliases(primary: PathAddress, body: Annotated[LinkAliases, Body()]) -> Response[MailboxAnswer]:
    """201 when at least one was linked and all are; 200 when all were."""
    internal = settings()
    done = _change({primary, *body.aliases}, lambda found: by_hand.link(found, internal, primary, body.aliases))
    return _mailbox(done, primary, created=done.steps > 0)


@app.delete(
    "/mailboxes/<primary>/aliases/<alias>",
    summary="Unlink an alias",
    tags=["Aliases"],
    status_code=HTTPStatus.NO_CONTENT,
    responses=answers(204, 404, 409, 422),
)
def unlink_alias(primary: PathAddress, alias: PathAddress) -> Response[None]:
    """204 also when it was unlinked already."""
    _change({primary, alias}, lambda found: by_hand.unlink(found, primary, alias))
    return Response(HTTPStatus.NO_CONTENT.value)


@app.put(
    "/mailboxes/<primary>/primary",
    summary="Promote an alias to primary",
    tags=["Mailboxes"],
    responses=answers(200, 400, 404, 409, 413, 422),
)
def promote_alias(primary: PathAddress, body: Annotated[PromoteAlias, Body()]) -> Response[MailboxAnswer]:
    """The old primary stays as an alias, and whoever was delegated the mailbox keeps it."""
    done = _change({primary, body.address}, lambda found: by_hand.promote(found, primary, body.address))
    return _mailbox(done, body.address, created=False)


def _change(concerned: Iterable[Address], wanted: Callable[[Existing], Plan]) -> Change:
    return change(table(), caller_of(app).address, concerned, wanted)


def _mailbox(done: Change, address: Address, *, created: bool) -> Response[MailboxAnswer]:
    status = HTTPStatus.CREATED if created else HTTPStatus.OK
    return Response(status.value, "application/json", MailboxAnswer.of(_holder(done.existing, address)))


def _holder(existing: Existing, address: Address) -> Mailbox:
    found = existing.holder(address)
    if found is None:
        raise NoSuchMailbox(f"{address} belongs to no open mailbox.")
    return found
