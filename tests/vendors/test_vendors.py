"""The doubles are no inventions: the vendors' own clients read them, and find the accounts that our readers find."""

import json
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from directory_sync.entra.reader import EntraReader
from directory_sync.google.reader import GoogleReader
from directory_sync.reader import Entry
from tests.doubles.google import ADMIN, CUSTOMER, SCOPE, google
from tests.doubles.graph import CLIENT, SECRET, TENANT, Graph, graph

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-vendors" / "bin" / "python"

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="`make vendors` installs the vendors' clients")


def client(script: str, *arguments: str, given: str = "") -> Any:
    """What a vendor's client makes of a double."""
    command = [str(PYTHON), "-W", "ignore", str(Path(__file__).with_name(script)), *arguments]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, input=given, text=True).stdout)


def proxies(user: dict[str, Any], prefix: str) -> tuple[str, ...]:
    """The addresses of a user that have exactly this prefix."""
    values = [value.strip() for value in user["proxyAddresses"] or []]
    return tuple(value.removeprefix(prefix).strip() for value in values if value.startswith(prefix))


def account(user: dict[str, Any]) -> Entry:
    """The account that Microsoft's client found, by the rules as the documentation has them."""
    marked = proxies(user, "SMTP:")
    others = [value.partition(":")[0].lower() for value in user["proxyAddresses"] or []]
    return Entry(
        id=user["id"],
        primaries=marked or ((user["mail"],) if user["mail"] else ()),
        aliases=proxies(user, "smtp:"),
        name=user["displayName"] or "",
        enabled=user["accountEnabled"] is not False,
        others=tuple(each for each in others if each != "smtp"),
    )


def fill(double: Graph) -> None:
    """Users as awkward as Graph has them."""
    double.put(
        "0-plain", mail="a@example.com", proxyAddresses=["SMTP:a@example.com"], displayName="A", accountEnabled=True
    )
    double.put("1-aliases", proxyAddresses=["smtp:b1@example.com", "SMTP: b@example.com", "smtp:b2@example.net"])
    double.put(
        "2-types", mail="c@example.com", proxyAddresses=["x500:/o=E/cn=c", "SIP:c@example.com", "smtp:c1@example.com"]
    )
    double.put("3-nothing-was-ever-set")
    double.put("4-taken-away", mail=None, proxyAddresses=[], displayName=None, accountEnabled=False, userType=None)
    double.put("5-guest", mail="g@example.org", userType="Guest")
    double.put("6-ünïcode", mail="ü@example.com", displayName="Ü \U0001f600 'q' \"q\"\n", userType="Member")
    double.put("7-disabled", mail="d@example.com", accountEnabled=False)
    double.put("8-removed", mail="r@example.com")
    double.remove("8-removed", "changed")
    for number in range(20):
        double.put(f"9-{number}", mail=f"u{number}@example.com")


def test_microsoft_s_client_finds_the_same_accounts() -> None:
    """Through the pages of a round, in its changes, and by id; also who is removed or gone."""
    with graph(page_size=4) as double:
        fill(double)
        form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
        scope = {"scope": f"{double.url}/.default"}
        token = httpx.post(f"{double.url}/{TENANT}/oauth2/v2.0/token", data=form | scope).json()["access_token"]
        read = client("read_graph.py", double.url, token, *double.ids(), "8-removed")
        with closing(EntraReader(double.config, SECRET, time.monotonic() + 60)) as reader:
            full = sorted(reader.full(), key=lambda entry: entry.id)
            one_by_one = reader.entries([*double.ids(), "8-removed"])
            changes = reader.changes(reader.cursor() or "").ids

    rounded = {user["id"]: user for user in read["users"]}
    assert ["8-removed"] == [name for name, user in rounded.items() if user["removed"]]
    members = [user for user in rounded.values() if not user["removed"] and user["userType"] != "Guest"]
    assert 27 == len(members)
    assert sorted(map(account, members), key=lambda entry: entry.id) == full
    assert "Request_ResourceNotFound" == read["by_id"].pop("8-removed")
    found = [account(user) for user in read["by_id"].values() if user["userType"] != "Guest"]
    assert found == sorted(one_by_one, key=lambda entry: double.ids().index(entry.id))
    assert {user["id"] for user in read["changes"]} == changes


def test_google_s_client_logs_on_and_finds_the_same_accounts() -> None:
    """With the same key at the same token endpoint; through the pages, and by id."""
    with google(page_size=4) as double:
        double.put(
            "100", primaryEmail="a@example.com", aliases=["a1@example.com"], nonEditableAliases=["a@t.example.com"]
        )
        double.put("101", primaryEmail="b@example.com", name={"fullName": "Ü \U0001f600 'q'"}, suspended=True)
        double.put("102", primaryEmail="c@example.com", archived=True, emails=[{"address": "c@home.example"}])
        for number in range(20):
            double.put(str(number), primaryEmail=f"u{number:02}@example.com", suspended=False)
        ids = ["101", "102", "100", "gone"]
        read = client("read_google.py", double.url, CUSTOMER, ADMIN, SCOPE, *ids, given=double.secret)
        with closing(GoogleReader(double.config, double.secret, time.monotonic() + 60)) as reader:
            full = list(reader.full())
            one_by_one = reader.entries(ids)

    def found(user: dict[str, Any]) -> Entry:
        return Entry(
            id=user["id"],
            primaries=(user["primaryEmail"],),
            aliases=(*user.get("aliases", []), *user.get("nonEditableAliases", [])),
            name=user.get("name", {}).get("fullName", ""),
            enabled=not user.get("suspended") and not user.get("archived"),
        )

    assert 23 == len(full)
    assert [found(user) for user in read["users"]] == full
    assert 404 == read["by_id"].pop("gone")
    assert [found(user) for user in read["by_id"].values()] == one_by_one
