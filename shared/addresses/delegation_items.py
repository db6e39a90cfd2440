"""How delegations lie in the table: one item with the archive that is delegated, its mirror with who may read it."""

from typing import Any

from addresses.address import Address
from addresses.delegation import Delegation, Target
from addresses.mailbox import MailboxId
from addresses.table import Item, Key, Write

DELEGATE, ACCESS = "DELEGATE#", "ACCESS#"


def delegated_partition(target: Target) -> str:
    """Where the delegations of this archive lie, beside the mailbox or the address itself."""
    return f"ADDRESS#{target.address}" if target.address else f"MAILBOX#{target.mailbox}"


def access_partition(delegate: MailboxId) -> str:
    """Where it lies what this mailbox may read, beside the mailbox itself."""
    return f"MAILBOX#{delegate}"


def delegation_key(target: Target, delegate: MailboxId) -> Key:
    """Where the delegation lies."""
    return delegated_partition(target), f"{DELEGATE}{delegate}"


def mirror_key(target: Target, delegate: MailboxId) -> Key:
    """Where its mirror lies."""
    return access_partition(delegate), f"{ACCESS}{delegated_partition(target)}"


def delegation_writes(delegation: Delegation, versions: tuple[int, int]) -> list[Write]:
    """The item and its mirror as they should be, written together, each on top of the version that was read.

    DynamoDB removes each by itself when its time is over, so one may be there without the other.
    """
    target = delegation.target
    attributes: dict[str, Any] = {
        "mailbox": target.mailbox,
        "address": target.address,
        "delegate": delegation.delegate,
        "granted_by": delegation.granted_by,
        "granted_at": delegation.granted_at,
        "reason": delegation.reason or None,
        # The table's time to live: DynamoDB removes the item some time after.
        "expires_at": delegation.expires_at,
        "ended_by": delegation.ended_by,
        "ended_at": delegation.ended_at,
    }
    keys = delegation_key(target, delegation.delegate), mirror_key(target, delegation.delegate)
    return [Write(key, attributes, version) for key, version in zip(keys, versions, strict=True)]


def delegation_from(item: Item) -> Delegation:
    """The delegation that either of the items holds."""
    expires = item.get("expires_at")
    return Delegation(
        target=Target(item.get("mailbox"), item.get("address")),
        delegate=MailboxId(item["delegate"]),
        granted_by=Address(item["granted_by"]),
        granted_at=item["granted_at"],
        reason=item.get("reason", ""),
        expires_at=None if expires is None else int(expires),
        ended_by=item.get("ended_by"),
        ended_at=item.get("ended_at"),
    )
