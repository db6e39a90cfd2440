"""GMime, the parser in C that notmuch reads mail with, in a program of some lines."""

import subprocess
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory

_SOURCE = Path(__file__).with_suffix(".c")


def available() -> bool:
    """Whether its headers and a compiler are installed."""
    found = which("cc") and which("pkg-config")
    return bool(found) and not subprocess.run(["pkg-config", "gmime-3.0"], check=False).returncode


def rate(message: bytes, times: int) -> float:
    """How many such messages it reads in a second of CPU."""
    flags = subprocess.run(
        ["pkg-config", "--cflags", "--libs", "gmime-3.0"], check=True, capture_output=True, text=True
    )
    with TemporaryDirectory() as name:
        program, mail = Path(name, "gmime"), Path(name, "message.eml")
        mail.write_bytes(message)
        subprocess.run(["cc", "-O2", "-o", program, _SOURCE, *flags.stdout.split()], check=True)
        told = subprocess.run([program, mail, str(times)], check=True, capture_output=True, text=True).stdout
    speed, seen = told.split()
    assert 5 * times == int(seen), "it found no sender, recipient or subject"
    return float(speed)
