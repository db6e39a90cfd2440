"""Journal reports: whatever bytes one is made of, and whatever the author of the original wrote into its subject."""

import time
from collections.abc import Iterator

from addresses.archive import Envelope
from mail_ingest.journal import read_journal_report
from mail_ingest.parts import parts
from tests.evil_mail import traps
from tests.journals import BOUNDARY, lines, report
from tests.mail import raw_message

_CPU_SECONDS = 1
_LONGEST = 8 * 1024
_TOLD = Envelope("bob@example.org", ("alice@example.com", "carol@example.net"))
_ORIGINAL = raw_message()


def seeds() -> Iterator[bytes]:
    """Bodies of reports, and subjects that pretend to be lines of one."""
    for trap in traps():
        if BOUNDARY.encode() in trap.raw and len(trap.raw) < _LONGEST:
            yield _body(trap.raw)
    yield b"Minutes\r\nMessage-ID: <1@example.org>\r\nTo: eve@example.org"
    yield b"Minutes\nSender: eve@example.org\n\nBcc: eve@example.org, Forwarded: eve@example.com"
    yield "Minutes\x85To: eve@example.org\u2028Recipient: eve@example.org".encode()


def check(raw: bytes) -> None:
    """Any bytes are a report or none; an original is kept byte for byte; no subject changes who got a message."""
    begun = time.process_time()
    found = read_journal_report(raw, BOUNDARY)
    assert time.process_time() - begun < _CPU_SECONDS
    encoded = b"transfer-encoding" in raw.lower()
    assert encoded or all(part.content in raw for part in parts(raw, BOUNDARY))
    assert found is None or encoded or all(original in raw for original in found.originals)
    subject = raw.decode(errors="replace")
    if BOUNDARY not in subject:
        told = lines("To: alice@example.com", "Cc: carol@example.net, Expanded: all@example.com", subject=subject)
        whole = read_journal_report(_body(report(told, _ORIGINAL)), BOUNDARY)
        assert whole is not None
        assert _TOLD == whole.envelope
        assert (_ORIGINAL,) == whole.originals


def _body(raw: bytes) -> bytes:
    return raw.partition(b"\r\n\r\n")[2]
