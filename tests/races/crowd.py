"""Carries out what the sixteen do, all at the same time, and notes every request with its answer."""

import csv
import json
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from io import StringIO
from threading import Barrier
from typing import Any

import httpx

from addresses.times import stamp
from tests.mail import raw_message, s3_event, ses_notification
from tests.races.acts import Act, Mail, Reading, Request, Sheet
from tests.races.world import World

RUN_ENDS_WITHIN = 5.0
NO_ANSWER = 599


@dataclass(frozen=True)
class Noted:
    """One request and its answer: its ``status``, 0 where something was put, and its body, ``said``.

    ``reader`` is the address of who asked, unless that was the administrator.
    """

    actor: int
    began: str
    ended: str
    what: str
    status: int
    said: Any = None
    reader: str = ""


@dataclass
class Crowd:
    """The sixteen in one round, and what they noted."""

    world: World
    noted: list[Noted] = field(default_factory=list)

    def act(self, actors: Sequence[Sequence[Act]]) -> None:
        """Everybody begins at the same moment; the last may take as long as they like."""
        barrier = Barrier(len(actors))

        def begin(number: int) -> None:
            barrier.wait()
            for each in actors[number]:
                self._do(number, each)

        with ThreadPoolExecutor(len(actors)) as executor:
            list(executor.map(begin, range(len(actors))))

    def _do(self, actor: int, act: Act) -> None:
        match act:
            case Request():
                asked = self._ask(actor, self.world.admin, act)
                if act.patiently and asked.status == 202:
                    self._wait(asked.said["run"])
            case Sheet():
                self._put_sheet(actor, act)
            case Mail():
                self._send(actor, act)
            case Reading():
                with self.world.reader(act.address) as reader:
                    for path in ("/me", "/archive?limit=200"):
                        self._ask(actor, reader, Request("GET", path), act.address)

    def _ask(self, actor: int, client: httpx.Client, request: Request, reader: str = "") -> Noted:
        """The answer, noted; no answer at all is one that no API may give."""
        began, body = _now(), json.dumps(request.body) if request.body else ""
        what = " ".join(filter(None, [request.method, request.path, body]))
        try:
            answer = client.request(request.method, request.path, json=request.body)
            status, said = answer.status_code, answer.text
        except httpx.TransportError as failure:
            status, said = NO_ANSWER, repr(failure)
        with suppress(ValueError):
            said = json.loads(said)
        noted = Noted(actor, began, _now(), what, status, said, reader)
        self.noted.append(noted)
        return noted

    def _wait(self, run: str) -> None:
        """Until the run has ended, for a while: whoever asked for it wants to ask for the next."""
        deadline = time.monotonic() + RUN_ENDS_WITHIN
        key = {"pk": {"S": f"RUN#{run}"}, "sk": {"S": "RUN"}}
        while time.monotonic() < deadline:
            found = self.world.dynamodb.get_item(TableName=self.world.outputs.table_name, Key=key)
            if found.get("Item", {}).get("status", {}).get("S") not in {None, "gathering", "applying"}:
                break
            time.sleep(0.1)

    def _put_sheet(self, actor: int, sheet: Sheet) -> None:
        text = StringIO()
        csv.writer(text).writerows([("Email", "Alias", "Action"), *sheet.rows])
        began = _now()
        self.world.s3.put_object(Bucket=self.world.outputs.import_bucket, Key=sheet.key, Body=text.getvalue().encode())
        self.noted.append(Noted(actor, began, _now(), f"put {sheet.key}", 0, sheet.rows))

    def _send(self, actor: int, mail: Mail) -> None:
        """Once or several times, as S3, SES and the queue do: the object is one, and so is the message."""
        outputs, began = self.world.outputs, _now()
        raw = raw_message(to=", ".join(mail.to), subject=mail.subject, message_id=f"<{mail.subject.replace(' ', '@')}>")
        self.world.mail[mail.subject] = frozenset(mail.to)
        put = self.world.s3.put_object(Bucket=outputs.mail_bucket, Key=mail.key, Body=raw)
        self.world.versions[mail.key] = put["VersionId"]
        if mail.envelope:
            told = ses_notification(mail.key, mail.envelope, outputs.mail_bucket)
            for _ in range(mail.times):
                self.world.sns.publish(TopicArn=outputs.received_mail_topic_arn, Message=told)
        else:
            for _ in range(mail.times - 1):
                self.world.sqs.send_message(
                    QueueUrl=outputs.mail_queue_url, MessageBody=s3_event(mail.key, bucket=outputs.mail_bucket)
                )
        self.noted.append(Noted(actor, began, _now(), f"sent {mail.key} {mail.times} times", 0, asdict(mail)))


def _now() -> str:
    return stamp(datetime.now(UTC))
