"""What changed in Active Directory, by its DirSync control ([MS-ADTS] 3.1.1.3.4.1.3). Only ids are taken from it.

The filter must be ``(objectClass=user)`` and nothing narrower: what is left of a deleted account has neither mail nor
objectCategory, and one that left the configured filter would not be seen to leave. Nor is LDAP_DIRSYNC_OBJECT_SECURITY
used, which needs no right but reports no deletions.
"""

from aws_lambda_powertools import Logger
from ldap3.protocol.microsoft import dir_sync_control, show_deleted_control

from addresses.directory import LdapDirectory
from directory_sync.errors import IncompleteReading
from directory_sync.ldap.active_directory import ACTIVE_DIRECTORY
from directory_sync.ldap.context import Cursor, naming_context
from directory_sync.ldap.profile import attributes_of
from directory_sync.ldap.refusals import INSUFFICIENT_ACCESS_RIGHTS, SUCCESS, UNAVAILABLE_CRITICAL_EXTENSION
from directory_sync.ldap.session import Answer, Session
from directory_sync.reader import Changes, Resync

_KIND = "dirsync1"
_DIRSYNC = "1.2.840.113556.1.4.841"
_ACCOUNTS = "(objectClass=user)"
# Where deleted accounts lie. It counts as deleted itself, so whoever is shown it is shown them; and it is one entry.
_DELETED_OBJECTS = "(&(isDeleted=TRUE)(cn=Deleted Objects))"
# An answer as large as this is cut, and goes on with the next.
_BYTES = 1 << 20
_EXPECTED = {SUCCESS, UNAVAILABLE_CRITICAL_EXTENSION, INSUFFICIENT_ACCESS_RIGHTS}

logger = Logger(child=True)


def position(session: Session, config: LdapDirectory) -> str | None:
    """The cursor after all that has happened until now; None if the account would not be told of every change."""
    context = naming_context(session, config.base_dn)
    if context is None:
        return None
    cookie, more, shown = b"", True, False
    while more:
        # A cookie says up to where the tree was looked through, whatever matched.
        answer = _asked(session, context, _DELETED_OBJECTS, ["isDeleted"], cookie)
        if answer.code != SUCCESS:
            logger.info(
                "%s may not ask for changes, so every run reads the directory whole; grant it Replicating Directory "
                "Changes on %s to change that.",
                config.bind_dn,
                context,
            )
            return None
        cookie, more = _cookie(answer)
        shown = shown or bool(answer.found)
    if not shown:
        logger.info(
            "%s is not shown deleted accounts, so every run reads the directory whole; grant it List Contents and Read "
            "Property on CN=Deleted Objects,%s to change that.",
            config.bind_dn,
            context,
        )
        return None
    return str(Cursor(_KIND, context, cookie))


def since(session: Session, config: LdapDirectory, cursor: str) -> Changes:
    """The ids of all accounts of the tree that were added, changed or deleted since the cursor.

    Raises:
        Resync: the server does not take the cursor, or does not let the account ask any more.
    """
    context = naming_context(session, config.base_dn)
    if context is None:
        raise Resync("the server no longer names its naming contexts")
    # An account is only reported when one of the attributes changed that are asked for; a renaming changes name.
    attributes = [*ACTIVE_DIRECTORY.attributes, "isDeleted", *attributes_of(config.filter)]
    cookie, more = Cursor.read(cursor, _KIND, context).cookie, True
    ids: set[str] = set()
    while more:
        answer = _asked(session, context, _ACCOUNTS, attributes, cookie)
        if answer.code != SUCCESS:
            raise Resync(f"the server does not tell what changed since the cursor (result {answer.code})")
        ids.update(ACTIVE_DIRECTORY.id(found) for found in answer.found)
        cookie, more = _cookie(answer)
    return Changes(frozenset(ids), str(Cursor(_KIND, context, cookie)))


def _asked(session: Session, context: str, search_filter: str, attributes: list[str], cookie: bytes) -> Answer:
    control = dir_sync_control(  # type: ignore[no-untyped-call] # its stub leaves the types out
        criticality=True,
        object_security=False,
        ancestors_first=False,
        public_data_only=False,
        incremental_values=False,
        max_length=_BYTES,
        cookie=cookie,
    )
    controls = [control, show_deleted_control(criticality=False)]
    return session.search(context, search_filter, attributes, controls=controls, accepted=_EXPECTED)


def _cookie(answer: Answer) -> tuple[bytes, bool]:
    told = answer.told(_DIRSYNC)
    if told is None:
        raise IncompleteReading("The server did not say whether those were all the changes; the next run tries again.")
    return told["cookie"], told["more_results"]
