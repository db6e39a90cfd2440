"""The part of ``docs/security.md`` that is made from the template; ``make docs`` writes it anew."""

from collections import defaultdict

from local import ROOT
from tests.data_model import filled, table
from tests.rights import FUNCTIONS, ROLES, rights, role_of

PAGE = ROOT / "docs" / "security.md"


def sections() -> dict[str, str]:
    """Each part of the page that is made from the template, by the name that its marker gives it."""
    functions = {role_of(function): function for function in FUNCTIONS}
    rows = [(f"`{functions.get(role, role)}`", *row) for role in ROLES for row in _rows(role)]
    return {"Roles": table(("who", "may", "on", "items under"), *rows)}


def _rows(role: str) -> list[tuple[str, str, str]]:
    """What the role may do, on what, and under which partition keys; what it may do alike to several in one row."""
    actions: dict[tuple[str, tuple[str, ...]], list[str]] = defaultdict(list)
    for right in rights(role):
        actions[right.resource, right.keys].append(right.action)
    resources: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (resource, keys), several in actions.items():
        resources[tuple(several), keys].append(resource)
    return [(_code(may), _code(on), _code(keys)) for (may, keys), on in resources.items()]


def _code(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8"), sections()), encoding="utf-8")
