"""The demo's chapter of mail from a real system and of archives that are shared: a journal, a new name, a leaver."""

import smtplib
import time
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid

from local import people
from local.outputs import Outputs
from local.reading import show_archive
from local.telling import Client, show_lines, tell

JOURNAL, DORA, FRANK, GRACE = (f"{name}@example.com" for name in ("journal", "dora", "frank", "grace"))
DORAS_NEW_NAME = "d.baker@example.com"


def chapter(outputs: Outputs, admin: Client) -> None:
    """Who reads what of Dora's and Frank's mail, and who does not."""
    frank = Client(outputs, people.token(outputs, FRANK))
    dora = Client(outputs, people.token(outputs, DORA))
    tell("Exchange journals to journal@example.com. Its report of a message to Dora says that Frank was on Bcc:")
    settings = {"internal_domains": ["example.com", "example.org"], "journal_addresses": [JOURNAL]}
    settings |= {"journal_sources": ["127.0.0.0/8"]}
    admin.put("/settings", settings)
    _send(outputs, JOURNAL, _report("Our offer", f"To: {DORA}", f"Bcc: {FRANK}"))
    show_archive(frank, 1)
    tell("Somebody sends Frank a forged report that names Dora. It came to him, so it is his mail:")
    _send(outputs, FRANK, _report("Transfer 5,000 at once", f"To: {DORA}"))
    show_archive(frank, 2)
    show_archive(dora, 1, "And not Dora's:")
    _new_name(outputs, admin, frank)
    _leaver(outputs, admin, settings)


def _new_name(outputs: Outputs, admin: Client, frank: Client) -> None:
    """A delegation survives that the archive's owner gets another primary, and ends at once."""
    delegating = Client(outputs, people.token(outputs, "office@example.com", ["delegation-admins"]))
    tell("Dora is on leave. Who may delegate archives gives hers to Frank; then Dora marries, and her primary changes.")
    delegating.put(f"/archives/{DORA}/delegates/{FRANK}", {"reason": "on leave", "expires_at": "2100-01-01T00:00:00Z"})
    admin.put(f"/mailboxes/{DORA}/primary", {"address": DORAS_NEW_NAME})
    (archive,) = frank.get("/me")["archives"]
    show_archive(frank, 1, f"Frank reads {archive['address']} besides his own:", f"/archive?mailbox={DORAS_NEW_NAME}")
    delegating.delete(f"/archives/{DORAS_NEW_NAME}/delegates/{FRANK}")
    refused = frank.refused("GET", f"/archive?mailbox={DORAS_NEW_NAME}")
    tell("She is back, the delegation is ended, and it counts at once:")
    show_lines([f"{refused['status']} {refused['type']}: {refused['detail']}"])


def _leaver(outputs: Outputs, admin: Client, settings: dict[str, list[str]]) -> None:
    """An address that is used again shows its new owner none of the old one's mail, if it is set so."""
    tell("Frank leaves, and Grace gets his address. With archive_history since_linked, his mail is not hers:")
    admin.put("/settings", settings | {"archive_history": "since_linked"})
    admin.delete(f"/mailboxes/{FRANK}")
    admin.put(f"/mailboxes/{GRACE}")
    _wait_for_another_second()
    admin.put(f"/mailboxes/{GRACE}/aliases/{FRANK}")
    _send(outputs, FRANK, _message("Your order 4712", FRANK))
    show_archive(Client(outputs, people.token(outputs, GRACE)), 1)


def _send(outputs: Outputs, recipient: str, message: EmailMessage) -> None:
    _wait_for_another_second()
    with smtplib.SMTP(outputs.smtp_host, outputs.smtp_port) as smtp:
        smtp.send_message(message, "sales@example.net", [recipient])


def _wait_for_another_second() -> None:
    # Mail is stamped with whole seconds: so the archive shows the order in which it was sent, and nothing comes in the
    # second in which an address gets a new owner, whose it would be.
    time.sleep(1.1)


def _message(subject: str, recipient: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "sales@example.net", recipient, subject
    message["Date"], message["Message-ID"] = datetime.now(UTC), make_msgid(domain="example.net")
    message.set_content(f"{subject}\n")
    return message


def _report(subject: str, *recipients: str) -> EmailMessage:
    """What Exchange writes of a message to Dora, with its original attached."""
    original = _message(subject, DORA)
    report = EmailMessage()
    report["Sender"] = "Microsoft Exchange <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com>"
    report["X-MS-Journal-Report"] = ""
    for name in ("From", "To", "Subject"):
        report[name] = original[name]
    told = ["Sender: sales@example.net", f"Subject: {subject}", f"Message-ID: {original['Message-ID']}", *recipients]
    report.set_content("\n".join(told))
    report.add_attachment(original)
    return report
