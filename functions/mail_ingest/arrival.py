"""What a message on the mail queue announces: raw objects that arrived, and the envelope where the announcer knows it.

S3 announces every object under ``inbound/`` and ``import/``, and knows no envelope. SES announces what it stored under
``inbound/ses/`` with the envelope, as JSON by itself or within SNS's; so of an object there, S3's event is passed over.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from addresses.archive import Envelope, Verdicts
from mail_ingest.errors import ForeignBucket, UnknownNotification

SES_PREFIX = "inbound/ses/"
_END_OF_CLIENT = re.compile(r"\]\)\s+by ")
_CLIENT = re.compile(r"from \S+ \((?:\S+ )?\[([0-9A-Fa-f.:]+)\]\)\s+by ")


@dataclass(frozen=True)
class Place:
    """How far a container was read: so many messages, and so many bytes where it can be read from there on."""

    done: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Arrival:
    """An object of the mail bucket that holds a message; the rest as far as it was told.

    ``client`` is the IP address of the server that handed the message to SES. ``place`` is where in it to go on.
    """

    bucket: str
    key: str
    version: str | None = None
    envelope: Envelope | None = None
    verdicts: Verdicts | None = None
    client: str | None = None
    place: Place = Place()


class _Told(BaseModel):
    # What a refusal quotes ends in the log, and these bodies hold addresses and subjects.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Bucket(_Told):
    name: str


class _Object(_Told):
    key: str
    version: str | None = Field(default=None, alias="versionId")


class _Stored(_Told):
    bucket: _Bucket
    stored: _Object = Field(alias="object")


class _S3Record(_Told):
    event: str = Field(alias="eventName", pattern="^ObjectCreated:")
    s3: _Stored


class _S3Event(_Told):
    records: list[_S3Record] = Field(alias="Records", min_length=1)


class _Action(_Told):
    kind: Literal["S3"] = Field(alias="type")
    bucket: str = Field(alias="bucketName")
    key: str = Field(alias="objectKey", min_length=1)


class _Verdict(_Told):
    status: str = Field(max_length=64)


class _Receipt(_Told):
    recipients: list[str]
    action: _Action
    spf: _Verdict | None = Field(default=None, alias="spfVerdict")
    dkim: _Verdict | None = Field(default=None, alias="dkimVerdict")
    dmarc: _Verdict | None = Field(default=None, alias="dmarcVerdict")
    spam: _Verdict | None = Field(default=None, alias="spamVerdict")
    virus: _Verdict | None = Field(default=None, alias="virusVerdict")

    @property
    def verdicts(self) -> Verdicts | None:
        """Its verdicts, if there is any."""
        told = [each.status if each else None for each in (self.spf, self.dkim, self.dmarc, self.spam, self.virus)]
        return Verdicts(*told) if any(told) else None


class _Field(_Told):
    name: str
    value: str


class _Mail(_Told):
    source: str
    headers: list[_Field] = []

    @property
    def client(self) -> str | None:
        """The server that SES had the message from, as SES wrote it into the topmost Received.

        The name that the client gave itself comes before, and whom the message is for behind. So if an address of a
        server stands there twice, in this form, one of them is what the client wrote, and neither counts.
        """
        received = next((each.value for each in self.headers if each.name.lower() == "received"), "")
        found = _CLIENT.match(received)
        return found[1] if found and len(_END_OF_CLIENT.findall(received)) == 1 else None


class _Left(_Told):
    bucket: str
    key: str
    version: str | None
    done: int = Field(ge=0)
    offset: int = Field(ge=0)


class _Received(_Told):
    mail: _Mail
    receipt: _Receipt


def arrivals(body: str, mail_bucket: str) -> list[Arrival]:
    """What the body of a message on the queue announces; nothing for S3's test event.

    Raises:
        UnknownNotification: the body is none of the three forms.
        ForeignBucket: an object is in another bucket than ``mail_bucket``.
    """
    try:
        announced = _announced(json.loads(body))
    except ValidationError as refusal:
        raise UnknownNotification(f"{refusal}; {_WAY_OUT}") from refusal
    # ValueError: a number of 5,000 digits is not what json calls damage.
    except (ValueError, RecursionError) as refusal:
        raise UnknownNotification(f"The message is not JSON ({type(refusal).__name__}); {_WAY_OUT}") from refusal
    for each in announced:
        if each.bucket != mail_bucket:
            raise ForeignBucket(
                f"{each.key!r} is in the bucket {each.bucket!r}, and only {mail_bucket!r} is read: "
                "correct what sends this bucket's events to the mail queue."
            )
    return announced


def left(arrival: Arrival) -> str:
    """The body that announces what is left of a container after its place."""
    told = {"bucket": arrival.bucket, "key": arrival.key, "version": arrival.version}
    return json.dumps({"left": told | {"done": arrival.place.done, "offset": arrival.place.offset}})


_WAY_OUT = "send S3 events and notifications of SES's S3 action to this queue, and nothing else."


def _announced(told: Any) -> list[Arrival]:
    match told:
        case {"Event": "s3:TestEvent"}:
            return []
        case {"Records": _}:
            stored = [record.s3 for record in _S3Event.model_validate(told).records]
            found = [Arrival(each.bucket.name, unquote_plus(each.stored.key), each.stored.version) for each in stored]
            return [each for each in found if not each.key.startswith(SES_PREFIX)]
        case {"left": left}:
            what = _Left.model_validate(left)
            return [Arrival(what.bucket, what.key, what.version, place=Place(what.done, what.offset))]
        case {"Type": "Notification", "Message": str(inner)}:
            return _announced(json.loads(inner))
        case {"notificationType": "Received"}:
            received = _Received.model_validate(told)
            action = received.receipt.action
            envelope = Envelope(received.mail.source, tuple(received.receipt.recipients))
            told_of = received.receipt.verdicts, received.mail.client
            return [Arrival(action.bucket, action.key, None, envelope, *told_of)]
        case _:
            raise UnknownNotification(f"The message is JSON of no known form; {_WAY_OUT}")
