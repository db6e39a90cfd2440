"""The pages about syncing, importing and mail name what is there, and all that can be configured or written."""

import re
from pkgutil import resolve_name

import pytest

from addresses.directory import EntraDirectory, GoogleDirectory, LdapDirectory
from addresses.load import LoadOutcome
from addresses.row_result import RowOutcome
from addresses.settings import Settings
from local import ROOT, template
from spreadsheet_import.layout.names import UNDERSTOOD

RECONCILIATION = (ROOT / "docs" / "reconciliation.md").read_text(encoding="utf-8")
DIRECTORIES = (ROOT / "docs" / "directories.md").read_text(encoding="utf-8")
SPREADSHEETS = (ROOT / "docs" / "spreadsheets.md").read_text(encoding="utf-8")
MAIL = (ROOT / "docs" / "mail.md").read_text(encoding="utf-8")
PAGES = ["reconciliation.md", "directories.md", "spreadsheets.md", "mail.md", "operations.md", "reliability.md"]
_NAME = re.compile(r"`((?:addresses|directory_sync|spreadsheet_import|apply_plan|link_api)(?:\.\w+)+)`")
NAMED = sorted(set(_NAME.findall(RECONCILIATION + SPREADSHEETS)))


@pytest.mark.parametrize("name", NAMED)
def test_a_function_that_the_page_names_is_there(name: str) -> None:
    """A module, and what is in it."""
    assert resolve_name(name)


def test_the_page_names_functions_of_every_step() -> None:
    """So that the test above is about something."""
    assert {"addresses", "apply_plan", "directory_sync", "link_api", "spreadsheet_import"} == {
        name.partition(".")[0] for name in NAMED
    }
    assert len(NAMED) > 20


def test_every_field_of_a_directory_is_described_and_no_other() -> None:
    """Of all three kinds."""
    fields = set(LdapDirectory.model_fields) | set(EntraDirectory.model_fields) | set(GoogleDirectory.model_fields)
    assert fields == set(re.findall(r"^\| `(\w+)` \|", DIRECTORIES, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES)
def test_a_route_or_parameter_that_a_page_names_is_in_the_template(page: str) -> None:
    """Paths as the API has them; parameters by their names."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    loaded = template.load()
    routes = {each["Properties"]["RouteKey"] for _, each in template.of_type(loaded, "AWS::ApiGatewayV2::Route")}
    named = set(re.findall(r"`((?:GET|PUT|POST|DELETE) /[\w/{}]+)`", text))
    assert set() == named - routes
    parameters = set(re.findall(r"`((?:Directory|Sync)[A-Z]\w+)`", text)) - loaded["Resources"].keys()
    assert set() == parameters - loaded["Parameters"].keys()


@pytest.mark.parametrize("page", PAGES)
def test_a_test_that_a_page_names_exists(page: str) -> None:
    """It is what the page's claim stands on."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert [] == [each for each in re.findall(r"`(tests/[\w/]+\.py)`", text) if not (ROOT / each).exists()]


def test_every_name_of_a_column_and_every_outcome_of_a_row_is_described() -> None:
    """As they are understood, and no other."""
    columns = re.findall(r"^\| ([a-z ]+) \| ([^|]+) \|", SPREADSHEETS, re.MULTILINE)
    named = {kind: tuple(names.split(", ")) for kind, names in columns}
    del named["column"], named["outcome"]
    assert {str(kind): names for kind, names in UNDERSTOOD.items()} == named
    assert [str(each) for each in RowOutcome] == re.findall(r"^\| `(\w+)` \|", SPREADSHEETS, re.MULTILINE)


def test_every_setting_and_every_outcome_of_a_load_is_described() -> None:
    """On the page about mail. Internal domains are the README's."""
    assert set() == {name for name in Settings.model_fields if name not in MAIL} - {"internal_domains"}
    assert [str(each) for each in LoadOutcome] == re.findall(r"^\| `(\w+)` \|", MAIL, re.MULTILINE)
