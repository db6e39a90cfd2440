"""Moments, as text that sorts: always UTC, always the same width.

Links are stamped in microseconds (``2026-03-01T09:30:00.000000Z``), mail in whole seconds (``2026-03-01T09:30:00Z``),
which is all that S3 tells of an object.
"""

from datetime import UTC, datetime

from addresses.errors import InvalidTime


def stamp(moment: datetime) -> str:
    """The moment in microseconds, as tenures and runs are stamped."""
    # Not strftime, whose %Y leaves out the zeros of the year 900.
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def second(moment: datetime) -> str:
    """The whole second that the moment falls in, as mail is stamped."""
    return second_of(stamp(moment))


def second_of(stamped: str) -> str:
    """The whole second of a moment stamped in microseconds."""
    return f"{stamped[:19]}Z"


def epoch(moment: datetime) -> int:
    """The whole second that the moment falls in, counted from 1970, as DynamoDB counts times to live."""
    return int(moment.timestamp())


def of_epoch(seconds: int) -> str:
    """The moment that is so many seconds after 1970, in whole seconds."""
    return second(datetime.fromtimestamp(seconds, UTC))


def parse_time(text: str) -> datetime:
    """The moment that an RFC 3339 text names, in UTC.

    Raises:
        InvalidTime: the text is no such time, or has no offset and so could be any of 26 hours.
    """
    try:
        # RFC 3339 lets t and z be small letters.
        moment = datetime.fromisoformat(text.upper())
        utc = moment.astimezone(UTC)
    # OverflowError: with its offset, the moment lies before the year 1 or after 9999.
    except (ValueError, OverflowError) as refusal:
        raise InvalidTime(f"{text[:40]!r} is not a time. Write it like 2026-03-01T09:30:00Z (RFC 3339).") from refusal
    if moment.tzinfo is None or "T" not in text.upper():
        raise InvalidTime(f"{text[:40]!r} lacks a time of day or an offset. Write it like 2026-03-01T09:30:00Z.")
    return utc
