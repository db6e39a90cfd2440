"""What the mail queue is told of: objects that arrived, or a body that is no such announcement; never anything else."""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from addresses.errors import AddressesError
from mail_ingest.arrival import Arrival, Place, arrivals, left
from tests.mail import BUCKET

_REAL_BUCKET = re.compile(r"alias-addresses-mail-[0-9a-f-]+")
_EVENTS = Path(__file__).parents[3] / "events"


def seeds() -> Iterator[bytes]:
    """The body of each event, by itself and within SNS's, and what a container leaves."""
    for name in ("s3_object_created", "ses_received", "load_object_created"):
        for record in json.loads((_EVENTS / f"{name}.json").read_text())["Records"]:
            body = _REAL_BUCKET.sub(BUCKET, record["body"])
            yield body.encode()
            yield json.dumps({"Type": "Notification", "Message": body}).encode()
    yield b'{"left": {"done": ' + b"1" * 5_000 + b"}}"
    yield left(Arrival(BUCKET, "import/a.mbox", "1", place=Place(3, 400))).encode()
    yield b'{"Event": "s3:TestEvent"}'


def check(raw: bytes) -> None:
    """Each is an object of the mail bucket, with a text that can be stored; what is left of it is told as it was."""
    with suppress(AddressesError):
        for arrival in arrivals(raw.decode(errors="replace"), BUCKET):
            assert BUCKET == arrival.bucket
            assert [Arrival(BUCKET, arrival.key, arrival.version, place=arrival.place)] == arrivals(
                left(arrival), BUCKET
            )
