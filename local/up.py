"""`make local`: leaves a stack running in the background, or brings the running one up to date with the files."""

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from local import ROOT, deploy, outputs, stack
from local.outputs import Outputs


def up(directory: Path) -> None:
    """Starts the stack of a state directory and tells each step; what is in a running one stays."""
    if stack.keeper(directory) is not None:
        _bring_up_to_date(directory)
    else:
        _start(directory)
    print(f"Everything a client needs is in {directory / outputs.FILE}; the credentials are test and test.")


def _bring_up_to_date(directory: Path) -> None:
    ready = Outputs.read(directory)
    print(f"The embedded AWS is running already at {ready.endpoint_url}.")
    deployed = deploy.deploy(ready.endpoint_url)
    replace(deployed, smtp_host=ready.smtp_host, smtp_port=ready.smtp_port).write(directory)
    print("The stack is deployed anew from the files as they are now; its data stays.")


def _start(directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    # A stack that was killed leaves it behind, and here it would be taken for the new one's.
    (directory / outputs.FILE).unlink(missing_ok=True)
    with (directory / "stack.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.stack", directory],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log.fileno(),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        with (directory / "stack.log").open() as told:
            while process.poll() is None and not (directory / outputs.FILE).exists():
                print(told.read(), end="", flush=True)
                time.sleep(0.05)
            print(told.read(), end="")
    except KeyboardInterrupt:
        process.terminate()
        process.wait()
        raise
    if process.returncode is not None:
        sys.exit("The stack did not start.")


if __name__ == "__main__":
    up(ROOT / ".local")
