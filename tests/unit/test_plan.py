"""A plan as data: sorted, counted, in words, and with a digest that says what it does."""

import json
from hashlib import sha256
from itertools import permutations

import pytest

from addresses.mailbox import MANUAL, Profile, Source
from addresses.plan import Conflict, Plan, in_order
from addresses.step import Adopt, Close, Link, Open, Promote, Relink, Step, Unlink, data
from tests.people import A1, A2, ALICE, B1, BOB, CAROL, ref

M_ALICE, M_BOB, M_CAROL = ref("m-alice", ALICE), ref("m-bob", BOB), ref("m-carol", CAROL)
EVERY_KIND: list[Step] = [
    Unlink(M_ALICE, A1),
    Close(M_BOB),
    Open(M_CAROL, Profile("Carol", "corp", "7")),
    Adopt(M_ALICE, Profile("Alice"), Profile("Alice", "corp", "1")),
    Promote(M_ALICE, A2, None, keep=False),
    Relink(B1, M_BOB, M_CAROL),
    Link(M_CAROL, A1),
]
CONFLICTS = [Conflict(B1, ("1", "2"), "two mailboxes claim it"), Conflict(A1, ("1",), "another directory holds it")]


def test_what_gives_up_comes_before_what_takes_and_then_the_sentence_decides() -> None:
    """Whatever order the steps were found in."""
    assert tuple(EVERY_KIND) == in_order(MANUAL, reversed(EVERY_KIND)).steps
    links = [Link(M_ALICE, A1), Link(M_ALICE, A2), Link(M_BOB, B1)]
    assert {tuple(links)} == {in_order(MANUAL, each).steps for each in permutations(links)}
    assert [A1, B1] == [each.address for each in in_order(MANUAL, [], CONFLICTS).conflicts]


def test_a_plans_digest_is_the_same_in_every_order_and_on_every_day() -> None:
    """An administrator approves exactly this digest: code that changes it makes every held run void."""
    digests = {in_order(MANUAL, each).digest for each in permutations(EVERY_KIND[:4])}
    assert 1 == len(digests)
    digest = "7600ef14a8f2ff641f22eb630f304ae15aacd761455a07ac378ba06d6e27cadc"
    assert digest == in_order(Source("directory:corp"), EVERY_KIND).digest


def test_plans_that_do_different_things_have_different_digests() -> None:
    """Each step counts, whose it is, and every part of it."""
    plans = [
        in_order(MANUAL, EVERY_KIND),
        in_order(Source("directory:corp"), EVERY_KIND),
        *(in_order(MANUAL, EVERY_KIND[:kept]) for kept in range(len(EVERY_KIND))),
        in_order(MANUAL, [Link(M_CAROL, A2)]),
        in_order(MANUAL, [Link(ref("m-carol-2", CAROL), A1)]),
        in_order(MANUAL, [Promote(M_ALICE, A2, None, keep=True)]),
        in_order(MANUAL, [Promote(M_ALICE, A2, M_ALICE, keep=False)]),
        in_order(MANUAL, [Promote(M_ALICE, A2, None, keep=False)]),
    ]
    assert len(plans) == len({plan.digest for plan in plans})


def test_a_digest_is_of_what_is_done_and_not_of_what_was_found() -> None:
    """A conflict that comes up beside the same steps takes nobody's approval away."""
    assert in_order(MANUAL, EVERY_KIND).digest == in_order(MANUAL, EVERY_KIND, CONFLICTS, unchanged=5).digest


def test_a_plan_counts_every_kind_and_says_everything_in_words() -> None:
    """Steps first, then conflicts; kinds that it lacks are nought."""
    plan = in_order(MANUAL, [Link(M_CAROL, B1), Link(M_ALICE, A1), Close(M_BOB)], CONFLICTS, unchanged=5)
    none = dict.fromkeys(["unlink", "open", "adopt", "promote", "relink"], 0)
    assert {**none, "close": 1, "link": 2, "conflict": 2, "ignored": 0, "unchanged": 5} == plan.counts
    assert (
        "close the mailbox of bob@example.com",
        "link a1@example.com to alice@example.com",
        "link b1@example.com to carol@example.com",
        "conflict over a1@example.com: another directory holds it",
        "conflict over b1@example.com: two mailboxes claim it",
    ) == plan.sentences


def test_the_steps_of_a_plan_are_json() -> None:
    """As a file or an item holds them, nothing is lost."""
    steps = [data(step) for step in in_order(MANUAL, EVERY_KIND).steps]
    assert steps == json.loads(json.dumps(steps))
    assert ["unlink", "close", "open", "adopt", "promote", "relink", "link"] == [each["step"] for each in steps]
    assert {"step": "link", "mailbox": {"id": "m-carol", "primary": CAROL}, "alias": A1} == steps[-1]


@pytest.mark.parametrize("steps", [EVERY_KIND, EVERY_KIND[:1], []])
def test_the_digest_is_of_the_whole_plan_as_json(steps: list[Step]) -> None:
    """However it is computed."""
    plan = in_order(Source("directory:köln"), steps)
    whole = {"source": plan.source, "steps": [data(step) for step in plan.steps]}
    assert sha256(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()).hexdigest() == plan.digest


def test_a_plan_of_nothing_is_a_plan() -> None:
    """It has a digest of its own."""
    assert () == Plan(MANUAL, ()).sentences
    assert 64 == len(Plan(MANUAL, ()).digest)
