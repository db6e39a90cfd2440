"""What S3 tells of a file that was put under ``uploads/``. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_plus

from pydantic import BaseModel, ConfigDict, Field

from addresses.mailbox import RunId
from addresses.run import Upload, new_run_id
from addresses.times import parse_time, stamp

UPLOADS = "uploads/"


@dataclass(frozen=True)
class Arrival:
    """A file: its object, its size in bytes, and who put it there, when, as far as S3 tells.

    ``run`` is the id of its run unless it was ordered; ``ordered`` is what its key says, if it is of the form in which
    ``POST /imports`` gives links: ``uploads/<run>/<file name>``. Delivered twice, both are the same.
    """

    upload: Upload
    size: int
    run: RunId
    ordered: RunId | None
    at: str
    actor: str


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Who(_Told):
    principal: str = Field(default="", alias="principalId")


class _Object(_Told):
    key: str
    size: int
    version: str = Field(alias="versionId")


class _Stored(_Told):
    stored: _Object = Field(alias="object")


class _Record(_Told):
    at: str = Field(alias="eventTime")
    who: _Who = Field(default=_Who(), alias="userIdentity")
    s3: _Stored


class _Event(_Told):
    records: list[_Record] = Field(alias="Records", min_length=1)


def arrivals(event: Mapping[str, Any]) -> list[Arrival]:
    """The files of one event.

    Raises:
        pydantic.ValidationError: it is no event of a bucket that keeps versions.
    """
    return [_arrival(record) for record in _Event.model_validate(event).records]


def _arrival(record: _Record) -> Arrival:
    # S3 writes keys as forms do: a blank is a plus.
    key = unquote_plus(record.s3.stored.key)
    began = parse_time(record.at)
    unique = sha256(f"{key}\0{record.s3.stored.version}".encode()).hexdigest()[:12]
    folder, _, name = key.removeprefix(UPLOADS).rpartition("/")
    return Arrival(
        upload=Upload(key, name or key, record.s3.stored.version),
        size=record.s3.stored.size,
        run=new_run_id(began, unique),
        ordered=RunId(folder) if folder and "/" not in folder else None,
        at=stamp(began),
        actor=record.who.principal or "upload",
    )
