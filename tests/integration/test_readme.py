"""The README's first screen is what the demo prints."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from local import ROOT


def steady(text: str) -> list[str]:
    """The lines, without what differs from run to run: ports, names of deployments, times."""
    text = re.sub(r"127\.0\.0\.1:\d+(/_aws/execute-api/\w+)?", "<place>", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>", text)
    return re.sub(r"took \d+ seconds", "took <some> seconds", text).splitlines()


@pytest.mark.timeout(180)
def test_the_transcript_in_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    """Run as a newcomer runs it; it leaves nothing behind."""
    ran = subprocess.run(
        [sys.executable, "-m", "local.demo"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": "shared", "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    transcript = readme.split("$ make demo\n", 1)[1].split("```", 1)[0]
    assert steady(transcript) == steady(ran.stdout)
    assert [] == list(tmp_path.iterdir())
