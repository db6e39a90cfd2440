"""Runs the emulator until standard input is closed, by the emulator's own interpreter.

Whoever started it holds the other end: when that process dies, however it dies, the emulator and its files go too.
"""

import os
import runpy
import shutil
import signal
import sys
import threading


def _follow() -> None:
    sys.stdin.buffer.read()
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=_follow, daemon=True).start()
runpy.run_module("ministack", run_name="__main__")
