"""Whatever is asked, by whom and in which order: the invariants hold after every step."""

from collections.abc import Sequence

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from addresses.address import Address, parse
from addresses.batches import batches
from addresses.desired import Desired, DesiredMailbox
from addresses.effect import effect
from addresses.errors import Conflicting, Invalid, NotFound
from addresses.mailbox import MANUAL, Existing, MailboxId, RunId, Source, Stamp
from addresses.outcome import Verdict
from addresses.plan import Plan
from addresses.reconcile import plan
from addresses.settings import Settings
from addresses.step import Ref, Step
from link_api import by_hand
from tests.invariants import check_invariants

ADDRESSES = [parse(f"{name}@example.com") for name in "abcdef"] + [parse(f"{name}@example.org") for name in "ab"]
SETTINGS = Settings(internal_domains=["example.com", "example.org"])

addresses = st.sampled_from(ADDRESSES)
entries = st.builds(
    DesiredMailbox,
    directory_id=st.sampled_from("1234"),
    primary=addresses,
    aliases=st.frozensets(addresses, max_size=3),
    name=st.sampled_from(["", "n"]),
)
domains = st.frozensets(st.sampled_from(["example.com", "example.org"]))
snapshots = st.builds(
    Desired,
    st.sampled_from(["corp", "corp", "other"]),
    st.lists(entries, max_size=4).map(tuple),
    gone=st.none() | st.frozensets(st.sampled_from("1234")),
    unclear=st.frozensets(st.sampled_from("1234"), max_size=1),
    auto_link=st.sampled_from([True, True, False]),
    authorities=st.fixed_dictionaries({"corp": domains}, optional={"other": domains}),
)


class Links(RuleBasedStateMachine):
    """Administrators, two directories, replays of old steps and steps that come too late, all on the same addresses."""

    def __init__(self) -> None:
        """Start with nothing."""
        super().__init__()
        self.existing = Existing()
        self.past: list[Step] = []
        self.moment = 0

    def carry_out(self, source: Source, steps: Sequence[Step]) -> list[Verdict]:
        """Apply the steps as the writer does, batch by batch, each twice."""
        verdicts: list[Verdict] = []
        for batch in batches(steps):
            self.moment += 1
            stamp = Stamp(source, RunId(f"run-{self.moment}"), f"2026-03-01T00:00:00.{self.moment:06}Z")
            done = effect(batch, self.existing, stamp)
            check_invariants(done.after)
            again = effect(batch, done.after, stamp)
            if all(outcome.verdict is Verdict.APPLIED for outcome in done.outcomes):
                assert done.after == again.after, "a replay changed something"
            self.existing = done.after
            verdicts += [outcome.verdict for outcome in done.outcomes]
        self.past += steps
        return verdicts

    def ask(self, wanted: Plan) -> None:
        """What a request by hand plans can be carried out, since nobody came between."""
        assert {Verdict.APPLIED} >= set(self.carry_out(MANUAL, wanted.steps))
        self.past += wanted.steps

    @rule(primary=addresses, holder=st.none() | addresses)
    def open(self, primary: Address, holder: Address | None) -> None:
        """By hand."""
        new = Ref(MailboxId(f"by-hand-{self.moment}"), primary)
        try:
            wanted = by_hand.open_mailbox(self.existing, SETTINGS, new, None, holder)
        except (Conflicting, Invalid, NotFound):
            return
        self.ask(wanted)

    @rule(primary=addresses, aliases=st.lists(addresses, min_size=1, max_size=3), holder=st.none() | addresses)
    def link(self, primary: Address, aliases: list[Address], holder: Address | None) -> None:
        """By hand."""
        try:
            wanted = by_hand.link(self.existing, SETTINGS, primary, aliases, holder)
        except (Conflicting, Invalid, NotFound):
            return
        self.ask(wanted)

    @rule(primary=addresses, alias=addresses)
    def unlink(self, primary: Address, alias: Address) -> None:
        """By hand."""
        try:
            wanted = by_hand.unlink(self.existing, primary, alias)
        except (Conflicting, NotFound):
            return
        self.ask(wanted)

    @rule(primary=addresses, address=addresses)
    def promote(self, primary: Address, address: Address) -> None:
        """By hand."""
        try:
            wanted = by_hand.promote(self.existing, primary, address)
        except (Conflicting, NotFound):
            return
        self.ask(wanted)

    @rule(primary=addresses)
    def close(self, primary: Address) -> None:
        """By hand."""
        try:
            wanted = by_hand.close_mailbox(self.existing, primary)
        except NotFound:
            return
        self.ask(wanted)

    @rule(desired=snapshots)
    def sync(self, desired: Desired) -> None:
        """A directory: its plan can be carried out, and then there is nothing left to do."""
        wanted = plan(self.existing.mailboxes.values(), desired)
        assert {Verdict.APPLIED} >= set(self.carry_out(wanted.source, wanted.steps))
        assert () == plan(self.existing.mailboxes.values(), desired).steps

    @precondition(lambda self: self.past)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Steps of any time before come again, alone or together: whatever becomes of them, nothing breaks."""
        steps = data.draw(st.lists(st.sampled_from(self.past), min_size=1, max_size=4, unique=True))
        self.carry_out(MANUAL, steps)

    @invariant()
    def invariants_hold(self) -> None:
        """I1, I2, I3."""
        check_invariants(self.existing)


TestLinks = Links.TestCase
