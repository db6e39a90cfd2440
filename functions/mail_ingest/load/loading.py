"""Loads one object of a bulk load: the message that it is, or every message of the container that it is.

A container is read in order, a few messages at a time: they are filed together, and then their results are recorded.
When the function's time is over, it says from where to go on. Whatever is done twice leaves what doing it once does.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from io import BufferedReader, BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

import smart_open.s3

from addresses.archive import RawObject
from addresses.errors import NoInternalDomains
from addresses.load import Container, ContainerStatus, LoadName, LoadOutcome, LoadResult
from addresses.settings import Settings
from mail_ingest.addressees import addressees
from mail_ingest.arrival import Arrival, Place
from mail_ingest.delivery import Delivery, deliveries
from mail_ingest.fetching import fetch
from mail_ingest.filing import Filed, Filing
from mail_ingest.header_block import HEADER_BLOCK_BYTES, cut
from mail_ingest.load.containers import START_BYTES, Damaged, held_messages, is_container
from mail_ingest.load.mbox import MESSAGE_BYTES, Unread, too_large
from mail_ingest.load.owner import envelope_of, load_of, owner_of, received_when
from mail_ingest.load.recording import Recording
from mail_ingest.reading import read_message

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_READ_BYTES = 1024 * 1024
_AT_ONCE = 16
_AT_ONCE_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True)
class _Object:
    """The object of a load, and when it was put there."""

    raw: RawObject
    stored_at: str


@dataclass(frozen=True)
class _Found:
    """A message of a load, or what is wrong with it; ``name`` is that of its file within the object ``key``."""

    position: str
    key: str
    name: str
    content: bytes | Unread

    @property
    def path(self) -> str:
        """Where it was kept."""
        return f"{self.key}/{self.name}" if self.name else self.key


class Loading:
    """Loads objects under ``import/`` of the mail bucket."""

    def __init__(self, s3: "S3Client", filing: Filing, recording: Recording, executor: Executor) -> None:
        """``executor`` files messages of one container at the same time."""
        self._s3 = s3
        self._filing = filing
        self._recording = recording
        self._executor = executor

    def load(self, arrival: Arrival, settings: Settings, has_time: Callable[[], bool]) -> Arrival | None:
        """Load the object; what to go on with if ``has_time`` said no before its end.

        Raises:
            NoInternalDomains: nobody can say yet whose mail this is, so it stays in the queue, unread.
            NoSuchObject: the object is gone, or not there yet.
        """
        if not settings.internal_domains:
            raise NoInternalDomains("No internal domain is set, so the load waits in the queue: PUT /settings.")
        if arrival.key.endswith("/"):
            # What some programs put there to show a folder.
            return None
        found, content = self._open(arrival)
        name = load_of(arrival.key)
        self._recording.begin(name, found.stored_at)
        if content is None:
            return self._container(replace(arrival, version=found.raw.version), found, settings, has_time)
        message = _Found(arrival.key, arrival.key, "", content)
        self._record(name, [self._keep(message, found, settings, within=False)])
        return None

    def _container(
        self, arrival: Arrival, found: _Object, settings: Settings, has_time: Callable[[], bool]
    ) -> Arrival | None:
        name, place, because = load_of(arrival.key), arrival.place, ""
        self._recording.container(name, Container(arrival.key, ContainerStatus.READING, place.done))
        try:
            for messages, place in _batches(self._stream(arrival), arrival.key, place):  # noqa: B020 - how far it came
                results = self._executor.map(lambda each: self._keep(each, found, settings, within=True), messages)
                self._record(name, list(results))
                if not has_time():
                    self._recording.container(name, Container(arrival.key, ContainerStatus.READING, place.done))
                    return replace(arrival, place=place)
        except Damaged as damage:
            because = f"It is damaged and could be read no further: {damage}."
        status = ContainerStatus.FAILED if because else ContainerStatus.READ
        self._recording.container(name, Container(arrival.key, status, place.done, because))
        return None

    def _record(self, name: LoadName, results: list[tuple[LoadResult, list[Filed]]]) -> None:
        """Enter the messages into their archives, then record what became of each."""
        self._filing.enter(each for _, filed in results for each in filed)
        self._recording.record(name, [result for result, _ in results])

    def _keep(
        self, found: _Found, stored: _Object, settings: Settings, *, within: bool
    ) -> tuple[LoadResult, list[Filed]]:
        """Keep a message of the load; its result once it is entered. ``within`` a container it gets its own object."""
        if isinstance(found.content, Unread):
            return LoadResult(found.position, LoadOutcome.FAILED, found.content.because, found.name), []
        owner = owner_of(found.path, settings)
        if not _is_message(found.path, found.content):
            because = "It has no header, so it is no message."
            return LoadResult(found.position, LoadOutcome.IGNORED, because, found.name), []
        reading = read_message(BytesIO(found.content))
        if owner:
            envelope = envelope_of(owner, reading.header, settings)
            told = [Delivery(reading, envelope, None, addressees(reading.header, envelope, settings))]
        else:
            told = deliveries(Arrival(stored.raw.bucket, stored.raw.key), reading, found.content, settings)
        received_at = received_when(reading.header, stored.stored_at)
        filed = [
            self._filing.keep_delivery(
                replace(each, original=found.content) if within and each.original is None else each,
                stored.raw,
                received_at,
            )
            for each in told
        ]
        return _result(found, filed), filed

    def _open(self, arrival: Arrival) -> tuple[_Object, bytes | Unread | None]:
        """The object and, if it is no container, its content."""
        answer, raw, stored_at = fetch(self._s3, arrival, "put it there again")
        found = _Object(raw, stored_at)
        start = answer["Body"].read(START_BYTES)
        if is_container(start):
            answer["Body"].close()
            return found, None
        if answer["ContentLength"] > MESSAGE_BYTES:
            return found, too_large(f"{answer['ContentLength']:,}")
        return found, start + answer["Body"].read()

    def _stream(self, arrival: Arrival) -> BufferedReader:
        """The object, to be read from any place on; read again from there when the connection breaks."""
        opened = smart_open.s3.open(
            arrival.bucket, arrival.key, "rb", version_id=arrival.version, client=self._s3, defer_seek=True
        )
        return BufferedReader(cast("Any", opened), _READ_BYTES)


def _batches(stream: BufferedReader, key: str, place: Place) -> Iterator[tuple[list[_Found], Place]]:
    """The messages that come after the place, a few at a time, each time with the place after them."""
    # Only of an mbox it is known where the next message begins; of others, those that are done are passed over.
    stream.seek(place.offset)
    held = held_messages(stream)
    left = held if place.offset else islice(held, place.done, None)
    batch: list[_Found] = []
    size, done = 0, place.done
    for each in left:
        content = each.read()
        done += 1
        batch.append(_Found(f"{key}#{done:08}", key, each.name, content))
        size += len(content) if isinstance(content, bytes) else 0
        if len(batch) == _AT_ONCE or size >= _AT_ONCE_BYTES:
            yield batch, Place(done, 0 if each.end is None else place.offset + each.end)
            batch, size = [], 0
    if batch:
        yield batch, Place(done)


def _is_message(path: str, content: bytes) -> bool:
    """Whether it has any field of a header. What a Maildir has in ``cur`` and ``new`` is mail, however it looks."""
    folder = path.rpartition("/")[0].rpartition("/")[2]
    block = cut(content[:HEADER_BLOCK_BYTES], complete=True)
    return folder in {"cur", "new"} or bool(block.fields) or block.flaw is None


def _result(found: _Found, filed: list[Filed]) -> LoadResult:
    archives = len({address for each in filed for address in each.addressees.all})
    because = " ".join(dict.fromkeys(each.message.unparsed for each in filed if each.message.unparsed))
    if not archives:
        outcome = LoadOutcome.NOBODY
        because = because or "It names no internal address, and its folder is not named after one."
    else:
        outcome = LoadOutcome.ALREADY if all(each.copy for each in filed) else LoadOutcome.FILED
    return LoadResult(found.position, outcome, because, found.name, filed[0].message.digest, archives)
