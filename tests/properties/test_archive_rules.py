"""Whatever happens to links, delegations and mail, everybody sees what the rules say, by every route."""

from datetime import timedelta
from functools import partial
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from addresses.address import Address
from addresses.apply import apply
from addresses.archive import Envelope
from addresses.delegation import Target
from addresses.delegation_items import delegation_key, mirror_key
from addresses.mailbox import MailboxId, Profile, RunId, directory_source
from addresses.outcome import Verdict
from addresses.run import Run, RunKind
from addresses.step import Open, Promote, Ref, Step
from addresses.times import second, stamp
from tests.archive_rules import Granted, Mail, Rules
from tests.archive_world import BEGIN, World, archive_world, shown
from tests.gateway import Answer, send
from tests.mail import raw_message
from tests.people import A1, ALICE, BOB, CAROL

# Several acts lie in one second, and no two in one moment.
BETWEEN_ACTS = timedelta(milliseconds=300)
BOSS = {"email": "boss@example.com", "cognito:groups": "[address-admins delegation-admins]"}
STRANGER = "someone@example.org"

# Few, so that they meet often.
ADDRESSES = (ALICE, A1, BOB, CAROL)

addresses = st.sampled_from(ADDRESSES)


class Histories(RuleBasedStateMachine):
    """Administrators, a directory and mail, act by act, done to the archive and to the rules alike."""

    def __init__(self, world: World) -> None:
        """Start with an empty table."""
        super().__init__()
        self.world, self.expected, self.acts = world, Rules(BEGIN), 0
        world.empty()

    def ask(self, request: str, body: Any = None) -> Answer:
        """What an administrator is answered, at the time of the act."""
        return send(request, body, claims=BOSS)

    def begin(self) -> None:
        """An act begins, some time after the one before."""
        self.acts += 1
        self.pass_time(BETWEEN_ACTS)

    def pass_time(self, time: timedelta) -> None:
        """Nothing else happens."""
        self.expected.now += time
        self.world.clock.moment = self.expected.now

    @property
    def leaders(self) -> list[Address]:
        """The primaries of open mailboxes."""
        return [each for each in ADDRESSES if self.led(each) == each]

    @property
    def others(self) -> list[Address]:
        """What can be given to a mailbox: aliases, and what belongs to none."""
        return [each for each in ADDRESSES if each not in self.leaders]

    @property
    def aliases(self) -> list[Address]:
        """What can be taken from its mailbox."""
        return [each for each in self.others if self.led(each)]

    def led(self, address: Address) -> Address | None:
        """The primary of the mailbox that the address belongs to."""
        holder = self.expected.holder(address)
        return self.expected.primary[holder] if holder else None

    def ref(self, mailbox: str) -> Ref:
        """The mailbox as steps name it."""
        return Ref(MailboxId(mailbox), self.expected.primary[mailbox])

    def carry_out(self, step: Step) -> None:
        """Do what a directory's run does."""
        run = Run(
            RunId(f"run-{self.acts}"), RunKind.SYNC, directory_source("corp"), "schedule", stamp(self.expected.now)
        )
        [outcome] = apply(self.world.table, run, [step], self.world.clock.now)
        assert Verdict.APPLIED is outcome.verdict

    @initialize()
    def begin_with_three_people(self) -> None:
        """Alice has an alias and two messages; Bob may read her archive, Carol has none of either."""
        self.set_history(since_linked=False)
        for each in (ALICE, BOB, CAROL):
            self.open_mailbox(each)
        self.link_alias(A1, ALICE)
        self.delegate(ALICE, BOB)
        for each in (ALICE, A1):
            self.receive({each}, STRANGER, 0)

    @rule(since_linked=st.booleans())
    def set_history(self, *, since_linked: bool) -> None:
        """The setting counts for what was before, too."""
        self.expected.since_linked = since_linked
        history = "since_linked" if since_linked else "whole"
        self.ask("PUT /settings", {"internal_domains": ["example.com"], "archive_history": history})

    @precondition(lambda self: self.others)
    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        """A mailbox is opened; an alias leaves its mailbox for it."""
        self.open_mailbox(data.draw(st.sampled_from(self.others)))

    def open_mailbox(self, address: Address) -> None:
        """Open one with this primary."""
        self.begin()
        leaves = self.led(address)
        answer = self.ask(f"PUT /mailboxes/{address}", {"from": leaves} if leaves else None)
        assert 201 == answer.status
        self.expected.primary[answer.body["id"]] = address
        self.expected.give(address, answer.body["id"])

    @precondition(lambda self: self.others and self.leaders)
    @rule(data=st.data())
    def link(self, data: st.DataObject) -> None:
        """A free address is linked, an alias relinked."""
        self.link_alias(data.draw(st.sampled_from(self.others)), data.draw(st.sampled_from(self.leaders)))

    def link_alias(self, alias: Address, to: Address) -> None:
        """Link this one, whosever it is."""
        self.begin()
        holder = self.led(alias)
        answer = self.ask(f"PUT /mailboxes/{to}/aliases/{alias}", {"from": holder} if holder else None)
        assert answer.status in {200, 201}
        self.expected.give(alias, self.expected.holder(to))

    @precondition(lambda self: self.aliases)
    @rule(data=st.data())
    def unlink(self, data: st.DataObject) -> None:
        """An alias is nobody's from now on."""
        self.begin()
        alias = data.draw(st.sampled_from(self.aliases))
        assert 204 == self.ask(f"DELETE /mailboxes/{self.led(alias)}/aliases/{alias}").status
        self.expected.give(alias, None)

    @precondition(lambda self: self.aliases)
    @rule(data=st.data())
    def promote(self, data: st.DataObject) -> None:
        """By hand: an alias becomes its mailbox's primary, which stays as an alias."""
        self.begin()
        alias = data.draw(st.sampled_from(self.aliases))
        assert 200 == self.ask(f"PUT /mailboxes/{self.led(alias)}/primary", {"address": alias}).status
        self.expected.primary[self.expected.holder(alias) or ""] = alias

    @precondition(lambda self: self.others and self.leaders)
    @rule(data=st.data(), keep=st.booleans())
    def rename(self, data: st.DataObject, *, keep: bool) -> None:
        """By a directory: the new primary may be anybody's alias, and the old one is unlinked unless it is kept."""
        self.begin()
        old, new = data.draw(st.sampled_from(self.leaders)), data.draw(st.sampled_from(self.others))
        mailbox, holder = self.expected.holder(old) or "", self.expected.holder(new)
        self.carry_out(Promote(self.ref(mailbox), new, self.ref(holder) if holder else None, keep))
        self.expected.give(new, mailbox)
        self.expected.primary[mailbox] = new
        if not keep:
            self.expected.give(old, None)

    @precondition(lambda self: self.leaders)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        """Its owner leaves; all its addresses are nobody's."""
        self.begin()
        primary = data.draw(st.sampled_from(self.leaders))
        mailbox = self.expected.holder(primary) or ""
        assert 204 == self.ask(f"DELETE /mailboxes/{primary}").status
        for each in self.expected.addresses(mailbox):
            self.expected.give(each, None)

    @rule(data=st.data(), address=addresses)
    def open_again(self, data: st.DataObject, address: Address) -> None:
        """Whoever left comes back to the mailbox, as when a run is reverted."""
        self.begin()
        closed = [each for each in self.expected.primary if not self.expected.addresses(each)]
        if closed and self.expected.holder(address) is None:
            mailbox = data.draw(st.sampled_from(closed))
            self.carry_out(Open(Ref(MailboxId(mailbox), address), Profile()))
            self.expected.give(address, mailbox)
            self.expected.primary[mailbox] = address

    @rule(archive=addresses, to=addresses)
    def delegate(self, archive: Address, to: Address) -> None:
        """For good."""
        self.grant(archive, to, None)

    @rule(archive=addresses, to=addresses, lasts=st.sampled_from([1, 2, 60]))
    def delegate_for_some_time(self, archive: Address, to: Address, lasts: int) -> None:
        """Until a whole second so many seconds from now."""
        self.grant(archive, to, lasts)

    @precondition(lambda self: self.aliases)
    @rule(data=st.data(), to=addresses)
    def delegate_an_alias(self, data: st.DataObject, to: Address) -> None:
        """That address alone."""
        self.grant(data.draw(st.sampled_from(self.aliases)), to, None)

    def grant(self, archive: Address, to: Address, lasts: int | None) -> None:
        """A primary's archive is the whole mailbox, any other address's is that alone; one's own is one's own."""
        self.begin()
        owner, reader = self.expected.holder(archive), self.expected.holder(to)
        expires = self.expected.now.replace(microsecond=0) + timedelta(seconds=lasts) if lasts else None
        answer = self.ask(
            f"PUT /archives/{archive}/delegates/{to}", {"expires_at": second(expires)} if expires else None
        )
        if self.expected.is_known(archive) and reader and reader != owner:
            assert answer.status in {200, 201}
            whole = owner if self.led(archive) == archive else None
            granted = Granted(owner, None if whole else archive, reader, self.expected.now, expires)
            self.expected.delegations[whole or archive, reader] = granted

    @rule(archive=addresses, to=addresses)
    def end(self, archive: Address, to: Address) -> None:
        """Of the address, and of every mailbox whose primary it is or was last."""
        self.begin()
        answer = self.ask(f"DELETE /archives/{archive}/delegates/{to}")
        if self.expected.is_known(archive):
            assert 204 == answer.status
            led = {each for each, primary in self.expected.primary.items() if primary == to}
            holder = self.expected.holder(to)
            for reader in led | ({holder} if holder else set()):
                for each in (archive, *self.expected.primary):
                    if each == archive or self.expected.primary[each] == archive:
                        self.expected.delegations.pop((each, reader), None)

    @rule(seconds=st.sampled_from([1, 2, 60]))
    def wait(self, seconds: int) -> None:
        """Delegations expire."""
        self.pass_time(timedelta(seconds=seconds))

    @rule(mirrors=st.booleans())
    def clean(self, *, mirrors: bool) -> None:
        """Of what has expired, DynamoDB removes the two items one by one, whenever it gets round to it."""
        for each in self.expected.delegations.values():
            if not self.expected.lasts(each):
                target = Target(MailboxId(each.owner) if each.owner else None, each.address)
                self.world.table.remove((mirror_key if mirrors else delegation_key)(target, MailboxId(each.reader)))

    @rule(to=st.sets(addresses, min_size=1, max_size=3), sender=st.just(STRANGER) | addresses, ago=st.integers(0, 3))
    def receive(self, to: set[Address], sender: str, ago: int) -> None:
        """A message was stored a moment ago, and is filed now."""
        self.begin()
        key, at = f"inbound/{self.acts}", self.expected.now.replace(microsecond=0) - timedelta(seconds=ago)
        self.world.room.put(key, raw_message(message_id=f"<{self.acts}@example.org>"), at)
        filed = self.world.room.file(key, Envelope(sender, tuple(to)))
        reached = frozenset(to) | {each for each in ADDRESSES if each == sender}
        self.expected.mail.append(Mail(filed.message.digest, at, reached))

    @rule(person=addresses)
    def look(self, person: Address) -> None:
        """Somebody reads all that they may, and asks for all that there is."""
        assert self.expected.shown(person, ADDRESSES) == shown(
            person, ADDRESSES, [each.id for each in self.expected.mail]
        )

    def teardown(self) -> None:
        """In the end, everybody looks."""
        for each in ADDRESSES:
            self.look(each)


def test_everybody_sees_at_every_moment_what_the_rules_say() -> None:
    """Nothing more, nothing less, and the same by the list and by a message's id."""
    with archive_world() as world:
        histories = cast("type[RuleBasedStateMachine]", partial(Histories, world))
        run_state_machine_as_test(histories, settings=settings(max_examples=12, stateful_step_count=15))
