"""The routes of addresses: whose one is or was, and which belong to nobody."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query

from addresses.address import parse_domain
from addresses.api import PathAddress
from addresses.book import read_past
from addresses.errors import NoSuchAddress
from addresses.history import history, period_at
from addresses.items import unlinked_of_domain
from addresses.problem import answers
from addresses.times import parse_time, stamp
from link_api.app import app, settings, table
from link_api.listing import page
from link_api.models import AddressAnswer, AddressPage, PeriodAnswer, UnlinkedAddress

TAGS = ["Addresses"]


@app.get("/addresses/<address>", summary="Whose an address is, or was", tags=TAGS, responses=answers(200, 404, 422))
def read_address(address: PathAddress, at: Annotated[str | None, Query()] = None) -> AddressAnswer:
    """Whose it is now or, with ``at`` (RFC 3339), whose it was at that moment; and its whole history, oldest first."""
    moment = stamp(parse_time(at)) if at else None
    past = read_past(table(), address)
    state = past.address(address)
    if not state.version:
        raise NoSuchAddress(f"{address} has never been linked, and no mail for it was seen.")
    periods = history(state, past.mailboxes)
    found = period_at(periods, moment)
    return AddressAnswer(
        address=address,
        kind="unlinked" if found is None else "primary" if found.primary == address else "alias",
        primary=found.primary if found else None,
        source=found.source if found else None,
        since=found.since if found else None,
        history=[
            PeriodAnswer(primary=each.primary, since=each.since, until=each.until, source=each.source, run=each.run)
            for each in periods
        ],
    )


@app.get("/addresses", summary="List addresses that belong to nobody", tags=TAGS, responses=answers(200, 422))
def list_addresses(
    kind: Annotated[Literal["unlinked"], Query()],
    domain: Annotated[str | None, Query()] = None,
    cursor: Annotated[str | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> AddressPage:
    """Addresses with an archive that nobody reads: those that mail was seen for, or that were unlinked."""
    domains = [parse_domain(domain)] if domain else settings().internal_domains
    keys, following = page(table(), unlinked_of_domain, domains, cursor, limit)
    found = [UnlinkedAddress(address=pk.removeprefix("ADDRESS#"), kind=kind) for pk in keys]
    return AddressPage(addresses=found, next=following)
