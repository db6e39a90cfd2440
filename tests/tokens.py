"""Tokens taken apart, and put together otherwise."""

import base64
import json
from typing import Any


def part(value: dict[str, Any]) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def claims(token: str) -> dict[str, Any]:
    """The claims of a JWT."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def with_claims(token: str, **changed: Any) -> str:
    """The token with other claims and its old signature."""
    header, _, signature = token.split(".")
    return f"{header}.{part(claims(token) | changed)}.{signature}"
