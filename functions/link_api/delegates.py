"""The routes of delegations: who may read whose archive, for what reason, and until when."""

from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from itertools import product
from typing import Annotated

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Body

from addresses.address import Address
from addresses.api import PathAddress, caller_of
from addresses.book import read, read_past
from addresses.delegation import Delegation, Target
from addresses.delegation_items import DELEGATE, delegated_partition, delegation_from
from addresses.errors import ExpiresInThePast, NoSuchAddress, NoSuchMailbox, OwnArchive
from addresses.mailbox import Existing, Mailbox, MailboxId
from addresses.problem import answers
from addresses.times import epoch, parse_time, stamp
from link_api.app import app, table
from link_api.delegate_models import DelegateAnswer, Delegates, GrantDelegation
from link_api.granting import end, grant

TAGS = ["Delegations"]
_NOTHING_MORE = GrantDelegation.model_validate({})

logger = Logger()


@app.put(
    "/archives/<address>/delegates/<delegate>",
    summary="Delegate an archive",
    tags=TAGS,
    responses=answers(200, 201, 400, 404, 409, 413, 422),
)
def put_delegate(
    address: PathAddress, delegate: PathAddress, body: Annotated[GrantDelegation, Body()] = _NOTHING_MORE
) -> Response[DelegateAnswer]:
    """A primary's archive is the whole mailbox, and stays delegated through renames; any other address's is that alone.

    The delegate is named by any address. 201 when it is new, 200 when it was in force and has another reason or end.
    """
    now = datetime.now(UTC)
    expires_at = epoch(parse_time(body.expires_at)) if body.expires_at else None
    if expires_at is not None and expires_at <= epoch(now):
        raise ExpiresInThePast(f"{body.expires_at} is over. Give a later time, or none.")
    target, reader = _target(address), _reader(delegate)
    if target.mailbox == reader.id:
        raise OwnArchive(f"{address} belongs to the mailbox of {reader.primary}, which reads its own archive anyway.")
    granted = Delegation(target, reader.id, caller_of(app).address, stamp(now), body.reason, expires_at)
    renewed = grant(table(), granted, now)
    logger.info("An archive is delegated.", archive=address, delegate=reader.primary, by=granted.granted_by)
    status = HTTPStatus.OK if renewed else HTTPStatus.CREATED
    return Response(status.value, "application/json", DelegateAnswer.of(granted, address, reader.primary))


@app.delete(
    "/archives/<address>/delegates/<delegate>",
    summary="End a delegation",
    tags=TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=answers(204, 404, 422),
)
def delete_delegate(address: PathAddress, delegate: PathAddress) -> Response[None]:
    """At once; also when it had ended before."""
    by, at = caller_of(app).address, stamp(datetime.now(UTC))
    for target, reader in product(_targets(address), _readers(delegate)):
        if end(table(), target, reader, by, at):
            logger.info("A delegation is ended.", archive=address, delegate=delegate, by=by)
    return Response(HTTPStatus.NO_CONTENT.value)


@app.get(
    "/archives/<address>/delegates", summary="List who may read an archive", tags=TAGS, responses=answers(200, 404, 422)
)
def list_delegates(address: PathAddress) -> Delegates:
    """Those of the whole mailbox, if the address is its primary, and those of this address alone; who read now."""
    now = datetime.now(UTC)
    items = (item for each in _targets(address) for item in table().partition(delegated_partition(each), DELEGATE))
    granted = [each for each in map(delegation_from, items) if each.holds_at(now)]
    mailboxes = read(table(), {each.delegate for each in granted}, ()).mailboxes
    found = [
        DelegateAnswer.of(each, address, mailboxes[each.delegate].primary)
        for each in granted
        if each.delegate in mailboxes
    ]
    return Delegates(delegates=sorted(found, key=lambda each: (each.delegate, each.whole_mailbox)))


def _past(address: Address) -> Existing:
    """The address, which is known, and every mailbox that it ever belonged to."""
    past = read_past(table(), address)
    if not past.address(address).version:
        raise NoSuchAddress(f"{address} has never been linked, and no mail for it was seen.")
    return past


def _target(address: Address) -> Target:
    """Whose archive is meant now."""
    past = _past(address)
    holder = past.holder(address)
    if holder and holder.primary == address:
        return Target(holder.id)
    return Target(holder.id if holder else None, address)


def _targets(address: Address) -> list[Target]:
    """All that a delegation of this archive may hang on: the address, the mailboxes whose primary it is or was last."""
    past = _past(address)
    return [Target(None, address), *(Target(each.id) for each in _led_by(address, past.mailboxes.values()))]


def _reader(delegate: Address) -> Mailbox:
    found = read_past(table(), delegate).holder(delegate)
    if found is None:
        raise NoSuchMailbox(f"No mailbox is open for {delegate}. Name the delegate by an address of an open mailbox.")
    return found


def _readers(delegate: Address) -> list[MailboxId]:
    """The mailboxes that may be meant by this address: whose it is, and leavers, listed by their last primary."""
    past = read_past(table(), delegate)
    holder = past.holder(delegate)
    led = (each.id for each in _led_by(delegate, past.mailboxes.values()))
    return list(dict.fromkeys([holder.id, *led] if holder else led))


def _led_by(primary: Address, mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    return [each for each in mailboxes if each.primary == primary]
