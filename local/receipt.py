"""What SES tells when it has received a message and stored it in a bucket: the notification of its S3 action.

https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.utils import format_datetime
from itertools import accumulate
from typing import Any

KEY_PREFIX = "inbound/ses/"
# SES gives no more than 10 KB of headers.
HEADERS_LIMIT = 10 * 1024
HEADER_BLOCK_LIMIT = 256 * 1024


@dataclass(frozen=True)
class Received:
    """A message as SMTP handed it over: `sender` and `recipients` are the envelope, `content` what came after DATA.

    `helo` is what the client called itself, `client` its IP address.
    """

    message_id: str
    at: datetime
    sender: str
    recipients: tuple[str, ...]
    helo: str
    client: str
    content: bytes

    @property
    def key(self) -> str:
        """Where the message is stored in the bucket."""
        return KEY_PREFIX + self.message_id

    @property
    def stored(self) -> bytes:
        """The message as SES stores it: with the two trace headers that RFC 5321, section 4.4, asks for."""
        trace = (
            f"Return-Path: <{self.sender}>\r\n"
            f"Received: from {self.helo} ([{self.client}])\r\n\tby smtp-door with ESMTP id {self.message_id};\r\n"
            f"\t{format_datetime(self.at)}\r\n"
        )
        return trace.encode() + self.content


def notification(received: Received, bucket: str, topic_arn: str) -> dict[str, Any]:
    """The notification's JSON."""
    at = received.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    block, _, _ = received.stored[:HEADER_BLOCK_LIMIT].partition(b"\r\n\r\n")
    # raw_items, because items() makes objects of headers with 8-bit bytes.
    fields = [(name, _text(value)) for name, value in BytesHeaderParser().parsebytes(block).raw_items()]
    told = _within_limit(fields)
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": at,
            "source": received.sender,
            "messageId": received.message_id,
            "destination": list(received.recipients),
            "headersTruncated": len(told) < len(fields),
            "headers": [{"name": name, "value": value} for name, value in told],
            "commonHeaders": _common_headers(fields, received.sender),
        },
        "receipt": {
            "timestamp": at,
            "processingTimeMillis": 0,
            "recipients": list(received.recipients),
            # What SES says where it does not scan, and where a domain has published nothing to check against.
            "spamVerdict": {"status": "DISABLED"},
            "virusVerdict": {"status": "DISABLED"},
            "spfVerdict": {"status": "GRAY"},
            "dkimVerdict": {"status": "GRAY"},
            "dmarcVerdict": {"status": "GRAY"},
            "action": {
                "type": "S3",
                "topicArn": topic_arn,
                "bucketName": bucket,
                "objectKeyPrefix": KEY_PREFIX,
                "objectKey": received.key,
            },
        },
    }


def _within_limit(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    sizes = accumulate(len(name) + len(value) for name, value in fields)
    return [field for field, size in zip(fields, sizes, strict=True) if size <= HEADERS_LIMIT]


def _common_headers(fields: list[tuple[str, str]], sender: str) -> dict[str, Any]:
    common: dict[str, Any] = {"returnPath": sender}
    for key, wanted in (("from", "from"), ("to", "to"), ("cc", "cc")):
        if values := [value for name, value in fields if name.lower() == wanted]:
            common[key] = values
    for key, wanted in (("date", "date"), ("messageId", "message-id"), ("subject", "subject")):
        if values := [value for name, value in fields if name.lower() == wanted]:
            common[key] = values[0]
    return common


def _text(raw: str) -> str:
    """A header as people read it. Bytes that are no UTF-8 become replacement characters, since JSON has no bytes."""
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", raw)
    readable = unfolded.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return str(make_header(decode_header(readable)))
    except (HeaderParseError, LookupError, ValueError):
        return readable
