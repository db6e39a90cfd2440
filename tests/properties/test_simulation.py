"""The simulation finds what is wrong: with a rule taken out of the functions, some schedule ends in a violation.

``python -m tests.simulation`` runs the schedules of the functions as they are, 20,000 of them in ``make test``.
"""

import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from tests.simulation.beginning import Worlds
from tests.simulation.cloud import Violated
from tests.simulation.schedule import Schedule

type Modules = dict[str, Any]
type Mistake = tuple[Any, str, Any]

# So many schedules are tried, at most, to find one mistake.
MOST = 1500


@pytest.fixture(scope="module")
def worlds() -> Iterator[Worlds]:
    """They take seconds to make; what the functions would log of all the faults is of no use here."""
    logging.disable(logging.CRITICAL)
    yield Worlds()
    logging.disable(logging.NOTSET)


def no_condition(modules: Modules) -> list[Mistake]:
    """A step is written whatever has been written since it was read."""
    right = modules["addresses.wire"].update_request

    def wrong(*request: Any) -> Any:
        found = right(*request)
        version = found["ExpressionAttributeValues"].pop(":version_read", None)
        return {name: value for name, value in found.items() if name != "ConditionExpression"} | {"was": version}

    return [(modules["addresses.table"], "update_request", wrong)]


def overwriting(modules: Modules) -> list[Mistake]:
    """What must be new is put over what is there."""

    def wrong(table: Any, item: Any) -> None:
        table.put(item)

    return [(modules["addresses.table"].Table, "put_new", wrong)]


def no_record(modules: Modules) -> list[Mistake]:
    """A transaction is carried out again although its record says what became of it, and writes the record again."""
    right, together = modules["addresses.apply"].read_with, modules["addresses.book"].changes

    def read_with(*asked: Any) -> Any:
        return right(*asked)[0], None

    def write(table: Any, before: Any, after: Any, records: Any) -> None:
        writes = together(before, after)
        if writes:
            table.write_together(writes)
            for record in records:
                table.put(record)

    return [(modules["addresses.apply"], "read_with", read_with), (modules["addresses.apply"], "write", write)]


def no_judgement(modules: Modules) -> list[Mistake]:
    """A step is applied whoever has the address."""
    return [(modules["addresses.outcome"], "_not_held_by", lambda *_: "")]


def early_cursor(modules: Modules) -> list[Mistake]:
    """The cursor moves when a plan is decided on, not when it has been applied."""
    right = modules["directory_sync.sync"].decision

    def wrong(found: Any, planned: Any, *more: Any) -> Any:
        decided = right(found, planned, *more)
        if planned.dry_run:
            return decided
        whole_at = planned.started_at if planned.reading.whole else decided.state.whole_at
        return replace(decided, state=replace(decided.state, reading=planned.reading, whole_at=whole_at))

    return [(modules["directory_sync.sync"], "decision", wrong)]


def decided_twice(modules: Modules) -> list[Mistake]:
    """Of an order that is delivered twice at once, both decide."""
    return [(modules["directory_sync.sync"], "_is_open", lambda _found: True)]


def unasked_access(modules: Modules) -> list[Mistake]:
    """Whoever was unlinked still sees the mailbox that they belonged to last."""
    right, state = modules["archive_api.access"].mailbox_from, modules["addresses.mailbox"].AddressState

    class Everybody(tuple):  # type: ignore[type-arg]
        __slots__ = ()

        def __contains__(self, _each: object) -> bool:
            return True

    class Belonging(state):  # type: ignore[misc, valid-type]
        mailbox = property(lambda self: next((each.mailbox for each in reversed(self.starts) if each.mailbox), None))

    class Open(modules["addresses.mailbox"].Mailbox):  # type: ignore[misc]
        addresses = property(lambda self: Everybody((self.primary, *self.aliases)))

    access = modules["archive_api.access"]
    known = access.address_from
    return [
        (access, "mailbox_from", lambda item: Open(**vars(right(item)))),
        (access, "address_from", lambda item: Belonging(**vars(known(item)))),
    ]


def endless_delegation(modules: Modules) -> list[Mistake]:
    """A delegation that has ended or expired still gives something."""
    return [(modules["addresses.delegation"].Delegation, "holds_at", lambda *_: True)]


def swallowed_failures(modules: Modules) -> list[Mistake]:
    """Mail that could not be filed is acknowledged."""
    right = modules["mail_ingest.handler"].tried

    def wrong(do: Any, records: Any) -> dict[str, Exception]:
        right(do, records)
        return {}

    return [(modules["mail_ingest.handler"], "tried", wrong)]


def forgotten_rest(modules: Modules) -> list[Mistake]:
    """What a batch left undone is not done again."""
    right = modules["addresses.table"].Table.put_all

    def wrong(table: Any, items: Any) -> None:
        asked = table._client.batch_write_item  # noqa: SLF001 - as the table does

        class Careless:
            def __getattr__(self, name: str) -> Any:
                if name == "batch_write_item":
                    return lambda **request: asked(**request) and {}
                return getattr(table._client, name)  # noqa: SLF001

        right(type(table)(Careless(), table._name), items)  # noqa: SLF001

    return [(modules["addresses.table"].Table, "put_all", wrong)]


def sent_over_received(modules: Modules) -> list[Mistake]:
    """The entry of a sender takes the place of the one of a recipient."""

    class Careless(modules["addresses.table"].Table):  # type: ignore[misc]
        def put_new(self, item: Any) -> Any:
            return self.put(item) if item["pk"].startswith("ARCHIVE#") else super().put_new(item)

    def connected(name: str, at_once: int) -> Any:
        table = modules["addresses.table"].connected(name, at_once)
        table.__class__ = Careless
        return table

    return [(modules["mail_ingest.app"], "connected", connected)]


def approved_anyhow(modules: Modules) -> list[Mistake]:
    """A run is approved whatever has become of it."""
    return [(modules["link_api.decisions"], "_held", lambda found, _run: found.run)]


def one_plan_for_all(modules: Modules) -> list[Mistake]:
    """Plans lie under one key, whatever they do."""
    plan = modules["addresses.plan"].Plan
    return [(plan, "digest", property(lambda _plan: "0" * 64))]


def unnoticed_leavers(modules: Modules) -> list[Mistake]:
    """Whoever is gone from a directory keeps their mailbox."""
    right = modules["addresses.reconcile"].matched
    return [(modules["addresses.reconcile"], "matched", lambda *asked: replace(right(*asked), leaving=()))]


def blind_index(modules: Modules) -> list[Mistake]:
    """The index of a directory's mailboxes shows none."""
    return [(modules["addresses.table"].Table, "directory_shard", lambda *_: iter(()))]


def unnoticed_strays(modules: Modules) -> list[Mistake]:
    """A link of its own that the directory no longer has stays."""
    steps = modules["addresses.reconcile"]._Steps  # noqa: SLF001
    return [(steps, "_stray", lambda *_: ())]


def no_authority(modules: Modules) -> list[Mistake]:
    """Of two directories, the one that was read last has the address."""
    return [(modules["addresses.desired"].Desired, "yields_to", lambda *_: False)]


MISTAKES = (
    *(no_condition, overwriting, no_record, no_judgement, early_cursor, decided_twice),
    *(unasked_access, endless_delegation, swallowed_failures, forgotten_rest, sent_over_received, approved_anyhow),
    *(one_plan_for_all, unnoticed_leavers, blind_index, unnoticed_strays, no_authority),
)


@pytest.fixture
def made(worlds: Worlds, request: pytest.FixtureRequest) -> Iterator[Worlds]:
    """Worlds whose functions all make this mistake."""
    with ExitStack() as stack:
        for container in worlds.cloud.containers:
            for where, name, wrong in request.param(container.modules):
                stack.enter_context(patch.object(where, name, wrong))
        yield worlds


# Hundreds of schedules may end well before one does not; twenty seconds where nothing else runs.
@pytest.mark.timeout(600)
@pytest.mark.parametrize("made", MISTAKES, indirect=True, ids=lambda mistake: mistake.__name__)
def test_a_mistake_ends_in_a_violation(made: Worlds) -> None:
    """Of each kind: a step's condition, the cursor, the access check, the path of what is delivered again."""
    for seed in range(MOST):
        try:
            Schedule(made.world(seed), seed).run()
        except Violated:
            return
    pytest.fail(f"{MOST} schedules found nothing")


def test_a_seed_is_all_that_it_takes_to_run_a_schedule_again(worlds: Worlds) -> None:
    """To the last call, and the last item."""

    def run(seed: int) -> tuple[Any, Any]:
        world = worlds.world(seed)
        schedule = Schedule(world, seed)
        schedule.run()
        return schedule.figures(), dict(world.cloud.store.items)

    for seed in (3, 7, 12):
        assert run(seed) == run(seed)
