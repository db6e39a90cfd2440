"""Why a directory could not be read. The run fails with this sentence before anything is planned."""

from addresses.errors import AddressesError


class DirectoryFailed(AddressesError):
    """The directory was not read to the end, so nothing was planned and nothing changed."""


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
