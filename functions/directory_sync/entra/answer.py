"""What Graph refuses, in words that say what to do."""

from directory_sync.errors import DirectoryFailed, IncompleteReading, LogonRefused, ReadRefused
from directory_sync.web.answer import Refusal


def refused(status: int, refusal: Refusal) -> DirectoryFailed:
    """The error to raise for an answer that is neither what was asked for nor a wish to be asked later."""
    match status:
        case 401:
            return LogonRefused(
                f"Graph does not take the token that Entra gave out ({refusal.code}): check that login_url and "
                "graph_url belong to the same cloud."
            )
        case 403:
            return ReadRefused(
                f"Graph does not let the application read users ({refusal.code}): grant it the application permission "
                "User.Read.All, with an administrator's consent."
            )
        case _:
            return IncompleteReading(
                f"Graph answered with error {status} ({refusal}), so the users were not read to the end: run again, "
                "and if it stays so, check graph_url."
            )
