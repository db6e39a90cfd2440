"""How each thing lies in the table: its key, its attributes, and back. ``docs/data-model.md`` shows each. Pure."""

from dataclasses import asdict, fields
from typing import Any
from zlib import crc32

from addresses.address import Address, domain_of
from addresses.archive import Direction, Entry, Envelope, Message, RawObject, Verdicts
from addresses.mailbox import AddressState, Alias, Mailbox, MailboxId, Primacy, Profile, Status, TenureStart
from addresses.settings import Settings
from addresses.table import Item, Key, Write

SETTINGS_KEY: Key = ("SETTINGS", "SETTINGS")
DIRECTORY_SHARDS = 16
ENTRY_BYTES = 1024


def address_key(address: Address) -> Key:
    """Where the address's item lies."""
    return f"ADDRESS#{address}", "ADDRESS"


def mailbox_key(mailbox: MailboxId) -> Key:
    """Where the mailbox's item lies."""
    return f"MAILBOX#{mailbox}", "MAILBOX"


def message_key(digest: str) -> Key:
    """Where the message's item lies."""
    return f"MESSAGE#{digest}", "MESSAGE"


def archive_partition(address: Address) -> str:
    """Where the entries of the address's personal archive lie, in the order in which they were received."""
    return f"ARCHIVE#{address}"


def mailboxes_of_domain(domain: str) -> str:
    """The list of open mailboxes whose primary is in the domain, in the index ``by_list``."""
    return f"MAILBOXES#{domain}"


def unlinked_of_domain(domain: str) -> str:
    """The list of addresses in the domain that belong to no open mailbox, in the index ``by_list``."""
    return f"UNLINKED#{domain}"


def directory_shard(directory: str, directory_id: str) -> str:
    """The part of the index ``by_directory`` that the mailbox of this entry is in; there are 16, read together."""
    return f"{directory}#{crc32(directory_id.encode()) % DIRECTORY_SHARDS:02}"


def address_write(state: AddressState) -> Write:
    """The address's item as it should be, on top of the version that was read."""
    unlinked = state.mailbox is None
    return Write(
        address_key(state.address),
        {
            "address": state.address,
            "mailbox": state.mailbox,
            "tenures": [
                {"mailbox": start.mailbox, "from": start.since, "source": start.source, "run": start.run}
                for start in state.starts
            ],
            "listing": unlinked_of_domain(domain_of(state.address)) if unlinked else None,
            "listed_as": state.address if unlinked else None,
        },
        state.version,
    )


def new_address(address: Address) -> Item:
    """The item of an address that mail has just made known."""
    pk, sk = address_key(address)
    listing = unlinked_of_domain(domain_of(address))
    return {
        "pk": pk,
        "sk": sk,
        "address": address,
        "tenures": [],
        "listing": listing,
        "listed_as": address,
        "version": 1,
    }


def address_from(item: Item) -> AddressState:
    """The address that the item holds."""
    starts = tuple(TenureStart(each["mailbox"], each["from"], each["source"], each["run"]) for each in item["tenures"])
    return AddressState(Address(item["address"]), starts, int(item["version"]))


def mailbox_write(mailbox: Mailbox) -> Write:
    """The mailbox's item as it should be, on top of the version that was read."""
    directory, directory_id = mailbox.profile.directory, mailbox.profile.directory_id
    shard = directory_shard(directory, directory_id) if directory and directory_id and mailbox.is_open else None
    return Write(
        mailbox_key(mailbox.id),
        {
            "mailbox": mailbox.id,
            "status": mailbox.status.value,
            "primary": mailbox.primary,
            "name": mailbox.profile.name,
            "directory": directory,
            "directory_id": directory_id,
            "source": mailbox.source,
            "aliases": {alias: {"source": how.source, "since": how.since} for alias, how in mailbox.aliases.items()},
            "primaries": [
                {"address": each.address, "from": each.since, "source": each.source, "run": each.run}
                for each in mailbox.primaries
            ],
            "directory_shard": shard,
            "listing": mailboxes_of_domain(domain_of(mailbox.primary)) if mailbox.is_open else None,
            "listed_as": mailbox.primary if mailbox.is_open else None,
        },
        mailbox.version,
    )


def mailbox_from(item: Item) -> Mailbox:
    """The mailbox that the item holds."""
    return Mailbox(
        id=MailboxId(item["mailbox"]),
        status=Status(item["status"]),
        primary=Address(item["primary"]),
        profile=Profile(item["name"], item.get("directory"), item.get("directory_id")),
        source=item["source"],
        aliases={Address(alias): Alias(how["source"], how["since"]) for alias, how in item["aliases"].items()},
        primaries=tuple(
            Primacy(Address(each["address"]), each["from"], each["source"], each["run"]) for each in item["primaries"]
        ),
        version=int(item["version"]),
    )


def version_of(item: Item | None) -> int:
    """How often the item was written, to be written on top of; 0 if it is not there."""
    return int(item["version"]) if item else 0


def settings_item(settings: Settings) -> Item:
    """The one item of settings."""
    return {"pk": SETTINGS_KEY[0], "sk": SETTINGS_KEY[1], **settings.model_dump(mode="json")}


def settings_from(item: Item | None) -> Settings:
    """The settings; the defaults while nobody has set any."""
    return Settings.model_validate({name: value for name, value in (item or {}).items() if name not in {"pk", "sk"}})


def message_item(message: Message) -> Item:
    """The message's item: what the raw object cannot say of itself, and what a reader is shown of its header."""
    pk, sk = message_key(message.digest)
    return {
        "pk": pk,
        "sk": sk,
        "digest": message.digest,
        "received_at": message.received_at,
        "raw": {"bucket": message.raw.bucket, "key": message.raw.key, "version": message.raw.version},
        "size": message.size,
        "sender": message.sender,
        "to": list(message.to),
        "subject": message.subject,
        "message_id": message.message_id,
        "date": message.date,
        "envelope": _envelope(message.envelope),
        "verdicts": _said(asdict(message.verdicts)) if message.verdicts else None,
        "unparsed": message.unparsed,
    }


def _envelope(envelope: Envelope | None) -> dict[str, Any] | None:
    if envelope is None:
        return None
    told = {"sender": envelope.sender, "recipients": list(envelope.recipients)}
    return told | ({"on_behalf_of": envelope.on_behalf_of} if envelope.on_behalf_of else {})


def _said(verdicts: dict[str, str | None]) -> dict[str, str]:
    return {check: verdict for check, verdict in verdicts.items() if verdict is not None}


def message_from(item: Item) -> Message:
    """The message that the item holds."""
    raw = item["raw"]
    envelope, verdicts = item.get("envelope"), item.get("verdicts")
    return Message(
        digest=item["digest"],
        received_at=item["received_at"],
        raw=RawObject(raw["bucket"], raw["key"], raw.get("version")),
        size=int(item["size"]),
        sender=item["sender"],
        to=tuple(item["to"]),
        subject=item["subject"],
        message_id=item["message_id"],
        date=item["date"],
        envelope=Envelope(envelope["sender"], tuple(envelope["recipients"]), envelope.get("on_behalf_of", ""))
        if envelope
        else None,
        verdicts=Verdicts(*(verdicts.get(check.name) for check in fields(Verdicts))) if verdicts else None,
        unparsed=item.get("unparsed"),
    )


def entry_key(address: Address, position: str) -> Key:
    """Where an archive's entry at this position lies."""
    return archive_partition(address), position


def entry_item(entry: Entry) -> Item:
    """The entry's item."""
    pk, sk = entry_key(entry.address, entry.position)
    return {
        "pk": pk,
        "sk": sk,
        "direction": entry.direction.value,
        "sender": entry.sender,
        "to": list(entry.to),
        "subject": entry.subject,
        "size": entry.size,
    }


def entry_from(item: Item) -> Entry:
    """The entry that the item holds."""
    received_at, _, digest = item["sk"].partition("#")
    return Entry(
        address=Address(item["pk"].removeprefix("ARCHIVE#")),
        received_at=received_at,
        digest=digest,
        direction=Direction(item["direction"]),
        sender=item["sender"],
        to=tuple(item["to"]),
        subject=item["subject"],
        size=int(item["size"]),
    )
