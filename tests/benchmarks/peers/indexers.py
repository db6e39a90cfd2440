"""Programs that people keep mail with and find it again: mu, notmuch, public-inbox. They index its full text."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

_INBOX = Path(__file__).with_name("inbox.pl")
_NOTMUCH = "[database]\npath={folder}\n[user]\nname=Alice\nprimary_email=alice@example.com\n[new]\ntags=\nignore=\n"


def rates(maildir: Path, work: Path) -> Iterator[tuple[str, float]]:
    """The name of each that is installed, and how many messages of the folder it takes in for a second of CPU."""
    count = sum(1 for _ in (maildir / "cur").iterdir())
    if which("mu"):
        environment = {**os.environ, "MUHOME": str(work / "mu")}
        _run(["mu", "init", f"--maildir={maildir}"], environment)
        yield "mu, which indexes the text", count / _run(["mu", "index", "--quiet"], environment)
    if which("notmuch"):
        configuration = work / "notmuch"
        configuration.write_text(_NOTMUCH.format(folder=maildir))
        environment = {**os.environ, "NOTMUCH_CONFIG": str(configuration)}
        took = _run(["notmuch", "new", "--no-hooks", "--quiet"], environment)
        yield "notmuch, which indexes the text", count / took
    if which("public-inbox-index"):
        git = work / "inbox.git"
        took = _run(["perl", _INBOX, git, maildir / "cur"], dict(os.environ))
        yield "public-inbox, stored", count / took
        took += _run(["public-inbox-index", "--indexlevel=basic", git], {**os.environ, "HOME": str(work)})
        yield "public-inbox, with its index of headers", count / took


def _run(command: list[str | Path], environment: dict[str, str]) -> float:
    """Seconds of CPU that it took."""
    before = os.times()
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system
