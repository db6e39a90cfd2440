"""The API's own description, taken at its word: requests that schemathesis makes out of it, and all that must hold.

The seed is fixed. What one answer names is asked for by later requests, and ids are made by chance, so no two runs are
quite the same. ``make fuzz-http`` asks the deployed stack, and more.
"""

from collections.abc import Iterator

import pytest

from tests.fuzzing.gateway_app import ALL, PERSON, GatewayApp, gateway_app, served
from tests.fuzzing.http import fuzzed


@pytest.fixture
def app() -> Iterator[GatewayApp]:
    """Both APIs, over a small organisation."""
    with gateway_app() as found:
        yield found


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("token", "examples", "least"), [(ALL, 2, 500), (PERSON, 0, 200)])
def test_whatever_is_asked_is_answered_as_described(app: GatewayApp, token: str, examples: int, least: int) -> None:
    """No server error; a problem for each refusal; the invariants hold; and who may change nothing changes nothing."""
    with served(app) as url:
        found = fuzzed(url, token, examples)

    assert {} == found.failures
    assert [] == app.broken
    assert app.requests > least
