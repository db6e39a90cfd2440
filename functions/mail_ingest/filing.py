"""Files a message that has arrived: the message once, then an entry in the archive of every address that it reached.

Every write is safe to repeat, and the event is acknowledged only after the last. So whatever is redelivered, arrives
twice or in another order, or is cut short by a crash and redelivered, leaves the table as one undisturbed run does.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from addresses import times
from addresses.archive import Direction, Message, RawObject
from addresses.errors import NoInternalDomains
from addresses.items import entry_item, message_from, message_item, message_key
from addresses.settings import Settings
from addresses.table import Table
from mail_ingest.addressees import Addressees, addressees
from mail_ingest.arrival import Arrival
from mail_ingest.errors import NoSuchObject
from mail_ingest.fitting import fitted_entry, fitted_message
from mail_ingest.known_addresses import KnownAddresses
from mail_ingest.reading import Reading, read_message

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True)
class Filed:
    """A message that is filed, and whose archives took it.

    ``raw`` is the object that arrived; if that was a ``copy`` of a message known before, the message lies in another,
    or the event was delivered before.
    """

    raw: RawObject
    message: Message
    addressees: Addressees
    copy: bool


class Filing:
    """Files messages from S3 into the table."""

    def __init__(self, s3: "S3Client", table: Table) -> None:
        """``table`` is where messages and entries go."""
        self._s3 = s3
        self._table = table
        self._known = KnownAddresses(table)

    def file(self, arrival: Arrival, settings: Settings) -> Filed:
        """File the message that has arrived.

        Raises:
            NoInternalDomains: nobody can say yet whose mail this is, so it stays in the queue, unread.
            NoSuchObject: the object is gone, or not there yet.
        """
        if not settings.internal_domains:
            raise NoInternalDomains("No internal domain is set, so mail waits in the queue: PUT /settings.")
        reading, raw, received_at = self._read(arrival)
        message, copy = self._keep(fitted_message(reading, raw, received_at, arrival.envelope))
        reached = addressees(reading.header, arrival.envelope, settings)
        received = (fitted_entry(message, address, Direction.RECEIVED) for address in reached.received)
        self._table.put_all(entry_item(entry) for entry in received)
        if reached.sender:
            # Unless it is there: a copy that was delivered to the sender has made it a received one.
            self._table.put_new(entry_item(fitted_entry(message, reached.sender, Direction.SENT)))
        self._known.meet(reached.all)
        return Filed(raw, message, reached, copy)

    def _read(self, arrival: Arrival) -> tuple[Reading, RawObject, str]:
        version = {"VersionId": arrival.version} if arrival.version else {}
        try:
            answer = self._s3.get_object(Bucket=arrival.bucket, Key=arrival.key, **cast("Any", version))
        except self._s3.exceptions.ClientError as refusal:
            if refusal.response["Error"]["Code"] not in {"NoSuchKey", "NoSuchVersion"}:
                raise
            raise NoSuchObject(
                f"{arrival.key!r} is not in {arrival.bucket!r} (version {arrival.version}): restore it, then redrive."
            ) from refusal
        raw = RawObject(arrival.bucket, arrival.key, answer.get("VersionId"))
        return read_message(answer["Body"]), raw, times.second(answer["LastModified"])

    def _keep(self, message: Message) -> tuple[Message, bool]:
        """The message as the table has it, and whether it had it before.

        All entries show what the table has, so those of one copy are no different from those of another.
        """
        item = message_item(message)
        stored = self._table.put_new(item)
        if stored is None:
            return message, False
        kept = message_from(stored)
        if message.envelope and not kept.envelope:
            self._table.fill(message_key(message.digest), "envelope", item["envelope"])
        return kept, True
