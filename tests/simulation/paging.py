"""How a client of AWS asks page after page."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any


def paginator(method: Callable[..., Any], following: Callable[[Any], dict[str, Any]]) -> Any:
    """What ``get_paginator`` gives; ``following`` is with what to ask for the page after an answer, empty for none."""

    def pages(**params: Any) -> Iterator[Any]:
        more: dict[str, Any] = {}
        while True:
            answer = method(**params, **more)
            yield answer
            more = following(answer)
            if not more:
                return

    return SimpleNamespace(paginate=pages)
