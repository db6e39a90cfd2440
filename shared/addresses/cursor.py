"""Where the next page of a listing begins, as text that a client keeps and gives back.

A cursor grants nothing: what may be seen is decided anew with each request. Its checksum is there so that a damaged
one, or one of another listing, is an error and not a surprising page.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from addresses.errors import InvalidCursor

_CHECKSUM = 9
_LONGEST = 1024


def give(listing: str, position: str) -> str:
    """The cursor that continues this listing after this position."""
    return urlsafe_b64encode(_checksum(listing, position) + position.encode()).decode().rstrip("=")


def take(listing: str, cursor: str) -> str:
    """The position in this listing that the cursor was given for.

    Raises:
        InvalidCursor: it was not given out by this listing with these parameters.
    """
    refusal = InvalidCursor("This cursor does not belong to this listing. Start again without one.")
    if len(cursor) > _LONGEST:
        raise refusal
    try:
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        checksum, position = raw[:_CHECKSUM], raw[_CHECKSUM:].decode()
    except (binascii.Error, ValueError) as damage:
        raise refusal from damage
    # Comparing the whole text also refuses spellings that decode alike, such as stray bits in the last character.
    if checksum != _checksum(listing, position) or give(listing, position) != cursor:
        raise refusal
    return position


def _checksum(listing: str, position: str) -> bytes:
    return sha256(f"{listing}\0{position}".encode()).digest()[:_CHECKSUM]
