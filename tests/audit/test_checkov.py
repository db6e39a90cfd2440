"""The template follows the rules of checkov, but for those that ``docs/security.md`` names with a reason."""

import json
import os
import re
import subprocess
from collections import defaultdict

import pytest

from local import ROOT

CHECKOV = ROOT / ".venv-audit" / "bin" / "checkov"
PAGE = ROOT / "docs" / "security.md"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Each rule that the template breaks, and where. Checkov reads it without a network and anybody's settings."""
    home = tmp_path_factory.mktemp("home")
    options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact", "--output", "json"]
    done = subprocess.run(
        [CHECKOV, "--file", ROOT / "template.yaml", *options],
        cwd=home,
        env={"PATH": os.environ["PATH"], "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)
    assert (0, True) == (told["summary"]["parsing_errors"], told["summary"]["passed"] > 100), done.stderr
    found: dict[str, set[str]] = defaultdict(set)
    for each in told["results"]["failed_checks"]:
        found[each["check_id"]].add(each["resource"].rpartition(".")[2])
    return dict(found)


def accepted() -> dict[str, set[str]]:
    """Each rule that the page says is not followed, and where."""
    rows = re.findall(r"^\| `(CKV\w+)` \| ([^|]+) \| [^|]{20,} \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {rule: set(re.findall(r"`(\w+)`", where)) for rule, where in rows}


def test_every_rule_that_is_not_followed_has_a_reason_and_none_is_followed_after_all(
    broken: dict[str, set[str]],
) -> None:
    """A row that is not needed any more goes. One without a resource is about all of their kind."""
    assert broken == {rule: where or broken.get(rule, set()) for rule, where in accepted().items()}
