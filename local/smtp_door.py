"""An SMTP server that does what SES does with the mail it receives: stores it in the bucket and tells the topic.

Any mail program can send to it. `python -m local.smtp_door` opens one more door to the stack that is running.
"""

import argparse
import asyncio
import json
import logging
import signal
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from local import ROOT, aws
from local.outputs import Outputs
from local.receipt import Received, notification

HOST = "127.0.0.1"
# SES takes messages of 40 MB.
SIZE_LIMIT = 40 * 1024 * 1024
# The fewest that RFC 5321, section 4.5.3.1.8, asks for; the notification of more may be larger than SNS takes.
RECIPIENTS_LIMIT = 100

log = logging.getLogger(__name__)


class Door:
    """Accepts a message only when it is stored and told of, so that the sender's server keeps it until then."""

    def __init__(self, outputs: Outputs) -> None:
        session = aws.session()
        self._s3 = session.client("s3", endpoint_url=outputs.endpoint_url, config=aws.DIRECT)
        self._sns = session.client("sns", endpoint_url=outputs.endpoint_url, config=aws.DIRECT)
        self._bucket = outputs.mail_bucket
        self._topic = outputs.received_mail_topic_arn

    async def handle_RCPT(  # noqa: N802, D102, the names that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS_LIMIT:
            return "452 4.5.3 Too many recipients; send the message again to those that are left"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, D102
        received = Received(
            message_id=uuid.uuid4().hex,
            at=datetime.now(UTC),
            # aiosmtpd gives the empty sender of a bounce as it is written on the wire.
            sender=(envelope.mail_from or "").removeprefix("<>"),
            recipients=tuple(envelope.rcpt_tos),
            helo=session.host_name or "unknown",
            client=str(session.peer[0]) if session.peer else "unknown",
            content=envelope.original_content or b"",
        )
        await asyncio.to_thread(self._receive, received)
        return f"250 2.0.0 OK {received.message_id}"

    async def handle_exception(self, error: Exception) -> str:  # noqa: D102
        # Whatever went wrong, the sender still has the message and may try again.
        log.error("A message was not accepted.", exc_info=error)
        return "451 4.3.0 The message could not be stored; try again later"

    def _receive(self, received: Received) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=received.key, Body=received.stored)
        told = notification(received, self._bucket, self._topic)
        self._sns.publish(
            TopicArn=self._topic, Subject="Amazon SES Email Receipt Notification", Message=json.dumps(told)
        )


@contextmanager
def opened(outputs: Outputs, port: int = 0) -> Iterator[int]:
    """Yields the port, on 127.0.0.1, of a door that is open until the block ends; any free one unless it is given."""
    controller = Controller(
        Door(outputs),
        hostname=HOST,
        port=port or _free_port(),
        server_hostname="localhost",
        ident="smtp-door",
        data_size_limit=SIZE_LIMIT,
        enable_SMTPUTF8=True,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> None:
    """Opens a door and keeps it open until interrupted."""
    arguments = argparse.ArgumentParser(description="An SMTP server in front of the local stack.")
    arguments.add_argument("--directory", type=Path, default=ROOT / ".local", help="where outputs.json is")
    arguments.add_argument("--port", type=int, default=0, help="the port to listen on; any free one without it")
    asked = arguments.parse_args()
    with suppress(KeyboardInterrupt), opened(Outputs.read(asked.directory), asked.port) as port:
        print(f"Mail to {HOST}:{port} goes into the archive. Ctrl-C closes the door.")
        signal.pause()


if __name__ == "__main__":
    main()
