"""Moments as text: what is read, and that what is written sorts."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from addresses.errors import InvalidTime
from addresses.times import parse_time, second, second_of, stamp

MOMENT = datetime(2026, 3, 1, 9, 30, 0, 987_654, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T09:30:00.987654Z",
        "2026-03-01t09:30:00.987654z",
        "2026-03-01T09:30:00.987654321Z",
        "2026-03-01T10:30:00.987654+01:00",
        "2026-02-28T21:30:00.987654-12:00",
    ],
)
def test_a_time_with_an_offset_is_one_moment(text: str) -> None:
    """RFC 3339, whatever the offset."""
    assert MOMENT == parse_time(text)


@pytest.mark.parametrize(
    "text",
    [
        *["", "now", "1772357400", "\ud800", "2026-03-01T09:30:00Z\n", "\uff12\uff10\uff12\uff16-03-01T09:30:00Z"],
        *["2026-03-01", "2026-03-01T09:30:00", "2026-03-01 09:30:00Z", "2026-03-01T09:30:00 01:00"],
        *["2026-02-30T09:30:00Z", "2026-03-01T24:30:00Z", "2026-03-01T09:30:00+25:00"],
        *["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00"],
        "9" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_moment_is_refused_with_an_example(text: str) -> None:
    """A time without an offset could be any of 26 hours."""
    with pytest.raises(InvalidTime, match="Write it like 2026-03-01T09:30:00Z") as refused:
        parse_time(text)
    assert str(refused.value).isprintable()
    assert len(str(refused.value)) < 400


def test_moments_sort_as_they_are_written() -> None:
    """Always UTC and always as wide, from the year 1 to the year 9999."""
    east = timezone(timedelta(hours=14))
    moments = [
        datetime(1, 1, 1, tzinfo=UTC),
        datetime(987, 6, 5, 4, 3, 2, 1, tzinfo=UTC),
        MOMENT.replace(microsecond=0),
        MOMENT.astimezone(east),
        MOMENT + timedelta(microseconds=1),
        datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    ]
    stamps = [stamp(moment) for moment in moments]
    assert stamps == sorted(set(stamps))
    assert {len("2026-03-01T09:30:00.987654Z")} == {len(each) for each in stamps}
    assert "2026-03-01T09:30:00.987654Z" == stamp(MOMENT.astimezone(east))
    assert moments == [parse_time(each) for each in stamps]


def test_mail_is_stamped_with_the_second_that_a_moment_falls_in() -> None:
    """The moment of a link and the second of a message can be compared."""
    assert "2026-03-01T09:30:00Z" == second(MOMENT) == second_of(stamp(MOMENT))
