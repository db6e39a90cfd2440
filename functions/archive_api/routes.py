"""The routes of the API for mail users."""

import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from addresses import cursor as cursors
from addresses.address import Address
from addresses.api import BodyAddress, caller_of
from addresses.archive import Message
from addresses.errors import InvalidCursor, NoSuchMailbox, NoSuchMessage
from addresses.items import entry_from, entry_key, message_from, message_key
from addresses.mailbox import Mailbox
from addresses.problem import answers
from addresses.settings import Settings
from addresses.times import parse_time, second
from archive_api.access import EVER, View, Window, own_view
from archive_api.app import QUERIES_AT_ONCE, app, store, table
from archive_api.delegated import Delegated, delegated
from archive_api.listing import Listed, is_position, listed, page
from archive_api.models import ArchivePage, DelegatedArchive, ListedMessage, Me, OpenedMessage, RawMessage
from archive_api.search import Search
from archive_api.words import SearchedText, Words

__all__ = ["app"]

TAGS = ["Archive"]
URL_SECONDS = 300

_DIGEST = re.compile("[0-9a-f]{64}")


@app.get("/me", summary="Who I am here", tags=TAGS, responses=answers(200, 404, 422))
def read_me() -> Me:
    """My mailbox, its addresses, and the archives that were delegated to me."""
    mailbox = _own().mailbox
    archives = [DelegatedArchive.of(each) for each in delegated(table(), mailbox, datetime.now(UTC))]
    return Me(primary=mailbox.primary, name=mailbox.profile.name, aliases=sorted(mailbox.aliases), archives=archives)


@app.get("/archive", summary="Read my archive", tags=TAGS, responses=answers(200, 404, 422))
def read_archive(  # noqa: PLR0913, PLR0917 - a parameter for each of the query's
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query()] = None,
    since: Annotated[str | None, Query()] = None,
    until: Annotated[str | None, Query()] = None,
    mailbox: Annotated[BodyAddress | None, Query()] = None,
    q: Annotated[SearchedText | None, Query()] = None,
) -> ArchivePage:
    """The mail of all my addresses as one archive, newest first.

    ``since`` (included) and ``until`` (not included) are RFC 3339 times. ``mailbox`` opens another archive that I may
    read, by any of its addresses. ``q`` finds messages by words: each must be part of the sender, of a recipient or of
    the subject. A search of much mail takes several pages; any may be short or empty, and the last has no ``next``.
    """
    view = _own()
    windows, whose = view.windows, str(view.mailbox.id)
    if mailbox and mailbox not in view.mailbox.addresses:
        other = _delegated(view.mailbox, mailbox)
        windows, whose = other.windows, f"{other.id} as read by {whose}"
    low = second(parse_time(since)) if since else ""
    high = second(parse_time(until)) if until else EVER
    name = f"archive of {whose} from {low} until {high}" + (f" with {q!r}" if q else "")
    below = cursors.take(name, cursor) if cursor else None
    if below is not None and not is_position(below):
        raise InvalidCursor("This cursor does not belong to this listing. Start again without one.")
    narrowed = [window.narrowed(low, high) for window in windows]
    read = Search(Words.of(q)).page if q else page
    found, following = read(table(), narrowed, below, limit, _executor())
    return ArchivePage(
        messages=[ListedMessage.of(each) for each in found], next=cursors.give(name, following) if following else None
    )


@app.get("/archive/messages/<id>", summary="Open a message", tags=TAGS, responses=answers(200, 404, 422))
def read_message(id: str) -> OpenedMessage:  # noqa: A002 - the route's parameter
    """What is known of a message in an archive that I see now."""
    message, seen, settings = _visible(id)
    return OpenedMessage.opened(message, seen, settings)


@app.get(
    "/archive/messages/<id>/raw", summary="Fetch a message as it came", tags=TAGS, responses=answers(200, 404, 422)
)
def read_raw(id: str) -> RawMessage:  # noqa: A002 - the route's parameter
    """An address from which the message can be fetched, byte for byte, for five minutes."""
    message, _, _ = _visible(id)
    version = {"VersionId": message.raw.version} if message.raw.version else {}
    parameters = {
        "Bucket": message.raw.bucket,
        "Key": message.raw.key,
        # A browser must save it, not show it: a message is somebody else's HTML.
        "ResponseContentType": "message/rfc822",
        "ResponseContentDisposition": f'attachment; filename="{message.digest[:16]}.eml"',
        **version,
    }
    return RawMessage(url=store().generate_presigned_url("get_object", Params=parameters, ExpiresIn=URL_SECONDS))


def _own() -> View:
    return own_view(table(), caller_of(app).address)


def _delegated(reader: Mailbox, name: Address) -> Delegated:
    """The archive of this name that was delegated to the reader; a whole mailbox before one of its addresses."""
    found = [each for each in delegated(table(), reader, datetime.now(UTC)) if name in each.names]
    if not found:
        raise NoSuchMailbox(f"No archive of {name} is yours or was delegated to you.")
    return max(found, key=lambda each: len(each.names))


def _visible(digest: str) -> tuple[Message, Listed, Settings]:
    """The message as the caller sees it, if their own archive has it or, only then looked at, a delegated one.

    One read of the message, one batch of k entries; of delegated archives, what ``delegated`` reads, and one batch.
    """
    view = _own()
    item = table().get(message_key(digest)) if _DIGEST.fullmatch(digest) else None
    if item is not None:
        message = message_from(item)
        seen = _seen(message, view.windows)
        if seen is None:
            others = delegated(table(), view.mailbox, datetime.now(UTC))
            seen = _seen(message, [window for each in others for window in each.windows])
        if seen is not None:
            return message, seen, view.settings
    raise NoSuchMessage("No archive that you see has a message of this id.")


def _seen(message: Message, windows: Sequence[Window]) -> Listed | None:
    """The message as it is seen through these windows, if it is."""
    keys = [
        entry_key(window.address, f"{message.received_at}#{message.digest}")
        for window in windows
        if window.shows(message.received_at)
    ]
    found = table().get_many(keys)
    return listed([entry_from(found[key]) for key in dict.fromkeys(keys) if key in found]) if found else None


@cache
def _executor() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(QUERIES_AT_ONCE)
