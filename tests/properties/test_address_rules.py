"""Whatever is done to links, by whom and in which order, every address is whose the rules say, after every act.

More than the few histories of each run of the tests:
``HISTORIES=20000 .venv/bin/python -m pytest --timeout=0 tests/properties/test_address_rules.py``.
"""

import logging
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from addresses.archive import Envelope
from directory_sync.reader import Entry
from tests.address_rules import (
    Book,
    Refused,
    closed,
    is_internal,
    linked,
    opened,
    promoted,
    unlinked,
)
from tests.directory_rules import Configured, said
from tests.gateway import Answer
from tests.run_rules import Did
from tests.sheet_rules import Row, Sheet
from tests.simulation.beginning import Worlds
from tests.simulation.by_the_rules import book
from tests.simulation.quiet import Quiet
from tests.simulation.reckoning import require_explained_tenures, require_filed_mail
from tests.simulation.world import World

# Few, so that they meet often, in two domains of the organisation's own and one that is not.
PEOPLE = ("a@example.com", "b@example.com", "c@example.com", "d@example.org", "e@example.org")
STRANGER = "someone@example.net"
IDS = {"corp": "123", "other": "78"}
# How much of a directory may go unasked. A share is of what a directory has, which a whole reading counts anew, and all
# readings are whole here.
LIMITS: tuple[dict[str, float], ...] = (
    {},
    {},
    {"count": 1, "floor": 1},
    {"percent": 40, "floor": 0},
    {"count": 0, "floor": 0},
)

names = st.sampled_from(sorted(IDS))
people = st.sampled_from(PEOPLE)
anybody = st.one_of(people, people, people, people, people, st.just(STRANGER))


@st.composite
def entries(draw: st.DrawFn, name: str) -> list[Entry]:
    """A directory's, most of them usable."""
    found = []
    for each in IDS[name]:
        addresses = draw(st.lists(people, max_size=4, unique=True))
        odd = draw(st.integers(0, 19))
        primaries = tuple(addresses[: 2 if odd == 0 else 1]) if odd != 1 else (STRANGER,)
        if addresses:
            found.append(Entry(each, primaries, tuple(addresses[1:]), enabled=odd not in {2, 3}))
    return found


rows = st.builds(
    Row, anybody, st.lists(anybody, max_size=2, unique=True).map(tuple), st.integers(0, 3).map(lambda each: each == 0)
)


class Histories(RuleBasedStateMachine):
    """Administrators, directories, spreadsheets and mail, act by act, done to the functions and to the rules alike.

    Left out: increments, of which other properties say that they find what a whole reading finds; names, which move no
    address; imports that are held, which take more than 500 addresses; and acts at the same time, which the simulation
    has.
    """

    def __init__(self, worlds: Worlds) -> None:
        """Begin with nobody."""
        super().__init__()
        self.quiet = Quiet(worlds.world(0))
        # The mailboxes that there are got their ids from chance begun like this.
        self.quiet.schedule.random.seed(1)
        self.book, self.known = Book(), dict[str, Configured]()
        self.runs: dict[str, Run] = {}
        self.rejected: dict[str, object] = {}
        self.mails: list[frozenset[str]] = []
        self.earlier: set[str] = set()

    @property
    def world(self) -> World:
        """What all is done to."""
        return self.quiet.world

    def look(self) -> Book:
        """The book as the table has it."""
        return book(self.world.watch.book)

    def require(self, expected: Book) -> None:
        """The table has the book as the rules say; new mailboxes have any id that no open one has."""
        found = self.look()
        new = {each for each in expected.keepers if each.startswith("new ")}
        called = {each: found.holder(str(expected.primary(each))) or each for each in new}
        again = [each for each in called.values() if self.book.primary(each)]
        assert [] == again, "a new mailbox has the id of an open one"
        expected = expected.called(called)
        assert dict(sorted(expected.links.items())) == dict(sorted(found.links.items()))
        assert {each: expected.keepers.get(each) for each in found.keepers} == found.keepers
        self.book = found

    def ask(self, request: str, body: Any = None) -> Answer:
        """What an administrator is answered."""
        return self.quiet.ask(request, body)

    # What each act has in common.

    def by_hand(self, request: str, body: Any, expected: Book | Refused, same: int, other: int) -> None:
        """An administrator is answered as the rules say, and only what they allow is done."""
        before, answer = self.book, self.ask(request, body)
        if isinstance(expected, frozenset):
            assert answer.status >= 400, answer
            assert answer.body["type"] in expected, (answer, expected)
            assert STATUSES.get(answer.body["type"], 409) == answer.status
        else:
            assert (same if expected == before else other) == answer.status
        self.require(before if isinstance(expected, frozenset) else expected)
        if self.book != before:
            [new] = self.new_runs()
            self.runs[new["run"]] = Run("applied", Did(before, self.book))
        self.look_at_runs()

    def new_runs(self) -> list[dict[str, Any]]:
        """Those that the last act has made."""
        return [run for run in self.world.runs() if run["run"] not in self.earlier | self.runs.keys()]

    def look_at_runs(self) -> None:
        """Every run is what the rules say."""
        assert {each: run.status for each, run in self.runs.items()} == {
            run["run"]: run["status"] for run in self.world.runs() if run["run"] not in self.earlier
        }

    def carried_out(self, run: str, status: str, did: Did) -> None:
        """What was planned is done, or as much of it as nothing stands against."""
        before, expected = self.book, did.carried_out(self.book)
        found = self.look()
        if expected is None:
            assert did.called(found).may_be_carried_out(before, found), (did, before, found)
            self.book = found
        else:
            self.require(expected)
        self.runs[run] = replace(self.runs[run], status=status, did=Did(before, self.book))
        self.look_at_runs()

    def refused(self, answer: Answer, expected: Refused) -> bool:
        """Whether it was, as it must be."""
        if expected:
            assert answer.status >= 400, answer
            assert answer.body["type"] in expected, (answer, expected)
            assert STATUSES.get(answer.body["type"], 409) == answer.status
            self.require(self.book)
            self.look_at_runs()
        else:
            assert 202 == answer.status, answer.body
        return bool(expected)

    # Acts.

    @initialize(limits=st.sampled_from(LIMITS))
    def begin(self, limits: Any) -> None:
        """Both directories are configured, and have nobody."""
        self.book = self.look()
        self.earlier = {run["run"] for run in self.world.runs()}
        for each in IDS:
            self.configure(each, Configured(**limits))

    @rule(
        name=names,
        domains=st.sampled_from([(), (), ("example.com",), ("example.com", "example.org")]),
        auto_link=st.sampled_from([True, True, False]),
        closes=st.booleans(),
        limits=st.sampled_from(LIMITS),
    )
    def set_directory(self, name: str, domains: tuple[str, ...], limits: Any, *, auto_link: bool, closes: bool) -> None:
        """An administrator configures a directory."""
        self.configure(name, Configured(frozenset(domains), auto_link, closes, **limits))

    def configure(self, name: str, how: Configured) -> None:
        """A plan that was rejected may be asked for anew."""
        assert self.ask(f"PUT /directories/{name}", how.body(name)).status in {200, 201}
        self.known[name] = how
        self.rejected.pop(name, None)

    @rule(name=names)
    def forget_directory(self, name: str) -> None:
        """Its links stay, as if they had been made by hand."""
        known = self.known.pop(name, None)
        assert (204 if known else 404) == self.ask(f"DELETE /directories/{name}").status
        self.require(self.book)

    @rule(primary=anybody, holder=people | st.none(), right=st.booleans())
    def open(self, primary: str, holder: str | None, *, right: bool) -> None:
        """A mailbox of its own."""
        holder = self.book.led(primary) if right else holder
        body = {"from": holder} if holder else None
        self.by_hand(f"PUT /mailboxes/{primary}", body, opened(self.book, primary, holder), 200, 201)

    @rule(primary=anybody)
    def close(self, primary: str) -> None:
        """Somebody leaves."""
        self.by_hand(f"DELETE /mailboxes/{primary}", None, closed(self.book, primary), 204, 204)

    @rule(primary=anybody, alias=anybody, holder=people | st.none(), right=st.booleans())
    def link(self, primary: str, alias: str, holder: str | None, *, right: bool) -> None:
        """One alias, from whom it is with now."""
        holder = self.book.led(alias) if right else holder
        expected = linked(self.book, primary, [alias], holder)
        body = {"from": holder} if holder else None
        self.by_hand(f"PUT /mailboxes/{primary}/aliases/{alias}", body, expected, 200, 201)

    @rule(primary=people, aliases=st.lists(anybody, min_size=1, max_size=3))
    def link_several(self, primary: str, aliases: list[str]) -> None:
        """All or none."""
        expected = linked(self.book, primary, aliases, None)
        self.by_hand(f"POST /mailboxes/{primary}/aliases", {"aliases": aliases}, expected, 200, 201)

    @rule(primary=people, alias=anybody, right=st.booleans())
    def unlink(self, primary: str, alias: str, *, right: bool) -> None:
        """An alias belongs to nobody."""
        primary = (self.book.led(alias) if right else None) or primary
        expected = unlinked(self.book, primary, alias)
        self.by_hand(f"DELETE /mailboxes/{primary}/aliases/{alias}", None, expected, 204, 204)

    @rule(primary=people, alias=anybody, right=st.booleans())
    def promote(self, primary: str, alias: str, *, right: bool) -> None:
        """Somebody is renamed by hand."""
        primary = (self.book.led(alias) if right else None) or primary
        expected = promoted(self.book, primary, alias)
        self.by_hand(f"PUT /mailboxes/{primary}/primary", {"address": alias}, expected, 200, 200)

    @rule(data=st.data(), name=names, dry_run=st.integers(0, 7).map(lambda each: each == 0))
    def sync(self, data: st.DataObject, name: str, *, dry_run: bool) -> None:
        """People join, leave, are renamed; the directory is read."""
        self.say(name, data.draw(entries(name)), dry_run=dry_run)

    @rule(name=names)
    def sync_again(self, name: str) -> None:
        """Nothing is new there."""
        self.say(name, list(self.world.directories[name].entries_by_id.values()), dry_run=False)

    def say(self, name: str, found: list[Entry], *, dry_run: bool) -> None:
        """The directory has these entries, and is read whole."""
        self.world.directories[name].become(found)
        before = self.book
        word = said(before, name, self.known, found) if name in self.known else None
        answer = self.ask(f"POST /directories/{name}/sync", {"whole": True, "dry_run": dry_run})
        if self.refused(answer, frozenset() if name in self.known else frozenset({"no-such-directory"})):
            return
        [run] = self.new_runs()
        did = word.does() if word else Did(before, before)
        status = self.becomes(name, word.holds(), did) if word and not dry_run else "planned" if word else "failed"
        if status in {"applied", "held", "rejected"}:
            self.supersede(name)
        self.runs[run["run"]] = Run(status, did, run.get("digest"), name, self.world.cloud.now)
        assert status == run["status"], run
        if word:
            assert did.takes == sum(run["counts"][each] for each in ("unlink", "relink", "promote", "close")), (
                did,
                run,
            )
        self.require(did.after if status == "applied" else before)
        if status == "applied":
            self.runs[run["run"]] = replace(self.runs[run["run"]], did=Did(before, self.book))
        self.look_at_runs()

    def becomes(self, name: str, holds: bool, did: Did) -> str:  # noqa: FBT001
        """What the run of a plan comes to."""
        if not holds:
            return "applied"
        return "rejected" if self.rejected.get(name) == did.says else "held"

    def supersede(self, name: str) -> None:
        """A newer plan takes the place of the one that waits."""
        for each, run in self.runs.items():
            if run.status == "held" and run.directory == name:
                self.runs[each] = replace(run, status="superseded")

    @rule(data=st.data(), right=st.integers(0, 2).map(bool))
    def approve(self, data: st.DataObject, *, right: bool) -> None:
        """Exactly what was planned, once, within a day; as far as it has not moved on."""
        if not self.runs:
            return
        name = data.draw(self.some("held"))
        run = self.runs[name]
        late = run.since and self.world.cloud.now - run.since > timedelta(hours=24)
        unknown = run.directory and run.directory not in self.known
        digest = (run.digest if right else None) or "0" * 64
        refused = {
            *(["run-not-held"] if run.status != "held" else []),
            *(["digest-differs"] if digest != run.digest else []),
            *(["approval-too-late"] if late else []),
            *(["no-such-directory"] if unknown else []),
        }
        answer = self.ask(f"POST /runs/{name}/approve", {"digest": digest})
        if not self.refused(answer, frozenset(refused)):
            self.carried_out(name, "applied", run.did)

    @rule(data=st.data())
    def reject(self, data: st.DataObject) -> None:
        """Nothing is done, now and whenever the directory says the same."""
        if not self.runs:
            return
        name = data.draw(self.some("held"))
        run = self.runs[name]
        answer = self.ask(f"POST /runs/{name}/reject")
        if not self.refused(answer, frozenset({"run-not-held"} if run.status != "held" else ())):
            self.runs[name] = replace(run, status="rejected")
            self.rejected[str(run.directory)] = run.did.says
            self.require(self.book)
            self.look_at_runs()

    @rule(data=st.data(), dry_run=st.integers(0, 7).map(lambda each: each == 0))
    def revert(self, data: st.DataObject, *, dry_run: bool) -> None:
        """What a run did is taken back, but for what has moved on since."""
        if not self.runs:
            return
        name = data.draw(self.some("applied"))
        run = self.runs[name]
        answer = self.ask(f"POST /runs/{name}/revert", {"dry_run": dry_run})
        undone = run.status in {"applied", "failed"}
        if self.refused(answer, frozenset(() if undone else {"run-not-applied"})):
            return
        did = run.did.back if run.status == "applied" and not dry_run else Did(self.book, self.book)
        [new] = self.new_runs()
        self.runs[new["run"]] = Run("planned", did)
        self.carried_out(new["run"], "planned" if dry_run else "applied", did)

    def some(self, status: str) -> st.SearchStrategy[str]:
        """Mostly a run of this status, and of late, since that is what people decide about."""
        found = [each for each, run in self.runs.items() if run.status == status]
        every = st.sampled_from(list(self.runs))
        return st.one_of(st.sampled_from(found[-3:]), st.sampled_from(found), every) if found else every

    @rule(sheet=st.lists(rows, min_size=1, max_size=3))
    def upload(self, sheet: list[Row]) -> None:
        """A spreadsheet says what it says."""
        before, did = self.book, Sheet(sheet, self.book, self.known).does()
        lines = ["email,alias 1,alias 2,action", *(row.line for row in sheet)]
        self.quiet.do(lambda world: world.upload("\r\n".join(lines).encode()))
        [run] = self.new_runs()
        assert "applied" == run["status"], run
        self.require(did.after)
        self.runs[run["run"]] = Run("applied", Did(before, self.book), run.get("digest"))
        self.look_at_runs()

    @rule(hours=st.sampled_from([1, 1, 25]))
    def wait(self, hours: int) -> None:
        """Nothing happens."""
        self.world.pass_seconds(hours * 3600)

    @rule(recipients=st.sets(people, min_size=1, max_size=3), sender=anybody)
    def receive(self, recipients: set[str], sender: str) -> None:
        """A message arrives; whose archive it is in does not hang on who has the address."""
        self.mails.append(frozenset({*recipients, *([sender] if is_internal(sender) else [])}))
        number = 100 + len(self.mails)
        self.quiet.do(lambda world: world.receive(number, Envelope(sender, tuple(sorted(recipients)))))
        self.require(self.book)

    @rule(who=people)
    def read(self, who: str) -> None:
        """Somebody sees the mail of all their addresses as one archive, and no other."""
        mine = self.book.addresses(self.book.holder(who))
        answer = self.quiet.ask("GET /archive?limit=100", who=who)
        if not mine:
            assert (404, "no-such-mailbox") == (answer.status, answer.body["type"])
            return
        seen = [sorted(reached & mine) for reached in self.mails if reached & mine]
        assert sorted(seen) == sorted(sorted(each["via"]) for each in answer.body["messages"]), answer.body

    def teardown(self) -> None:
        """In the end all mail is where it belongs, and every change of hands is some run's."""
        require_filed_mail(self.world)
        require_explained_tenures(self.world)


@dataclass(frozen=True)
class Run:
    """A run, and what it did, or would do."""

    status: str
    did: Did
    digest: str | None = None
    directory: str | None = None
    since: Any = None


STATUSES = {"external-domain": 422, "cross-domain": 422, "no-such-mailbox": 404, "no-such-directory": 404}


def test_every_address_is_whose_the_rules_say() -> None:
    """After every act, by whomever; and refused is what they forbid, and nothing else."""
    logging.disable(logging.CRITICAL)
    try:
        histories = cast("type[RuleBasedStateMachine]", partial(Histories, Worlds()))
        run_state_machine_as_test(
            histories, settings=settings(max_examples=int(os.environ.get("HISTORIES", "150")), stateful_step_count=20)
        )
    finally:
        logging.disable(logging.NOTSET)
