"""`make local-stop`: ends the stack that `make local` left running."""

import os
import signal
import sys
import time
from pathlib import Path

from local import ROOT, stack

ENDS_WITHIN = 20.0


def down(directory: Path) -> None:
    """Ends the stack of a state directory, and waits until it has put everything away."""
    process = stack.keeper(directory)
    if process is None:
        print("No stack is running.")
        return
    os.kill(process, signal.SIGTERM)
    deadline = time.monotonic() + ENDS_WITHIN
    while stack.keeper(directory) is not None:
        if time.monotonic() > deadline:
            sys.exit(f"The stack did not end within {ENDS_WITHIN:.0f} seconds; its process is {process}.")
        time.sleep(0.05)
    print("The stack is stopped and its data is gone.")


if __name__ == "__main__":
    down(ROOT / ".local")
