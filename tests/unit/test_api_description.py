"""The API's description of itself."""

import re

from tests.gateway import routes, send


def test_every_route_is_described_and_nothing_else_is() -> None:
    """The two that describe need no description."""
    described = send("GET /openapi.json").body
    found = {f"{method.upper()} {path}" for path, methods in described["paths"].items() for method in methods}
    assert {route for route, (function, _) in routes().items() if function != "api_description"} == found


def test_every_answer_that_is_no_success_is_described_as_a_problem() -> None:
    """And who sends no token learns from the gateway that one is needed."""
    described = send("GET /openapi.json").body
    assert [{"token": []}] == described["security"]
    for methods in described["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status[0] in "45":
                    kind = "application/json" if status == "401" else "application/problem+json"
                    assert [kind] == list(answer["content"]), operation["operationId"]
            assert "401" in operation["responses"], operation["operationId"]


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """No script, style or image is fetched: the reader's browser asks only this API."""
    page = send("GET /docs")
    assert (200, "text/html") == (page.status, page.content_type)
    assert [] == re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=", page.body)
