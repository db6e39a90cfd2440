"""`make demo`: the main job on an embedded AWS, from the first link to the person's one archive.

Everything goes in as it would in an organisation: people through their directory, links by hand through the API, mail
by SMTP, reading with the person's token.
"""

import smtplib
import tempfile
import textwrap
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

from local import demo_directory, demo_mail, demo_spreadsheet, people, slapd, stack
from local.outputs import Outputs
from local.reading import show_archive
from local.telling import Client, show_lines, tell

ADMINISTRATOR, ALICE = "postmaster@example.com", "alice@example.com"

MAIL: list[tuple[str, list[str], str]] = [
    ("bob@example.net", [ALICE], "Lunch on Friday?"),
    ("sales@example.net", ["alice@example.org"], "Your order 4711"),
    ("carol@example.net", ["a.jones@example.com"], "Still your address?"),
    ("bob@example.net", [ALICE, "alice@example.org"], "Minutes"),
]


def main() -> None:
    """Shows the main job, a sentence for every step."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="alias-addresses-demo-") as directory, ExitStack() as running:
        here = Path(directory)
        outputs = running.enter_context(stack.running(here / "stack", say=tell))
        admin = Client(outputs, people.token(outputs, ADMINISTRATOR, ["address-admins"]))
        tell("The administrator sets the internal domains, example.com and example.org.")
        admin.put("/settings", {"internal_domains": ["example.com", "example.org"]})
        chapters = None
        if slapd.available():
            (here / "slapd").mkdir()
            server = running.enter_context(slapd.running(here / "slapd", entries=demo_directory.everybody()))
            chapters = demo_directory.Chapters(outputs, admin, server)
            chapters.first_sync()
        else:
            tell("slapd is not installed, so there is no directory here. By hand, she opens Alice's mailbox.")
            admin.put(f"/mailboxes/{ALICE}")
        _by_hand_and_by_mail(outputs, admin)
        if chapters:
            chapters.changes()
            chapters.mass_change()
        demo_spreadsheet.chapter(admin)
        demo_mail.chapter(outputs, admin)
        running.close()
        tell(f"The embedded AWS is stopped; all of it took {time.monotonic() - started:.0f} seconds.")


def _by_hand_and_by_mail(outputs: Outputs, admin: Client) -> None:
    """A link by hand, one that is refused, and the mail of all of Alice's addresses as one archive."""
    tell("By hand, the administrator links a.jones@example.com, the name she had before.")
    admin.put(f"/mailboxes/{ALICE}/aliases/a.jones@example.com")
    tell("By hand, a link across domains is refused:")
    refused = admin.refused("PUT", f"/mailboxes/{ALICE}/aliases/a.jones@example.org")
    show_lines(textwrap.wrap(f"{refused['status']} {refused['type']}: {refused['detail']}", 92))
    with smtplib.SMTP(outputs.smtp_host, outputs.smtp_port) as smtp:
        for sender, recipients, subject in MAIL:
            smtp.send_message(_message(sender, recipients, subject))
            # S3 tells time in whole seconds; so the archive shows the order in which they were sent.
            time.sleep(1.1)
    tell(f"{len(MAIL)} messages are sent by SMTP to these addresses.")
    alice = Client(outputs, people.token(outputs, ALICE))
    known = len(MAIL) - (0 if slapd.available() else 1)
    show_archive(alice, known, f"Whoever logs on as {ALICE} reads one archive:")
    tell("The administrator unlinks a.jones@example.com, and its mail is no longer hers to read:")
    admin.delete(f"/mailboxes/{ALICE}/aliases/a.jones@example.com")
    show_archive(alice, known - 1)


def _message(sender: str, recipients: list[str], subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(recipients), subject
    message["Date"], message["Message-ID"] = datetime.now(UTC), make_msgid(domain="example.net")
    message.set_content(f"{subject}\n\nSent to {' and '.join(recipients)}.\n")
    return message


if __name__ == "__main__":
    main()
