"""Why a file was not read. The run fails with this sentence, nothing is planned, and the next file is not kept waiting.

A row that cannot be used is no error: it gets its result, and the rows beside it are read all the same.
"""

from addresses.errors import AddressesError


class SpreadsheetRefused(AddressesError):
    """The file is not read, or not to its end; nothing of it is done."""


# --- What the file is ------------------------------------------------------------------------------------------------


class FileTooLarge(SpreadsheetRefused):
    """The file has more bytes than are taken; it is refused before it is read."""


class FileMissing(SpreadsheetRefused):
    """The file that was announced is no longer there."""


class EmptyFile(SpreadsheetRefused):
    """The file has no bytes, or its sheets no cells."""


class NotASpreadsheet(SpreadsheetRefused):
    """The content is of a kind that is not read, whatever the file is called."""


class PasswordProtected(SpreadsheetRefused):
    """The file is encrypted."""


class DamagedFile(SpreadsheetRefused):
    """The file ends early, or contradicts itself."""


class UnreadableText(SpreadsheetRefused):
    """A text file is in no encoding that is understood."""


# --- What is in it ---------------------------------------------------------------------------------------------------


class UnpacksTooLarge(SpreadsheetRefused):
    """The file unpacks to more than any sheet of people needs, or its parts are more than any program writes."""


class ForeignReferences(SpreadsheetRefused):
    """The file declares entities or document types of its own, as no program writes them into a sheet."""


class CellTooLong(SpreadsheetRefused):
    """A cell holds more text than a list of addresses needs."""


class TooManyRows(SpreadsheetRefused):
    """There are more rows than one import takes."""


class TooManyAddresses(SpreadsheetRefused):
    """The rows name more addresses than one import takes."""


class NoHeader(SpreadsheetRefused):
    """No sheet that is shown has a header that is understood."""


class AmbiguousHeader(SpreadsheetRefused):
    """Two columns of the header say that they hold the same."""
