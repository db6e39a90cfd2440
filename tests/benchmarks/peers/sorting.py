"""GNU sort and comm: what differs between two files, with no idea what it means."""

import os
import subprocess
import time
from pathlib import Path


def compared(existing: Path, desired: Path) -> tuple[float, int]:
    """Seconds to sort both files and to compare them, and how many lines are in one of them alone."""
    environment = {**os.environ, "LC_ALL": "C"}
    began = time.perf_counter()
    for each in (existing, desired):
        subprocess.run(["sort", "--output", f"{each}.sorted", each], check=True, env=environment)
    comm = ["comm", "-3", f"{existing}.sorted", f"{desired}.sorted"]
    found = subprocess.run(comm, check=True, capture_output=True, env=environment).stdout
    return time.perf_counter() - began, found.count(b"\n")
