"""Why a directory could not be read. The run fails with this sentence before anything is planned."""

from addresses.errors import AddressesError

_LONGEST_SENTENCE = 1000


class DirectoryFailed(AddressesError):
    """The directory was not read to the end, so nothing was planned and nothing changed.

    The sentence may quote what a server says, and goes into the run and the log: it is kept to one line, and short.
    """

    def __init__(self, sentence: str) -> None:
        line = "".join(each if each.isprintable() else "\ufffd" for each in sentence)
        super().__init__(line if len(line) <= _LONGEST_SENTENCE else f"{line[:_LONGEST_SENTENCE]}…")


class Unreachable(DirectoryFailed):
    """Nothing answers there, or the connection was lost."""


class CertificateRefused(DirectoryFailed):
    """The server's certificate is not one that this configuration trusts."""


class LogonRefused(DirectoryFailed):
    """The directory does not let this account in."""


class SecretUnusable(DirectoryFailed):
    """Secrets Manager has no usable secret under this name."""


class ReadRefused(DirectoryFailed):
    """The account is let in, and may not read what is needed."""


class Misconfigured(DirectoryFailed):
    """The configuration says something that the directory does not understand: a base or a filter."""


class IncompleteReading(DirectoryFailed):
    """The directory's answer ended before its end: a limit, an error, an answer that contradicts itself."""


class OutOfTime(DirectoryFailed):
    """The directory did not answer to the end within the run's time."""


class SuddenlyEmpty(DirectoryFailed):
    """A directory that had accounts answers that it has none."""
