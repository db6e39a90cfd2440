"""What a web service answers, and how it is read: a form that it must have, or the reason why it refuses."""

import json
import re
from dataclasses import dataclass, field
from functools import cached_property

from pydantic import BaseModel, ConfigDict, ValidationError

from directory_sync.errors import IncompleteReading

# Google says with 403 that it was asked too often: https://developers.google.com/admin-sdk/directory/v1/limits
_QUOTA_REASONS = {"userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded"}
_BUSY = {429, 503, 504}
_BROKEN = {500, 502}
# A broken service, and a connection that is lost, get so many tries; a busy service, as many as there is time for.
TRIES = 4
_LONGEST_QUOTE = 200


class Told(BaseModel):
    """What is read of an answer: types as they must be, and nothing of it quoted in a refusal, which ends in a log."""

    model_config = ConfigDict(strict=True, frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True)
class Refusal:
    """The service's own words for what is wrong; empty where it has none."""

    code: str = ""
    message: str = ""
    reasons: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """The code and the message, short enough for a sentence."""
        return ": ".join(_short(part) for part in (self.code, self.message) if part) or "no reason given"


@dataclass(frozen=True)
class Answer:
    """What ``host`` answered. The content is not shown: an answer may be a token."""

    host: str
    status: int
    content: bytes = field(repr=False)
    retry_after: str | None = None

    def is_passing(self, attempt: int) -> bool:
        """Whether to ask again: always if the service says that it is busy, a few times if it is broken."""
        throttled = self.status == 403 and self.refusal.reasons & _QUOTA_REASONS  # noqa: PLR2004 - HTTP's Forbidden
        return self.status in _BUSY or bool(throttled) or (self.status in _BROKEN and attempt < TRIES)

    @cached_property
    def refusal(self) -> Refusal:
        """Why the service refuses, in whichever of the forms that Graph, Google and OAuth 2 (RFC 6749) have for it."""
        try:
            told = json.loads(self.content)
        except (ValueError, RecursionError):
            return Refusal()
        match told:
            case {"error": {"code": str(code), "message": str(message)}}:
                return Refusal(code, message)
            case {"error": {"message": str(message), "errors": [*errors]}}:
                reasons = [each["reason"] for each in errors if isinstance(each, dict) and "reason" in each]
                named = [reason for reason in reasons if isinstance(reason, str)]
                return Refusal(named[0] if named else "", message, frozenset(named))
            case {"error": {"status": str(code), "message": str(message)}}:
                return Refusal(code, message)
            case {"error": str(code), "error_description": str(message)}:
                return Refusal(code, message)
            case {"error": str(code)}:
                return Refusal(code)
            case _:
                return Refusal()

    def read[T: Told](self, form: type[T]) -> T:
        """The content, which must have this form.

        Raises:
            IncompleteReading: it has not: it is cut short, no JSON, or lacks what it must have.
        """
        try:
            return form.model_validate_json(self.content)
        except ValidationError as refusal:
            first = refusal.errors(include_url=False, include_context=False, include_input=False)[0]
            place = ".".join(str(part) for part in first["loc"]) or "the whole"
            raise IncompleteReading(
                f"{self.host} gave an answer that cannot be read ({place}: {_short(first['msg'])}). Nothing was "
                "changed; run again, and if it stays so, check that the configured URL is that of the directory."
            ) from None


def _short(text: str) -> str:
    """The text on one line, cut where it is long, and without a token, should a service repeat the one it was sent."""
    text = re.sub(r"(?i)(bearer) +\S+", r"\1 …", text)
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}…"
