"""Files what has arrived: keeps each message once, then enters it into the archive of every address that it reached.

Every write is safe to repeat, and the event is acknowledged only after the last. So whatever is redelivered, arrives
twice or in another order, or is cut short by a crash and redelivered, leaves the table as one undisturbed run does.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from addresses.archive import Direction, Entry, Message, RawObject
from addresses.errors import NoInternalDomains, Unfinished
from addresses.items import entry_item, message_from, message_item, message_key
from addresses.settings import Settings
from addresses.table import Changed, Item, Table
from mail_ingest.addressees import Addressees
from mail_ingest.arrival import Arrival
from mail_ingest.delivery import Delivery, deliveries
from mail_ingest.fetching import fetch
from mail_ingest.fitting import fitted_entry, fitted_message, with_copy
from mail_ingest.known_addresses import KnownAddresses
from mail_ingest.originals import Originals
from mail_ingest.reading import Reading, read_message

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# What a journal report is read from as a whole. Mail servers take messages of at most 150 MB, SES of 40.
_WHOLE_BYTES = 160 * 1024 * 1024
_ROUNDS = 8


@dataclass(frozen=True)
class Filed:
    """A message that is kept, and the entries that show it in the archives of all that it reached.

    ``raw`` is the object that arrived; if that was a ``copy`` of a message known before, the message lies in another,
    or the event was delivered before. It also lies in another if it came in a journal report.
    """

    raw: RawObject
    message: Message
    addressees: Addressees
    entries: tuple[Entry, ...]
    copy: bool


@dataclass(frozen=True)
class _Stored:
    """The object that arrived, as it was read; ``content`` as a whole, unless it is too large for that."""

    raw: RawObject
    received_at: str
    reading: Reading
    content: bytes | None


class Filing:
    """Files messages from S3 into the table."""

    def __init__(self, s3: "S3Client", table: Table) -> None:
        """``table`` is where messages and entries go."""
        self._s3 = s3
        self._table = table
        self._originals = Originals(s3)
        self._known = KnownAddresses(table)

    def keep(self, arrival: Arrival, settings: Settings) -> list[Filed]:
        """Keep the message that has arrived, or those that have in a journal report; their entries are still to do.

        Raises:
            NoInternalDomains: nobody can say yet whose mail this is, so it stays in the queue, unread.
            NoSuchObject: the object is gone, or not there yet.
        """
        if not settings.internal_domains:
            raise NoInternalDomains("No internal domain is set, so mail waits in the queue: PUT /settings.")
        stored = self._read(arrival)
        found = deliveries(arrival, stored.reading, stored.content, settings)
        return [self.keep_delivery(delivery, stored.raw, stored.received_at) for delivery in found]

    def keep_delivery(self, delivery: Delivery, came_in: RawObject, received_at: str) -> Filed:
        """Keep one message that came in this object, or as it."""
        raw = self._raw(delivery, came_in)
        message, copy = self._keep(
            fitted_message(delivery.reading, raw, received_at, delivery.envelope, delivery.verdicts)
        )
        reached = delivery.addressees
        received = [fitted_entry(message, address, Direction.RECEIVED) for address in reached.received]
        sent = [fitted_entry(message, address, Direction.SENT) for address in reached.sent]
        return Filed(came_in, message, reached, (*received, *sent), copy)

    def enter(self, filed: Iterable[Filed]) -> None:
        """Put the entries of messages that are kept into their archives, all of them in as few calls as can be.

        If one is refused, some of the others may be in and some not; entering them again is safe.
        """
        entries = [entry for each in filed for entry in each.entries]
        # A message may have come twice among them, and a call names no item twice.
        received = {
            (entry.address, entry.position): entry for entry in entries if entry.direction is Direction.RECEIVED
        }
        self._table.put_all(map(entry_item, received.values()))
        for entry in entries:
            if entry.direction is Direction.SENT:
                # Unless it is there: a copy that was delivered to the sender has made it a received one.
                self._table.put_new(entry_item(entry))
        self._known.meet(dict.fromkeys(entry.address for entry in entries))

    def _read(self, arrival: Arrival) -> _Stored:
        answer, raw, received_at = fetch(self._s3, arrival, "restore it, then redrive")
        if answer["ContentLength"] > _WHOLE_BYTES:
            return _Stored(raw, received_at, read_message(answer["Body"]), None)
        content = answer["Body"].read()
        return _Stored(raw, received_at, read_message(BytesIO(content)), content)

    def _raw(self, delivery: Delivery, came_in: RawObject) -> RawObject:
        """Where the message lies by itself; an original is put there, unless a copy of it lies somewhere already."""
        if delivery.original is None:
            return came_in
        known = self._table.get(message_key(delivery.reading.digest))
        return message_from(known).raw if known else self._originals.keep(came_in.bucket, delivery.original)

    def _keep(self, message: Message) -> tuple[Message, bool]:
        """The message as the table has it, and whether it had it before.

        All entries show what the table has, so those of one copy are no different from those of another.
        """
        known = self._table.put_new(message_item(message))
        if known is None:
            return message, False
        for attempt in range(_ROUNDS):
            kept = message_from(known)
            together = with_copy(kept, message)
            if together == kept:
                return kept, True
            try:
                self._table.replace(message_key(kept.digest), *(_told(message_item(each)) for each in (kept, together)))
            except Changed:
                # Another copy came at the same moment.
                self._table.wait(attempt)
                known = self._table.get(message_key(kept.digest)) or {}
            else:
                return together, True
        raise Unfinished(f"Copies of one message came {_ROUNDS} times at the same moment; try again.")


def _told(item: Item) -> dict[str, Any]:
    """What copies add to a message's item."""
    return {name: item[name] for name in ("envelope", "verdicts")}
