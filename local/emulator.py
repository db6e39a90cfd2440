"""Starts and stops ministack, the embedded AWS, in its own environment and its own folder."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from local import ROOT
from local.aws import REGION

PYTHON = ROOT / ".venv-emulator" / "bin" / "python"
STARTS_WITHIN = 30.0
MEMORY = Path("/dev/shm")  # noqa: S108 - what is put there is made anew, for this user alone
ENOUGH_MEMORY = 4 * 1024**3


class EmulatorDidNotStart(RuntimeError):
    """The embedded AWS ended, or answered nothing in time; its log says why."""


@contextmanager
def started(directory: Path) -> Iterator[str]:
    """Yields the URL of an embedded AWS that ends with the block; what it leaves in `directory` is its log."""
    scratch = scratch_of(directory)
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700, parents=True)
    port = _free_port()
    log = directory / "emulator.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("until_closed.py")],
            cwd=scratch,
            env=_environment(scratch, port),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait_until_healthy(endpoint, process, log)
        yield endpoint
    finally:
        _stop(process)
        shutil.rmtree(scratch, ignore_errors=True)


def scratch_of(directory: Path) -> Path:
    """Where it keeps what it holds, and unpacks functions for each that runs: in memory, if there is enough.

    Removing these thousands of small files takes no time there, and up to a minute on a disk.
    """
    name = f"alias-addresses-{hashlib.sha256(str(directory.resolve()).encode()).hexdigest()[:16]}"
    roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY
    return MEMORY / name if roomy else directory / "emulator"


def _environment(scratch: Path, port: int) -> dict[str, str]:
    # Nothing of the caller's but PATH: functions inherit it, and AWS_PROFILE or a proxy would lead them out.
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "S3_DATA_DIR": str(scratch / "s3"),
        "STATE_DIR": str(scratch / "state"),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(endpoint: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{endpoint}/_ministack/health", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise EmulatorDidNotStart(f"The embedded AWS did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    # Nothing of its state is kept, so nothing is gained by asking first. The functions that it started are its group.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
