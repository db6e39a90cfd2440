"""Journal reports for tests, in the form in which Exchange writes them."""

from collections.abc import Sequence

from tests.mail import raw_message

BOUNDARY = "_1f0d3c5a-journal-report_"
JOURNAL = "journal@example.com"


def lines(*recipients: str, sender: str = "bob@example.org", more: Sequence[str] = (), subject: str = "Minutes") -> str:
    """The text of a report; ``recipients`` are whole lines, ``more`` those between the sender's and the subject's."""
    fields = [f"Sender: {sender}", *more, f"Subject: {subject}", "Message-ID: <minutes-1@example.org>", *recipients]
    return "".join(f"{field}\r\n" for field in fields)


def report(text: str, *originals: bytes, encoding: str = "", kind: str = "message/rfc822") -> bytes:
    """The report with this text about these messages; its From, To and Subject are the original's, as Exchange's are.

    ``encoding`` are more header lines of the text's part, with a line break after each.
    """
    parts = [f'Content-Type: text/plain; charset="utf-8"\r\n{encoding}\r\n{text}'.encode()]
    parts += [f"Content-Type: {kind}\r\n\r\n".encode() + original for original in originals]
    body = b"".join(f"--{BOUNDARY}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{BOUNDARY}--\r\n".encode()
    head = raw_message(
        "",
        sender="Microsoft Exchange <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>",
        message_id="<3f6a@journal.report.generator>",
        x_ms_journal_report="",
        content_type=f'multipart/mixed; boundary="{BOUNDARY}"',
    )
    return head + body
