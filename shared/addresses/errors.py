"""Every rule that can be broken, named after the rule, in one tree.

The second level says what a caller can do about it; the APIs turn that level into a status, and the class's name into
the problem's type: ``AlreadyLinked`` is ``already-linked`` (see ``problem``). The message is the problem's detail, and
says the way out.
"""

import re


class AddressesError(Exception):
    """Something that was asked for breaks a rule of the address book or of the archive."""

    @classmethod
    def slug(cls) -> str:
        """The name of the broken rule as it stands in a problem's type and in a run's report."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()


# --- Wrong whatever the state of the table: correct the request ------------------------------------------------------


class Invalid(AddressesError):
    """The request can never be right as it stands."""


class InvalidAddress(Invalid):
    """The text is not an address (RFC 5321, RFC 6531); the message says why."""


class ExternalDomain(Invalid):
    """The address is outside the internal domains, and such an address is never linked."""


class CrossDomain(Invalid):
    """A link by hand joins two domains; only a directory or a spreadsheet may do that."""


class InvalidCursor(Invalid):
    """The cursor was not given out by this listing, or was damaged on the way."""


class InvalidTime(Invalid):
    """The text is not a time with an offset (RFC 3339)."""


class ExpiresInThePast(Invalid):
    """A delegation may end at a later time, not at one that is over."""


class InvalidRequest(Invalid):
    """The body or the query has fields that are missing, unknown or of the wrong type."""


# --- Cannot be read at all -------------------------------------------------------------------------------------------


class Malformed(AddressesError):
    """The request is not in the form that it claims."""


class MalformedBody(Malformed):
    """The body is not JSON."""


class TooLarge(AddressesError):
    """The request is larger than any that makes sense."""


class BodyTooLarge(TooLarge):
    """The body is larger than the API takes."""


# --- Who asks --------------------------------------------------------------------------------------------------------


class Forbidden(AddressesError):
    """The caller is known, and may not do this."""


class NotAnAdministrator(Forbidden):
    """The caller is not in the group that this needs."""


class NoIdentity(Forbidden):
    """The token names no e-mail address, so nobody is known to be asking."""


# --- Not there, or not for you ---------------------------------------------------------------------------------------


class NotFound(AddressesError):
    """What is named does not exist, or the caller may not know that it does."""


class NoSuchMailbox(NotFound):
    """No open mailbox has this address as its primary."""


class NoSuchAddress(NotFound):
    """The address has never been seen."""


class NoSuchRun(NotFound):
    """No run has this id."""


class NoSuchImport(NotFound):
    """No import has this id."""


class NoSuchLoad(NotFound):
    """No bulk load has this name."""


class NoSuchDirectory(NotFound):
    """No directory of this name is configured."""


class NoSuchMessage(NotFound):
    """No message of this id is in an archive that the caller sees now."""


# --- Against the state of the table: look again, then decide ---------------------------------------------------------


class Conflicting(AddressesError):
    """The request would be right if the table were otherwise."""


class AlreadyLinked(Conflicting):
    """The address belongs to another mailbox, which the request did not name as the holder."""


class IsPrimary(Conflicting):
    """The address is the primary of an open mailbox, and so cannot be an alias."""


class LinkedElsewhere(Conflicting):
    """The alias to unlink belongs to another mailbox."""


class NotAnAlias(Conflicting):
    """Only one of the mailbox's own aliases can be promoted."""


class ChangedMeanwhile(Conflicting):
    """Others changed the same addresses while this request was being carried out."""


class OwnArchive(Conflicting):
    """Nobody is delegated what is their own."""


class DirectoryDisabled(Conflicting):
    """A directory that is disabled is only looked at: by a dry run or a test."""


class RunUnderWay(Conflicting):
    """One run of a directory at a time: another is under way."""


class RunNotHeld(Conflicting):
    """Only a run that is held can be approved or rejected."""


class DigestDiffers(Conflicting):
    """An approval is of exactly one plan, and this run's plan has another digest."""


class ApprovalTooLate(Conflicting):
    """A held run can be approved for 24 hours; what the directory says may have changed since."""


class NotBeingApplied(Conflicting):
    """Only the parts of a run that is being applied are carried out, and only those of its own plan."""


class RunNotApplied(Conflicting):
    """Only a run that was carried out can be reverted."""


# --- Not now ---------------------------------------------------------------------------------------------------------


class Unavailable(AddressesError):
    """Nothing is wrong with the request; it can be sent again."""


class TableBusy(Unavailable):
    """Every try to write met another writer; nothing was changed."""


class AwsBusy(Unavailable):
    """AWS did not answer in time, or refused for now, however often it was asked."""


class NoInternalDomains(Unavailable):
    """No internal domain is set yet, so nobody can say whose mail this is."""


class Unfinished(Unavailable):
    """Something that is safe to repeat was not done to its end, because of the table or of others who write."""
