"""What is written into the table and the bucket of plans comes back as it was."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addresses.directory import Directory, EntraDirectory, GoogleDirectory
from addresses.directory_items import directory_from, directory_item
from addresses.mailbox import MailboxId, Profile, Source
from addresses.outcome import Outcome, Verdict
from addresses.run import Run
from addresses.run_items import outcomes_from, run_from, run_write, steps_item
from addresses.step import Adopt, Close, Link, Open, Promote, Ref, Relink, Step, Unlink, data, from_data
from addresses.sync_state import SyncState
from addresses.sync_state_items import state_from, state_write
from addresses.table import Item
from addresses.wire import plain
from tests.capacity import stored
from tests.example_items import DIRECTORY, RUN, STATE, SYNC
from tests.metered import written
from tests.people import A1, ALICE, BOB

refs = st.builds(Ref, st.sampled_from([MailboxId("m-1"), MailboxId("m-2")]), st.sampled_from([ALICE, BOB]))
profiles = st.builds(Profile, st.text(max_size=3), st.none() | st.just("corp"), st.none() | st.just("1"))
sources = st.none() | st.sampled_from([Source("manual"), Source("directory:corp")])
aliases = st.just(A1)
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(Unlink, refs, aliases),
    st.builds(Close, refs),
    st.builds(Open, refs, profiles, st.none() | refs),
    st.builds(Adopt, refs, profiles, profiles),
    st.builds(Promote, refs, st.just(BOB), st.none() | refs, st.booleans(), sources),
    st.builds(Relink, aliases, refs, refs, sources),
    st.builds(Link, refs, aliases, sources),
)


def in_the_table(item: Item) -> Item:
    """The item as DynamoDB gives it back."""
    return plain(stored(item))


@given(steps)
def test_a_step_comes_back_from_a_plan(step: Step) -> None:
    """By way of JSON."""
    assert step == from_data(json.loads(json.dumps(data(step))))


@given(st.lists(steps, max_size=4), st.sampled_from(Verdict), st.text(max_size=3))
def test_outcomes_come_back_from_the_record_of_a_transaction(done: list[Step], verdict: Verdict, reason: str) -> None:
    """Each step, what became of it, and why."""
    outcomes = tuple(Outcome(step, verdict, reason) for step in done)
    assert outcomes == outcomes_from(in_the_table(steps_item(RUN.id, 0, 0, outcomes)))


@pytest.mark.parametrize(
    "run", [RUN, SYNC, replace(SYNC, dry_run=True, because="why", decided_by=ALICE, reverts=RUN.id)]
)
def test_a_run_comes_back(run: Run) -> None:
    """With one version more, for being written."""
    assert replace(run, version=run.version + 1) == run_from(in_the_table(written(run_write(run))))


@pytest.mark.parametrize("state", [STATE, SyncState("corp")])
def test_a_directorys_state_comes_back(state: SyncState) -> None:
    """With one version more; that of a directory of which no run has been yet is nothing."""
    assert replace(state, version=state.version + 1) == state_from("corp", in_the_table(written(state_write(state))))
    assert SyncState("corp") == state_from("corp", None)


@pytest.mark.parametrize(
    "directory",
    [
        DIRECTORY,
        EntraDirectory(kind="entra", tenant_id="t", client_id="c", secret_name="s"),
        GoogleDirectory(kind="google", customer="my_customer", admin="a@example.com", secret_name="s", auto_link=False),
    ],
)
def test_a_directory_comes_back(directory: Directory) -> None:
    """Its percentage, too, which the table keeps as a decimal."""
    assert directory == directory_from(in_the_table(directory_item("corp", directory)))
