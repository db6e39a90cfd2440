"""The rules that the repository sets itself, so that they still hold when nobody remembers them."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from functools import cache
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from local.template import load, of_type

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 250
LONGEST_HANDLER = 60
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}

# The arrows of the layer: a module imports from its own floor and those below, never from one above.
FLOORS = {
    "words": ["errors", "octets", "address_in_full", "address", "text", "times", "cursor"],
    "rules": [
        *["mailbox", "step", "outcome", "effect", "history", "plan", "check"],
        *["desired", "matching", "settled", "claims", "reconcile", "inverse", "batches"],
        *["archive", "settings", "caller", "directory"],
        *["run", "sync_state", "order", "row_result", "delegation", "load"],
    ],
    "table": [
        "wire",
        "table",
        "items",
        "run_items",
        "directory_items",
        "sync_state_items",
        "delegation_items",
        "load_items",
        "book",
        "run_book",
        "apply",
        "plan_store",
        "row_store",
        "launch",
    ],
    "borders": ["problem", "api"],
}
PURE_FLOORS = ["words", "rules"]
IMPURE_PACKAGES = {"boto3", "botocore", "aws_lambda_powertools", "os", "random", "secrets", "socket", "time"}
IMPURE_CALLS = {"now", "utcnow", "today", "uuid1", "uuid4", "open"}

MODULES = {
    ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
    for root, folder in ((ROOT / "functions", ""), (ROOT / "shared", ""), (ROOT, "local"), (ROOT, "operations"))
    for path in sorted((root / folder).rglob("*.py"))
}
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/__init__.py"))
LAYER = [name for name in MODULES if name.startswith("addresses.")]
DEPLOYED = [name for name in MODULES if name.partition(".")[0] in {"addresses", *FUNCTIONS}]
FLOOR_OF = {f"addresses.{module}": floor for floor, modules in FLOORS.items() for module in modules}


@cache
def tree(module: str) -> ast.Module:
    """The module as parsed."""
    return ast.parse(MODULES[module].read_text())


def imported(module: str, *, when_it_runs: bool = False) -> set[str]:
    """The modules that a module imports; ``when_it_runs`` leaves out what only its types need."""
    found: set[str] = set()
    waiting: list[ast.AST] = [tree(module)]
    while waiting:
        node = waiting.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")) if when_it_runs:
                waiting += node.orelse
            case ast.Import():
                found |= {alias.name for alias in node.names}
            case ast.ImportFrom():
                assert node.level == 0, f"{module} imports relatively; name the module in full"
                inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
                found |= inner or {str(node.module)}
            case _:
                waiting += ast.iter_child_nodes(node)
    return found


def packages(module: str) -> set[str]:
    """The top-level packages that a module imports when it runs."""
    return {name.partition(".")[0] for name in imported(module, when_it_runs=True)}


def project() -> dict[str, dict[str, list[str]]]:
    """What pyproject.toml says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def named(requirements: list[str]) -> set[str]:
    """The distributions that requirements name, as `distributions` writes them."""
    return {re.split(r"[^\w.-]", requirement)[0].replace("_", "-").lower() for requirement in requirements}


@cache
def distributions() -> dict[str, set[str]]:
    """For each top-level package that is installed, the distributions that it comes with."""
    return {
        package: {name.replace("_", "-").lower() for name in names}
        for package, names in packages_distributions().items()
    }


def environment_reads(module: str) -> set[str]:
    """The environment variables that a module reads; it may read them only by a name that stands there."""
    names, mentions = [], 0
    for node in ast.walk(tree(module)):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(name))):
                names.append(name)
            case ast.Attribute(attr="environ" | "environb" | "getenv"):
                mentions += 1
    assert mentions == len(names), f'{module} reads the environment otherwise than by os.environ["NAME"]'
    return set(names)


@pytest.mark.parametrize("module", LAYER)
def test_a_module_of_the_layer_imports_from_its_own_floor_or_below(module: str) -> None:
    """Borders stand on the table, the table on the rules, the rules on the words."""
    assert module in FLOOR_OF, f"Say on which floor {module} stands: add it to FLOORS."
    order = list(FLOORS)
    above = order[order.index(FLOOR_OF[module]) + 1 :]
    assert set() == {name for name in imported(module) if FLOOR_OF.get(name) in above}


def test_no_floor_names_a_module_that_is_gone() -> None:
    """FLOORS is the layer as it is."""
    assert sorted(LAYER) == sorted(FLOOR_OF)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Whatever is read first can be read to its end."""
    graph = {module: imported(module) & MODULES.keys() for module in MODULES}
    assert set(graph) == set(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("module", [name for name in LAYER if FLOOR_OF.get(name) in PURE_FLOORS])
def test_words_and_rules_are_pure(module: str) -> None:
    """What decides knows no AWS, no clock, no chance and no file: the same input gives the same plan."""
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name)
    }
    assert set() == packages(module) & IMPURE_PACKAGES
    assert set() == called & IMPURE_CALLS


@pytest.mark.parametrize("module", DEPLOYED)
def test_a_function_never_imports_another_functions_package(module: str) -> None:
    """Only the description of the API reads the APIs it describes; nothing deployed knows of what is not."""
    own = module.partition(".")[0]
    described = {"link_api", "archive_api"} if own == "api_description" else set()
    assert set() == packages(module) & ({*FUNCTIONS, "local", "operations", "tests"} - {own} - described)


@pytest.mark.parametrize("module", DEPLOYED)
def test_deployed_code_imports_only_what_is_deployed_with_it(module: str) -> None:
    """The embedded AWS and the tests have more installed, and would not notice that something is missing in Lambda."""
    settings = project()
    groups = settings["dependency-groups"]
    shipped = {"botocore", *named(settings["project"]["dependencies"]), *named(groups["layer"])}
    if not module.startswith("addresses"):
        shipped |= named(groups["functions"])
    foreign = packages(module) - sys.stdlib_module_names - {"addresses", *FUNCTIONS}
    assert set() == {name for name in foreign if not shipped & distributions().get(name, set())}


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_short_and_their_names_say_what_they_hold(module: str) -> None:
    """A long module is two; a name like "utils" is a drawer."""
    lines = len(MODULES[module].read_text().splitlines())
    assert lines <= (LONGEST_HANDLER if module.endswith(".handler") else LONGEST_MODULE)
    assert set() == SAYS_NOTHING & {word for part in module.split(".") for word in part.split("_")}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reads_the_environment_variables_that_the_template_gives_it(function: str) -> None:
    """None is missing in Lambda, and none is set for nobody. Powertools reads those of its own name.

    ``LD_LIBRARY_PATH`` is Lambda's own.
    """
    template = load()
    given = set(template["Globals"]["Function"]["Environment"]["Variables"])
    for _, resource in of_type(template, "AWS::Serverless::Function"):
        if resource["Properties"]["Handler"] == f"{function}.handler.handle":
            given |= resource["Properties"]["Environment"]["Variables"].keys()
    read: dict[str, set[str]] = defaultdict(set)
    for module in DEPLOYED:
        read[module.partition(".")[0]] |= environment_reads(module)
    assert (read[function] | read["addresses"]) - {"LD_LIBRARY_PATH"} == {
        name for name in given if not name.startswith("POWERTOOLS_")
    }


def test_the_template_has_each_function_of_the_repository() -> None:
    """A package in functions/ is a function in Lambda, entered at its handler."""
    handlers = [resource["Properties"]["Handler"] for _, resource in of_type(load(), "AWS::Serverless::Function")]
    assert [f"{function}.handler.handle" for function in FUNCTIONS] == sorted(set(handlers))


@pytest.mark.parametrize(("folder", "group"), [("shared", "layer"), ("functions", "functions")])
def test_what_is_deployed_is_what_the_lock_says(folder: str, group: str) -> None:
    """``make requirements`` writes these files; a lock that moved on without them would deploy what was not tested."""
    command = [os.environ.get("UV", "uv"), "export", "--frozen", "--quiet", "--no-header", "--only-group", group]
    exported = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    header, _, requirements = (ROOT / folder / "requirements.txt").read_text().partition(f"{folder}/requirements.txt\n")
    assert header.startswith("# This file was autogenerated by uv")
    assert exported == requirements


def test_the_lock_knows_only_the_public_index() -> None:
    """A lock written behind a company's mirror could not be used anywhere else."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    places = {source for package in lock["package"] for source in package["source"].items()}
    files = {
        file["url"]
        for package in lock["package"]
        for file in [package.get("sdist"), *package.get("wheels", [])]
        if file
    }
    assert {("registry", "https://pypi.org/simple"), ("virtual", ".")} == places
    assert set() == {url for url in files if not url.startswith("https://files.pythonhosted.org/")}
