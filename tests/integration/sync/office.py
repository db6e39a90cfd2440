"""What an administrator does about directories, on the deployed stack; after every run the same rules are looked at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from addresses.mailbox import Existing, RunId
from addresses.run_items import run_key
from addresses.sync_state_items import state_key
from addresses.table import Item
from addresses.wire import plain
from tests.invariants import check_invariants
from tests.table import address_book, everything
from tests.waiting import until

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

STEPS = ("open", "adopt", "link", "relink", "unlink", "promote", "close")
ON_ITS_WAY = {"gathering", "applying"}


@dataclass(frozen=True)
class Ended:
    """A run at its end, or held; in its sentences the test's own domain is left out.

    ``steps`` are the sentences of its steps, ``found`` those of what has no step; ``whole`` is how it was read.
    """

    id: str
    status: str
    counts: Mapping[str, int]
    because: str
    held_because: str
    digest: str
    decided_by: str
    steps: list[str]
    found: list[str]
    outcomes: list[str]
    whole: bool | None


@dataclass(frozen=True)
class Office:
    """The API as an administrator uses it, and the table behind it; addresses are named without the test's domain."""

    admin: httpx.Client
    dynamodb: "DynamoDBClient"
    table_name: str
    domain: str

    def address(self, local: str) -> str:
        """``alice`` is of the test's domain, ``alice@merged`` of one below it; whatever has a dot is as it is."""
        name, _, domain = local.partition("@")
        if "." in domain:
            return local
        return f"{name}@{domain}.{self.domain}" if domain else f"{name}@{self.domain}"

    def short(self, text: str) -> str:
        """The text without the test's own domain."""
        return text.replace(f"@{self.domain}", "").replace(f".{self.domain}", "")

    def items(self) -> list[Item]:
        """Every item of the table."""
        return everything(self.dynamodb, self.table_name)

    def item(self, pk: str, sk: str) -> Item:
        """One item, which is there."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        return plain(self.dynamodb.get_item(TableName=self.table_name, Key=key, ConsistentRead=True)["Item"])

    def book(self) -> Existing:
        """The mailboxes and addresses of the test's domain, and of those below it."""
        pages = self.dynamodb.get_paginator("scan").paginate(
            TableName=self.table_name,
            ConsistentRead=True,
            FilterExpression="sk IN (:mailbox, :address) AND (contains(#primary, :domain) OR contains(pk, :domain))",
            ExpressionAttributeNames={"#primary": "primary"},
            ExpressionAttributeValues={
                ":mailbox": {"S": "MAILBOX"},
                ":address": {"S": "ADDRESS"},
                ":domain": {"S": self.domain},
            },
        )
        return address_book(plain(item) for page in pages for item in page["Items"])

    def links(self) -> dict[str, list[str]]:
        """The open mailboxes of the test's domain, each with its aliases."""
        return {
            self.short(each.primary): sorted(map(self.short, each.aliases))
            for each in self.book().mailboxes.values()
            if each.is_open
        }

    def whose(self, local: str) -> dict[str, Any]:
        """What the API says of an address."""
        found: dict[str, Any] = self.admin.get(f"/addresses/{self.address(local)}").raise_for_status().json()
        return found

    def open(self, primary: str, *aliases: str) -> None:
        """Open a mailbox by hand, and link aliases to it."""
        path = f"/mailboxes/{self.address(primary)}"
        self.admin.put(path).raise_for_status()
        for alias in aliases:
            self.admin.put(f"{path}/aliases/{self.address(alias)}").raise_for_status()

    def own(self, domain: str) -> None:
        """Make this domain, below the test's, one of the organisation's own."""
        settings = self.admin.get("/settings").raise_for_status().json()
        settings["internal_domains"].append(f"{domain}.{self.domain}")
        self.admin.put("/settings", json=settings).raise_for_status()

    def known(self, run: str) -> dict[str, Any]:
        """What the API says of a run once it is no longer on its way.

        Meanwhile the table is asked, since asking the API would take the processor from the run itself.
        """
        status = until(lambda: self.item(*run_key(RunId(run)))["status"], lambda status: status not in ON_ITS_WAY)
        assert status not in ON_ITS_WAY, f"run {run} is still {status}"
        known: dict[str, Any] = self.admin.get(f"/runs/{run}").raise_for_status().json()
        return known

    def ended(self, run: str) -> Ended:
        """The run once it is no longer on its way: the invariants hold, and none but an applied run changed a link."""
        known = self.known(run)
        steps = self.admin.get(f"/runs/{run}/steps", params={"limit": "1000"}).raise_for_status().json()["steps"]
        book = self.book()
        check_invariants(book)
        if known["status"] != "applied":
            assert [] == links_by(run, book), f"a run that is {known['status']} changed links"
        item = self.item(*run_key(RunId(run)))
        return Ended(
            id=run,
            status=known["status"],
            counts=known["counts"],
            because=self.short(known["because"] or ""),
            held_because=self.short(known["held_because"] or ""),
            digest=known["digest"],
            decided_by=known["decided_by"] or "",
            steps=[self.short(each["sentence"]) for each in steps if each["step"] in STEPS],
            found=[self.short(each["sentence"]) for each in steps if each["step"] not in STEPS],
            outcomes=[each["outcome"] for each in steps if each["step"] in STEPS],
            whole=item["reading"]["whole"] if item.get("reading") else None,
        )


def links_by(run: str, book: Existing) -> list[str]:
    """The addresses that a run linked or unlinked at some time."""
    return [each.address for each in book.addresses.values() if any(start.run == run for start in each.starts)]


class Directory:
    """One directory of the stack, and the runs of it."""

    def __init__(self, office: Office, name: str, configuration: Mapping[str, Any]) -> None:
        """It is configured, and enabled unless it says otherwise."""
        self.office = office
        self.name = name
        self.path = f"/directories/{name}"
        self.configuration: dict[str, Any] = {**configuration, "secret_name": configuration.get("secret_name", name)}
        self.configure()

    def configure(self, **changes: Any) -> None:
        """Configure it, with these changes."""
        self.configuration |= changes
        answer = self.office.admin.put(self.path, json=self.configuration)
        assert answer.status_code in {200, 201}, answer.text

    def order(self, **body: Any) -> httpx.Response:
        """What the API answers to the wish for a sync."""
        return self.office.admin.post(f"{self.path}/sync", json=body)

    def sync(self, *, whole: bool = False) -> Ended:
        """A run of it at its end; one that was applied leaves nothing to do."""
        ended = self.office.ended(self.order(whole=whole).raise_for_status().json()["run"])
        if ended.status == "applied":
            self.has_nothing_left()
        return ended

    def applied(self, *, whole: bool = False) -> Ended:
        """A run of it that was applied."""
        ended = self.sync(whole=whole)
        assert "applied" == ended.status, ended
        return ended

    def failed(self) -> str:
        """Why a run of it failed."""
        ended = self.sync()
        assert "failed" == ended.status, ended
        return ended.because

    def dry_run(self, *, whole: bool = False) -> Ended:
        """A run that only plans, at its end."""
        return self.office.ended(self.order(dry_run=True, whole=whole).raise_for_status().json()["run"])

    def has_nothing_left(self) -> None:
        """A second run, which reads the directory whole, plans nothing."""
        again = self.office.known(self.order(dry_run=True, whole=True).raise_for_status().json()["run"])
        planned = {step: number for step, number in again["counts"].items() if step in STEPS and number}
        assert ("planned", {}) == (again["status"], planned), again

    def decide(self, run: Ended, decision: str, **body: str) -> httpx.Response:
        """What the API answers when a run is to be approved, rejected or reverted."""
        return self.office.admin.post(f"/runs/{run.id}/{decision}", json=body or None)

    def approved(self, run: Ended) -> Ended:
        """A held run, approved and carried out; nothing is left to do."""
        self.decide(run, "approve", digest=run.digest).raise_for_status()
        ended = self.office.ended(run.id)
        assert "applied" == ended.status, ended
        self.has_nothing_left()
        return ended

    def reverted(self, run: Ended) -> Ended:
        """The run that took this one back, at its end."""
        return self.office.ended(self.decide(run, "revert").raise_for_status().json()["run"])

    @property
    def cursor(self) -> str | None:
        """From where it will be asked for changes."""
        cursor: str | None = self.office.item(*state_key(self.name))["reading"]["cursor"]
        return cursor

    def remember(self, cursor: str) -> None:
        """As if this had been the cursor that the directory gave."""
        pk, sk = state_key(self.name)
        self.office.dynamodb.update_item(
            TableName=self.office.table_name,
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            UpdateExpression="SET reading.#cursor = :cursor",
            ExpressionAttributeNames={"#cursor": "cursor"},
            ExpressionAttributeValues={":cursor": {"S": cursor}},
        )
