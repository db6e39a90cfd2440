"""Reads users one by one, twenty in a request: https://learn.microsoft.com/en-us/graph/json-batching."""

import json
from collections.abc import Collection, Iterator
from itertools import batched, count
from typing import Any
from urllib.parse import quote

from directory_sync.entra.answer import refused
from directory_sync.entra.user import SELECT, User
from directory_sync.errors import IncompleteReading
from directory_sync.web.answer import Answer, Told
from directory_sync.web.token import Bearer

_LARGEST_BATCH = 20


class _Response(Told):
    id: str
    status: int
    headers: dict[str, Any] | None = None
    body: Any = None


class _Batch(Told):
    responses: list[_Response]


def users(graph: Bearer, url: str, ids: Collection[str]) -> Iterator[User]:
    """The users with these ids as they are now, but for those that do not exist; ``url`` is Graph's, with version.

    Raises:
        IncompleteReading: of some of them nobody knows whether they exist.
    """
    for some in batched(dict.fromkeys(ids), _LARGEST_BATCH, strict=False):
        left = list(some)
        for attempt in count(1):
            answers = _asked(graph, url, left)
            for user_id, answer in answers.items():
                if not answer.is_passing(attempt):
                    yield from _found(user_id, answer)
            left = [user_id for user_id, answer in answers.items() if answer.is_passing(attempt)]
            if not left:
                break
            graph.web.wait(attempt, *(answers[user_id].retry_after for user_id in left))


def _asked(graph: Bearer, url: str, ids: list[str]) -> dict[str, Answer]:
    """What Graph answers for each id; the batch itself says nothing of them, and comes in any order."""
    requests = [
        {"id": str(number), "method": "GET", "url": f"/users/{quote(user_id, safe='')}?{SELECT}"}
        for number, user_id in enumerate(ids)
    ]
    answer = graph.ask("POST", f"{url}/$batch", json={"requests": requests})
    if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise refused(answer.status, answer.refusal)
    responses = answer.read(_Batch).responses
    if sorted(each.id for each in responses) != sorted(request["id"] for request in requests):
        raise IncompleteReading(
            "Graph did not answer each question of a batch once, so nobody knows whether users are gone. Nothing was "
            "changed; run again."
        )
    return {ids[int(each.id)]: _answer(answer.host, each) for each in responses}


def _answer(host: str, response: _Response) -> Answer:
    headers = {name.lower(): str(value) for name, value in (response.headers or {}).items()}
    return Answer(host, response.status, json.dumps(response.body).encode(), headers.get("retry-after"))


def _found(user_id: str, answer: Answer) -> Iterator[User]:
    # A 404 for any other reason, such as a wrong URL, is no word on whether the user exists.
    if answer.status == 404 and answer.refusal.code == "Request_ResourceNotFound":  # noqa: PLR2004 - HTTP's Not Found
        return
    if answer.status != 200:  # noqa: PLR2004 - HTTP's OK
        raise refused(answer.status, answer.refusal)
    user = answer.read(User)
    if user.id != user_id:
        raise IncompleteReading(
            f"Graph was asked for the user {user_id!r} and answered with {user.id!r}. Nothing was changed; run again."
        )
    yield user
