"""Dovecot, which takes mail by LMTP, one message after the other on one connection, and puts each into a mailbox."""

import os
import pwd
import smtplib
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = lmtp
ssl = no
mail_location = sdbox:{folder}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
last_valid_uid = 0
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
userdb {{
  driver = static
  args = home={folder}/mail/%u
}}
passdb {{
  driver = static
  args = nopassword=y
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
service anvil {{
  chroot =
}}
"""


def available() -> bool:
    """Whether it is installed, and may be started by us."""
    return (
        os.geteuid() == 0 and Path("/usr/lib/dovecot/lmtp").exists() and which("dovecot", path="/usr/sbin") is not None
    )


def rate(messages: Sequence[bytes]) -> float:
    """Messages a second, of elapsed time: it syncs each to its disk, which here is memory."""
    with _server() as socket, smtplib.LMTP(str(socket)) as client:
        client.ehlo_or_helo_if_needed()
        began = time.perf_counter()
        for raw in messages:
            assert client.mail("bob@example.org")[0] == 250
            assert client.rcpt("alice")[0] == 250
            assert client.data(raw)[0] == 250
        return len(messages) / (time.perf_counter() - began)


@contextmanager
def _server() -> Iterator[Path]:
    user = pwd.getpwnam("nobody")
    with TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "mail").mkdir(mode=0o777)
        (folder / "mail").chmod(0o777)
        configuration = folder / "dovecot.conf"
        configuration.write_text(_CONFIGURATION.format(folder=folder, user="nobody", group="nogroup"))
        assert user.pw_uid
        server = subprocess.Popen(["/usr/sbin/dovecot", "-F", "-c", configuration])
        try:
            socket = folder / "run" / "lmtp"
            for _ in range(100):
                if socket.exists():
                    break
                time.sleep(0.05)
            yield socket
        finally:
            server.terminate()
            server.wait()
