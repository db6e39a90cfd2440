"""What the README says of routes, variables and files is so."""

import re

from local import ROOT, template

README = (ROOT / "README.md").read_text(encoding="utf-8")
TEMPLATE = template.load()
FOLDERS_OF_THE_BUCKET = {"inbound/", "import/", "originals/"}


def properties(kind: str) -> list[dict[str, dict[str, str]]]:
    """The properties of every resource of a type."""
    return [resource["Properties"] for _, resource in template.of_type(TEMPLATE, kind)]


def test_the_readme_lists_the_routes_of_the_template_and_no_others() -> None:
    """In any order."""
    listed = re.findall(r"^\| `((?:GET|PUT|POST|DELETE) /\S*)` \|", README, re.MULTILINE)
    routes = [str(each["RouteKey"]) for each in properties("AWS::ApiGatewayV2::Route")]
    assert sorted(routes) == sorted(listed)


def test_the_readme_lists_the_variables_that_the_functions_are_given() -> None:
    """Those of Powertools are its own to describe."""
    listed = {
        name: set(functions.split(", "))
        for name, functions in re.findall(r"^\| `([A-Z_]+)` \| ([\w, ]+) \|", README, re.MULTILINE)
    }
    given: dict[str, set[str]] = {}
    for each in properties("AWS::Serverless::Function"):
        for name in each["Environment"]["Variables"]:
            if not name.startswith("POWERTOOLS_"):
                given.setdefault(name, set()).add(str(each["Handler"]).split(".", maxsplit=1)[0])
    assert given == listed


def test_every_file_that_the_readme_names_exists() -> None:
    """Links and paths in backquotes alike."""
    named = set(re.findall(r"\]\(([\w./-]+)\)", README)) | set(
        re.findall(r"`((?:\w[\w-]*/)+(?:[\w-]+\.\w+)?|\w+\.yaml)`", README)
    )
    assert [] == sorted(each for each in named if not (ROOT / each).exists() and each not in FOLDERS_OF_THE_BUCKET)


def test_every_event_is_used_by_a_test() -> None:
    """An event that no test reads is no example of anything."""
    tests = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    assert [] == sorted(path.stem for path in (ROOT / "events").glob("*.json") if path.stem not in tests)
