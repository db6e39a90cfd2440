"""A whole stack for as long as a block runs: the embedded AWS, the project deployed to it, and the SMTP door.

`python -m local.stack` keeps one until it is told to end; `local.up` starts that in the background.
"""

import argparse
import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from local import deploy, emulator, outputs, smtp_door
from local.outputs import Outputs

LOCK = "lock"


class AlreadyRunning(RuntimeError):
    """A stack of this state directory is running; it is `local.down` that ends it."""


@contextmanager
def running(directory: Path, say: Callable[[str], None] = print) -> Iterator[Outputs]:
    """Yields where things are in a stack of its own, which is gone with all it wrote when the block ends.

    `directory` is its state directory: `outputs.json` lies there meanwhile, and two stacks need two of them.
    Each step is told to `say` in a sentence. Raises `AlreadyRunning`.
    """
    directory.mkdir(parents=True, exist_ok=True)
    with _held(directory), emulator.started(directory) as endpoint:
        say(f"The embedded AWS is running at {endpoint}.")
        deployed = deploy.deploy(endpoint)
        say(f"The stack is deployed; its API is {deployed.api_url}.")
        with smtp_door.opened(deployed) as port:
            say(f"Mail sent to {smtp_door.HOST}:{port} by SMTP goes into the archive.")
            ready = replace(deployed, smtp_host=smtp_door.HOST, smtp_port=port)
            ready.write(directory)
            try:
                yield ready
            finally:
                (directory / outputs.FILE).unlink(missing_ok=True)


def keeper(directory: Path) -> int | None:
    """The process that keeps the stack of a state directory, or None when there is none.

    The kernel knows who holds the lock, so a process number that was left behind and given anew misleads nobody.
    """
    try:
        lock = (directory / LOCK).open("r+")
    except FileNotFoundError:
        return None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(lock.read())
        return None


@contextmanager
def _held(directory: Path) -> Iterator[None]:
    with (directory / LOCK).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"A stack is running with its state in {directory}.") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def main() -> None:
    """Keeps a stack until SIGTERM."""
    arguments = argparse.ArgumentParser(description="Keeps a local stack running.")
    arguments.add_argument("directory", type=Path)
    directory: Path = arguments.parse_args().directory
    # SIGTERM as the exception that Ctrl-C is, so that every block on the way ends what it started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt), running(directory, say=partial(print, flush=True)):
        signal.pause()


if __name__ == "__main__":
    main()
