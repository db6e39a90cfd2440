"""What the demo says, and the client by which it asks the API."""

from collections.abc import Iterable, Sequence
from typing import Any

import httpx

from local.outputs import Outputs


class Client:
    """The API for one person. What is refused ends the demo, unless it is meant to be."""

    def __init__(self, outputs: Outputs, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=outputs.api_url, headers=headers, timeout=60, trust_env=False)

    def get(self, path: str) -> Any:
        """What is there."""
        return self._done("GET", path)

    def put(self, path: str, body: Any = None) -> Any:
        """What is there now."""
        return self._done("PUT", path, body)

    def post(self, path: str, body: Any = None) -> Any:
        """What came of it."""
        return self._done("POST", path, body)

    def delete(self, path: str) -> None:
        """It is gone."""
        self._done("DELETE", path)

    def refused(self, method: str, path: str, body: Any = None) -> Any:
        """The problem by which a request is refused that breaks a rule."""
        answer = self._client.request(method, path, json=body)
        if answer.is_success:
            raise RuntimeError(f"{method} {path} was not refused, but answers {answer.text}")
        return answer.json()

    def _done(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._client.request(method, path, json=body)
        if answer.is_error:
            raise RuntimeError(f"{method} {path} answers {answer.text}")
        return answer.json() if answer.content else None


def tell(sentence: str) -> None:
    """Print a step."""
    print(sentence, flush=True)


def show_lines(lines: Iterable[str]) -> None:
    """Print what belongs to the step before."""
    for line in lines:
        print(f"    {line}", flush=True)


def show_table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their names, each column as wide as it has to be."""
    every = [names, *rows]
    widths = [max(len(row[column]) for row in every) for column in range(len(names))]
    show_lines("  ".join(map(str.ljust, row, widths)).rstrip() for row in every)
