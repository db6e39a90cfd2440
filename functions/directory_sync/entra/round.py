"""Reads one round of a delta query: page by page from a link on, to the link from which the next round starts.

https://learn.microsoft.com/en-us/graph/delta-query-overview
"""

from collections.abc import Iterator
from typing import Annotated

from pydantic import Field

from directory_sync.entra.answer import refused
from directory_sync.entra.user import User
from directory_sync.errors import IncompleteReading
from directory_sync.reader import Resync
from directory_sync.web.answer import Told
from directory_sync.web.token import Bearer


class Page(Told):
    """Some users of a round, perhaps none. The last page, and only that, has the delta link."""

    users: Annotated[list[User], Field(alias="value")]
    next_link: Annotated[str | None, Field(alias="@odata.nextLink")] = None
    delta_link: Annotated[str | None, Field(alias="@odata.deltaLink")] = None


def pages(graph: Bearer, link: str, *, is_start: bool = False) -> Iterator[Page]:
    """The pages of a round; when they end without an error, the last had the delta link.

    ``is_start`` says that the link is a question of our own, and not one that Graph gave out.

    Raises:
        Resync: Graph no longer knows where the link leads.
        IncompleteReading: the round did not come to its end.
    """
    met: set[str] = set()
    while link not in met:
        met.add(link)
        answer = graph.ask("GET", link)
        # A link holds all of its question, so whatever Graph finds bad about it, it is the link that is of no use:
        # syncStateNotFound, resyncRequired and the other names for "expired" are not listed anywhere.
        if answer.status == 410 or (answer.status == 400 and not (is_start and len(met) == 1)):  # noqa: PLR2004 - HTTP
            raise Resync(f"Graph no longer knows what changed since then ({answer.status} {answer.refusal}).")
        if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
            raise refused(answer.status, answer.refusal)
        page = answer.read(Page)
        if (page.next_link is None) == (page.delta_link is None):
            raise IncompleteReading(
                "A page of Graph's users has not exactly one link to go on from, so nobody knows whether it is the "
                "last one. Nothing was changed; run again."
            )
        yield page
        if page.next_link is None:
            return
        link = page.next_link
    raise IncompleteReading("Graph's pages lead back to one that was read already. Nothing was changed; run again.")
