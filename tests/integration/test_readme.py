"""The README's transcripts are what the demo prints, one behind the other."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from local import ROOT, slapd
from tests.directories.conftest import missing


def steady(text: str) -> list[str]:
    """The lines, without what differs from run to run: ports, names of deployments, times."""
    text = re.sub(r"127\.0\.0\.1:\d+(/_aws/execute-api/\w+)?", "<place>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    return re.sub(r"took \d+ seconds", "took <some> seconds", text).splitlines()


@pytest.mark.timeout(180)
def test_the_transcript_in_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    """Run as a newcomer runs it; it leaves nothing behind."""
    if not slapd.available():
        missing("slapd")
    ran = subprocess.run(
        [sys.executable, "-m", "local.demo"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": "shared", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == ran.returncode, f"{ran.stdout}{ran.stderr}"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = readme.split("```console\n")[1:]
    transcript = "".join(block.split("```", 1)[0] for block in blocks).removeprefix("$ make demo\n")
    assert steady(transcript) == steady(ran.stdout)
    assert [] == list(tmp_path.iterdir())
