"""The pages about syncing name what is there, and all that can be configured."""

import re
from importlib import import_module

import pytest

from addresses.directory import EntraDirectory, GoogleDirectory, LdapDirectory
from local import ROOT, template

RECONCILIATION = (ROOT / "docs" / "reconciliation.md").read_text(encoding="utf-8")
DIRECTORIES = (ROOT / "docs" / "directories.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`((?:addresses|directory_sync|apply_plan|link_api)(?:\.\w+)+)`", RECONCILIATION)))


@pytest.mark.parametrize("name", NAMED)
def test_a_function_that_the_page_names_is_there(name: str) -> None:
    """A module, and what is in it."""
    package, module, *within = name.split(".")
    found = import_module(f"{package}.{module}")
    for each in within:
        found = getattr(found, each)


def test_the_page_names_functions_of_every_step() -> None:
    """So that the test above is about something."""
    assert {"addresses", "apply_plan", "directory_sync", "link_api"} == {name.partition(".")[0] for name in NAMED}
    assert len(NAMED) > 20


def test_every_field_of_a_directory_is_described_and_no_other() -> None:
    """Of all three kinds."""
    fields = set(LdapDirectory.model_fields) | set(EntraDirectory.model_fields) | set(GoogleDirectory.model_fields)
    assert fields == set(re.findall(r"^\| `(\w+)` \|", DIRECTORIES, re.MULTILINE))


@pytest.mark.parametrize("page", ["reconciliation.md", "directories.md"])
def test_a_route_or_parameter_that_a_page_names_is_in_the_template(page: str) -> None:
    """Paths as the API has them; parameters by their names."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    loaded = template.load()
    routes = {each["Properties"]["RouteKey"] for _, each in template.of_type(loaded, "AWS::ApiGatewayV2::Route")}
    named = set(re.findall(r"`((?:GET|PUT|POST|DELETE) /[\w/{}]+)`", text))
    assert set() == named - routes
    assert set() == set(re.findall(r"`((?:Directory|Sync)[A-Z]\w+)`", text)) - loaded["Parameters"].keys()


@pytest.mark.parametrize("page", ["reconciliation.md", "directories.md"])
def test_a_test_that_a_page_names_exists(page: str) -> None:
    """It is what the page's claim stands on."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert [] == [each for each in re.findall(r"`(tests/[\w/]+\.py)`", text) if not (ROOT / each).exists()]
