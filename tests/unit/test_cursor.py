"""Cursors are taken only by the listing that gave them, and only as they were given."""

from base64 import urlsafe_b64encode

import pytest

from addresses.cursor import give, take
from addresses.errors import InvalidCursor

LISTING, POSITION = "archive of m-alice", f"2026-03-01T09:30:00Z#{'0123456789abcdef' * 4}"
URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("position", [POSITION, "alice@example.com", "jos\u00e9@example.com", "a", "", "a" * 759])
def test_a_cursor_leads_back_to_its_position(position: str) -> None:
    """It needs no escaping in a query."""
    cursor = give(LISTING, position)
    assert position == take(LISTING, cursor)
    assert set(cursor) <= set(URL_SAFE)


def test_a_cursor_that_was_changed_in_any_one_character_is_refused() -> None:
    """Each character replaced by each other one, left out, or doubled."""
    cursor = give(LISTING, POSITION)
    changed = {
        cursor[:place] + instead + cursor[place + 1 :]
        for place, character in enumerate(cursor)
        for instead in ("", character * 2, *URL_SAFE, "+", "/", "=", " ", "\u00e9")
    } - {cursor}
    assert len(changed) > 64 * len(cursor)
    for each in changed:
        with pytest.raises(InvalidCursor):
            take(LISTING, each)


@pytest.mark.parametrize(
    "cursor",
    [
        give("archive of m-bob", POSITION),
        give(f"{LISTING} ", POSITION),
        give(LISTING, POSITION) + "=",
        give(LISTING, POSITION) + "AAAA",
        urlsafe_b64encode(POSITION.encode()).decode(),
        "",
        "A",
        "=",
        "\x00",
        "\ud800",
        "A" * 1_000_000,
    ],
)
def test_a_cursor_of_another_listing_or_of_nobody_is_refused(cursor: str) -> None:
    """The message says how to go on without it."""
    with pytest.raises(InvalidCursor, match="Start again without one"):
        take(LISTING, cursor)


def test_where_the_listing_ends_and_the_position_begins_cannot_be_shifted() -> None:
    """Two listings, one of which has the other's name and the beginning of its position for a name, stay two."""
    with pytest.raises(InvalidCursor):
        take("mailboxes of a", give("mailboxes of ", "a\0b"))
