"""Reading an archive in the demo: as the person does, once the mail has come."""

import time

from local.telling import Client, show_table, tell

PATIENCE = 30


def show_archive(person: Client, count: int, sentence: str = "", path: str = "/archive") -> None:
    """Print the archive once it has so many messages, behind the sentence."""
    deadline = time.monotonic() + PATIENCE
    while len(messages := person.get(path)["messages"]) != count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"The archive has {len(messages)} messages after {PATIENCE} seconds, not {count}.")
        time.sleep(0.2)
    if sentence:
        tell(sentence)
    rows = [(each["received_at"], each["from"], each["subject"], ", ".join(each["via"])) for each in messages]
    show_table(("received", "from", "subject", "via"), rows)
