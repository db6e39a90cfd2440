"""`make demo`: the main job on an embedded AWS, from the first link to the person's one archive.

Everything goes in as it would in an organisation: links through the API, mail by SMTP, reading with the person's token.
"""

import smtplib
import tempfile
import textwrap
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import httpx

from addresses.address import parse
from addresses.apply import apply
from addresses.mailbox import RunId
from addresses.outcome import Verdict
from addresses.reconcile import Desired, DesiredMailbox, plan
from addresses.run import Run
from addresses.table import Table
from addresses.times import stamp
from local import aws, people, stack
from local.outputs import Outputs

ADMINISTRATOR, ALICE = "postmaster@example.com", "alice@example.com"
PATIENCE = 30

MAIL: list[tuple[str, list[str], str]] = [
    ("bob@example.net", [ALICE], "Lunch on Friday?"),
    ("sales@example.net", ["alice@example.org"], "Your order 4711"),
    ("carol@example.net", ["a.jones@example.com"], "Still your address?"),
    ("bob@example.net", [ALICE, "alice@example.org"], "Minutes"),
]


def main() -> None:
    """Shows the main job, a sentence for every step."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="alias-addresses-demo-") as directory:
        with stack.running(Path(directory), say=tell) as outputs:
            Demonstration(outputs).show()
        tell(f"The embedded AWS is stopped; all of it took {time.monotonic() - started:.0f} seconds.")


class Demonstration:
    """One administrator, one person, and the mail that others send."""

    def __init__(self, outputs: Outputs) -> None:
        self.outputs = outputs
        self.admin = self._client(people.token(outputs, ADMINISTRATOR, ["address-admins"]))
        self.alice = self._client(people.token(outputs, ALICE))

    def show(self) -> None:
        """The story, in order."""
        tell("The administrator sets the internal domains, example.com and example.org.")
        self._done(self.admin.put("/settings", json={"internal_domains": ["example.com", "example.org"]}))
        self._directory_says(
            DesiredMailbox("7f3a", parse(ALICE), frozenset({parse("alice@example.org")}), "Alice Jones")
        )
        tell("By hand, the administrator links a.jones@example.com, the name she had before.")
        self._done(self.admin.put(f"/mailboxes/{ALICE}/aliases/a.jones@example.com"))
        tell("By hand, a link across domains is refused:")
        refused = self.admin.put(f"/mailboxes/{ALICE}/aliases/a.jones@example.org").json()
        show_lines(textwrap.wrap(f"{refused['status']} {refused['type']}: {refused['detail']}", 92))
        self._send()
        self._read(len(MAIL), f"Whoever logs on as {ALICE} reads one archive:")
        tell("The administrator unlinks a.jones@example.com, and its mail is no longer hers to read:")
        self._done(self.admin.delete(f"/mailboxes/{ALICE}/aliases/a.jones@example.com"))
        self._read(len(MAIL) - 1)

    def _directory_says(self, entry: DesiredMailbox) -> None:
        """What a directory's synchronisation does with what it has read: plan, then apply."""
        tell("A directory says that alice@example.com is also alice@example.org. The plan:")
        wanted = plan([], Desired("example", (entry,)))
        show_lines(wanted.sentences)
        table = Table(aws.session().client("dynamodb", endpoint_url=self.outputs.endpoint_url), self.outputs.table_name)
        run = Run(RunId("demo"), "sync", wanted.source, ADMINISTRATOR, stamp(datetime.now(UTC)), wanted.digest)
        outcomes = apply(table, run, wanted.steps, lambda: datetime.now(UTC))
        tell(f"The plan is carried out: {sum(each.verdict is Verdict.APPLIED for each in outcomes)} steps applied.")

    def _send(self) -> None:
        with smtplib.SMTP(self.outputs.smtp_host, self.outputs.smtp_port) as smtp:
            for sender, recipients, subject in MAIL:
                smtp.send_message(_message(sender, recipients, subject))
                # S3 tells time in whole seconds; so the archive shows the order in which they were sent.
                time.sleep(1.1)
        tell(f"{len(MAIL)} messages are sent by SMTP to these three addresses.")

    def _read(self, count: int, sentence: str = "") -> None:
        deadline = time.monotonic() + PATIENCE
        while len(messages := self._done(self.alice.get("/archive"))["messages"]) != count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"The archive has {len(messages)} messages after {PATIENCE} seconds, not {count}.")
            time.sleep(0.2)
        if sentence:
            tell(sentence)
        print_table(messages)

    def _client(self, token: str) -> httpx.Client:
        return httpx.Client(base_url=self.outputs.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=30)

    @staticmethod
    def _done(answer: httpx.Response) -> Any:
        if answer.is_error:
            raise RuntimeError(f"{answer.request.method} {answer.request.url} answers {answer.text}")
        return answer.json() if answer.content else None


def tell(sentence: str) -> None:
    """Print a step."""
    print(sentence, flush=True)


def show_lines(lines: Iterable[str]) -> None:
    """Print what belongs to the step before."""
    for line in lines:
        print(f"    {line}")


def print_table(messages: Iterable[dict[str, Any]]) -> None:
    """Print the archive, newest first."""
    rows = [("received", "from", "subject", "via")]
    rows += [(each["received_at"], each["from"], each["subject"], ", ".join(each["via"])) for each in messages]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    show_lines("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def _message(sender: str, recipients: list[str], subject: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, ", ".join(recipients), subject
    message["Date"], message["Message-ID"] = datetime.now(UTC), make_msgid(domain="example.net")
    message.set_content(f"{subject}\n\nSent to {' and '.join(recipients)}.\n")
    return message


if __name__ == "__main__":
    main()
