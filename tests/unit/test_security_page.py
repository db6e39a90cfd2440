"""The security page shows the roles as the template has them, and every test that it stands on is there."""

import ast
import re

from local import ROOT
from tests.data_model import filled
from tests.security_page import PAGE, sections

SHOWN = PAGE.read_text(encoding="utf-8")


def test_the_page_shows_what_each_function_may_do() -> None:
    """``make docs`` writes what differs."""
    assert filled(SHOWN, sections()) == SHOWN
    assert [] == [name for name in sections() if f"<!-- {name} -->\n" not in SHOWN]


def test_every_test_that_the_page_names_is_there() -> None:
    """Its file, and within it the test."""
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", SHOWN)
    assert len(named) > 30
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert not test or test in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, (file, test)


def test_every_risk_and_every_way_out_names_a_test() -> None:
    """Ten risks; and no row without what holds it."""
    risks = re.findall(r"^\| (\d+) [^|]+ \| [^|]+ \| ([^|]+) \|$", SHOWN, re.MULTILINE)
    assert list(range(1, 11)) == [int(number) for number, _ in risks]
    _, _, ways_out = SHOWN.partition("| way out |")
    rows = re.findall(r"^\| [^|]+ \| [^|]+ \| ([^|]+) \|$", ways_out.partition("\n\n")[0], re.MULTILINE)
    assert len(rows) > 5
    assert [] == [held for held in [*rows[1:], *(held for _, held in risks)] if "`tests/" not in held]


def test_every_command_that_the_page_names_is_there() -> None:
    """In the Makefile."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [] == [each for each in re.findall(r"`make ([\w-]+)`", SHOWN) if f"\n{each}:" not in makefile]
