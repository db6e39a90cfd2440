"""Short ways to write down mailboxes and addresses in tests."""

from addresses.address import Address, parse
from addresses.effect import Effect, effect
from addresses.mailbox import MANUAL, Existing, Mailbox, MailboxId, Profile, RunId, Source, Stamp
from addresses.outcome import Verdict
from addresses.step import Link, Open, Ref, Step

ALICE, BOB, CAROL = (parse(f"{name}@example.com") for name in ("alice", "bob", "carol"))
A1, A2, B1 = (parse(f"{name}@example.com") for name in ("a1", "a2", "b1"))


def ref(mailbox: str, primary: Address) -> Ref:
    """A mailbox as steps name it."""
    return Ref(MailboxId(mailbox), primary)


def at(hour: int, source: Source = MANUAL) -> Stamp:
    """A change at this hour, in a run that is named after it."""
    return Stamp(source, RunId(f"run-{hour}"), f"2026-03-01T{hour:02}:00:00.000000Z")


def after(*steps: Step, before: Existing | None = None, hour: int = 1) -> Existing:
    """What exists when these steps have been applied, one after the other, an hour apart."""
    existing = before or Existing()
    for position, step in enumerate(steps):
        done = effect([step], existing, at(hour + position))
        assert [Verdict.APPLIED] == [outcome.verdict for outcome in done.outcomes], done.outcomes
        existing = done.after
    return existing


def two_mailboxes() -> Existing:
    """Alice has the alias a1; Bob has none."""
    alice, bob = ref("m-alice", ALICE), ref("m-bob", BOB)
    return after(Open(alice, Profile("Alice")), Open(bob, Profile("Bob")), Link(alice, A1))


def mailbox(existing: Existing, primary: Address) -> Mailbox:
    """The open mailbox of this primary."""
    found = existing.holder(primary)
    assert found is not None
    assert found.primary == primary
    return found


def verdicts(done: Effect) -> list[Verdict]:
    """What became of each step."""
    return [outcome.verdict for outcome in done.outcomes]
