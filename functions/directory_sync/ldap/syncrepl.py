"""What changed in OpenLDAP, by LDAP Content Synchronization (RFC 4533). Only ids are taken from it.

A server that remembers what was deleted since a cookie, as slapd does with ``syncprov-sessionlog``, names it. Otherwise
it names all that is still there; then it is as well to read the directory whole.
"""

from typing import Any

import ldap3
from aws_lambda_powertools import Logger
from ldap3.protocol.controls import build_control
from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import univ

from addresses.directory import LdapDirectory
from directory_sync.errors import IncompleteReading
from directory_sync.ldap.context import Cursor, naming_context
from directory_sync.ldap.openldap import OPENLDAP
from directory_sync.ldap.refusals import SUCCESS, SYNC_REFRESH_REQUIRED, UNWILLING_TO_PERFORM
from directory_sync.ldap.session import Answer, Found, Session
from directory_sync.reader import Changes, Resync

_KIND = "syncrepl1"
_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
_STATE = "1.3.6.1.4.1.4203.1.9.1.2"
_DONE = "1.3.6.1.4.1.4203.1.9.1.3"
_INFO = "1.3.6.1.4.1.4203.1.9.1.4"
_REFRESH_ONLY = 1
_PRESENT = 0
# Tags of the choices of a Sync Info message, and that of a sequence, which each of these two is but for its tag.
_REFRESH_PRESENT, _ID_SET, _SEQUENCE = 0xA2, 0xA3, b"\x30"
# slapd is unwilling where the cookie is of its future: it was restored from a backup since.
_EXPECTED = {SUCCESS, SYNC_REFRESH_REQUIRED, UNWILLING_TO_PERFORM}
# What is no sequence, or not of those values, is found out where a part of it is looked for.
_NOT_RFC_4533 = (PyAsn1Error, LookupError, OverflowError, TypeError, ValueError)

logger = Logger(child=True)


def position(session: Session, config: LdapDirectory) -> str | None:
    """The cursor after all that has happened until now; None if the server does not show where it is."""
    context = naming_context(session, config.base_dn)
    if context is None:
        return None
    answer = session.search(context, "(objectClass=*)", ["contextCSN"], scope=ldap3.BASE)
    numbers = [number for found in answer.found for number in found.values.get("contextcsn", ())]
    if not numbers:
        logger.info(
            "%s shows no contextCSN, so every run reads the directory whole; set up slapo-syncprov with "
            "syncprov-sessionlog, and let %s read that attribute, to change that.",
            context,
            config.bind_dn,
        )
        return None
    # slapd's own form of a cookie, as slapo-syncprov gives it out.
    return str(Cursor(_KIND, context, b"rid=000,csn=" + b";".join(sorted(numbers))))


def since(session: Session, config: LdapDirectory, cursor: str) -> Changes:
    """The ids of all entries of the tree that were added, changed or deleted since the cursor.

    Raises:
        Resync: the server does not take the cursor, or no longer knows what was deleted since.
    """
    context = naming_context(session, config.base_dn)
    if context is None:
        raise Resync("the server no longer names its naming contexts")
    cookie = Cursor.read(cursor, _KIND, context).cookie
    value = univ.Sequence()
    value[0], value[1] = univ.Enumerated(_REFRESH_ONLY), univ.OctetString(cookie)
    control = build_control(_REQUEST, criticality=True, value=encoder.encode(value), encode_control_value=False)
    # No attributes: the ids come in the controls. No filter: who left the configured one would not be seen to leave.
    answer = session.search(context, "(objectClass=*)", ["1.1"], controls=[control], accepted=_EXPECTED)
    if answer.code != SUCCESS:
        raise Resync(f"the server does not tell what changed since the cursor (result {answer.code})")
    try:
        following = _following(answer, cookie)
        ids = {_changed(found) for found in answer.found} | _deleted(answer)
    except _NOT_RFC_4533 as refusal:
        raise IncompleteReading(
            f"The server's account of its changes is not that of RFC 4533: {refusal!r}."
        ) from refusal
    return Changes(frozenset(ids), str(Cursor(_KIND, context, following)))


def _following(answer: Answer, cookie: bytes) -> bytes:
    parts = _parts(answer.controls[_DONE]["value"])
    # Without refreshDeletes, deleted is what was not named (RFC 4533, section 3.3.2).
    if not any(isinstance(part, univ.Boolean) and part for part in parts):
        raise Resync("the server no longer knows what was deleted since the cursor")
    given = [bytes(part) for part in parts if isinstance(part, univ.OctetString)]
    if b"" in given:
        raise Resync("the server took the cursor for none")
    # It gives no cookie where nothing has changed.
    return given[0] if given else cookie


def _changed(found: Found) -> str:
    state, identity, *_ = _parts(found.controls[_STATE]["value"])
    if int(state) == _PRESENT:
        raise Resync("the server names what is still there and not what changed")
    return _id(identity)


def _deleted(answer: Answer) -> set[str]:
    ids: set[str] = set()
    for name, value in answer.intermediate:
        if name != _INFO or value[0] not in {_REFRESH_PRESENT, _ID_SET}:
            continue
        parts = _parts(_SEQUENCE + value[1:])
        if value[0] == _REFRESH_PRESENT or not any(isinstance(part, univ.Boolean) and part for part in parts):
            raise Resync("the server names what is still there and not what was deleted")
        ids |= {_id(identity) for part in parts if isinstance(part, univ.SetOf) for identity in part}
    return ids


def _parts(value: bytes) -> list[Any]:
    # Read without its grammar, a sequence of equal types is one "of" that type, and has no names.
    decoded, _ = decoder.decode(value)
    return [decoded[place] for place in range(len(decoded))]


def _id(identity: univ.OctetString) -> str:
    return OPENLDAP.id_of(bytes(identity).hex().encode())
