"""Too much change waits for a person: held with its sentence, decided once, superseded by newer plans, never lost."""

import pytest

from tests.integration.sync.accounts import Accounts
from tests.integration.sync.office import Directory, Ended, Office


@pytest.fixture
def careful(corp: Directory, accounts: Accounts) -> Directory:
    """A directory of which a run may take away one address unasked; six people are linked."""
    corp.configure(limits={"count": 2, "percent": 20, "floor": 1})
    for number in range(6):
        accounts.add(f"P{number}", f"p{number}", f"a{number}")
    corp.applied()
    return corp


def held(directory: Directory, accounts: Accounts, *leavers: str) -> Ended:
    """The run that is held because these left."""
    for leaver in leavers or ("P0", "P1"):
        accounts.remove(leaver)
    run = directory.sync()
    assert "held" == run.status, run
    return run


def test_a_mass_change_is_held_with_how_many_of_how_many_the_limits_and_the_way_out(
    office: Office, careful: Directory, accounts: Accounts
) -> None:
    """Nothing of it is done; its steps can be read."""
    run = held(careful, accounts)
    assert (
        f"directory:{careful.name} would take away 4 of its 12 addresses (2 unlink, 2 close; 33.3 %), which is over "
        "the limit of 2 and the limit of 20 %. If this is meant, approve the run with its digest within 24 hours; "
        "else reject it."
    ) == run.held_because
    assert ["planned"] * 4 == run.outcomes
    assert 6 == len(office.links())


def test_up_to_the_floor_nobody_is_asked(office: Office, careful: Directory, accounts: Accounts) -> None:
    """A small organisation is not asked about every leaver's alias."""
    accounts.give("P0", "p0")
    assert ["unlink a0 from p0"] == careful.applied().steps
    assert [] == office.links()["p0"]


def test_an_approval_is_of_exactly_one_plan_and_counts_once(
    office: Office, careful: Directory, accounts: Accounts
) -> None:
    """Another digest is refused with 409; a second approval too; who approved is remembered."""
    run = held(careful, accounts)
    other = careful.decide(run, "approve", digest="0" * 64)
    assert (409, "digest-differs") == (other.status_code, other.json()["type"])
    assert 6 == len(office.links())
    done = careful.approved(run)
    assert ({"unlink": 2, "close": 2}.items() <= done.counts.items(), "admin@example.com") == (True, done.decided_by)
    assert {f"p{number}": [f"a{number}"] for number in range(2, 6)} == office.links()
    again = careful.decide(run, "approve", digest=run.digest)
    assert (409, "run-not-held") == (again.status_code, again.json()["type"])


def test_a_held_run_leaves_the_cursor_so_an_approval_and_the_next_run_bring_everything(
    office: Office, careful: Directory, accounts: Accounts
) -> None:
    """What happens while it waits is not passed over."""
    before = careful.cursor
    run = held(careful, accounts)
    assert before == careful.cursor
    accounts.add("Joiner", "joiner", "j1")
    careful.decide(run, "approve", digest=run.digest).raise_for_status()
    assert "applied" == office.ended(run.id).status
    assert before != careful.cursor
    assert {"open a mailbox for joiner", "link j1 to joiner"} == set(careful.applied().steps)
    assert {"joiner": ["j1"], **{f"p{number}": [f"a{number}"] for number in range(2, 6)}} == office.links()


def test_a_newer_plan_takes_the_place_of_a_held_one(office: Office, careful: Directory, accounts: Accounts) -> None:
    """It has all of the older one's changes and the new ones; the older one can no longer be approved."""
    old = held(careful, accounts)
    accounts.add("Joiner", "joiner")
    new = held(careful, accounts, "P2")
    superseded = office.ended(old.id)
    assert ("superseded", True) == (superseded.status, new.id in superseded.because)
    refused = careful.decide(old, "approve", digest=old.digest)
    assert (409, "run-not-held") == (refused.status_code, refused.json()["type"])
    done = careful.approved(new)
    assert {"unlink": 3, "close": 3, "open": 1}.items() <= done.counts.items()


def test_a_change_taken_back_in_the_directory_leaves_the_held_run_superseded_and_nothing_done(
    office: Office, careful: Directory, accounts: Accounts
) -> None:
    """The way out that needs nobody here."""
    for number in range(4):
        accounts.give(f"P{number}", f"p{number}")
    run = careful.sync()
    assert "held" == run.status
    for number in range(4):
        accounts.give(f"P{number}", f"p{number}", f"a{number}")
    assert [] == careful.applied().steps
    assert "superseded" == office.ended(run.id).status


def test_a_rejected_plan_is_rejected_again_without_being_held_until_the_directory_is_configured_anew(
    office: Office, careful: Directory, accounts: Accounts
) -> None:
    """Nobody is asked the same every quarter of an hour; the cursor stays, so it all comes when it is wanted."""
    before = careful.cursor
    run = held(careful, accounts)
    careful.decide(run, "reject").raise_for_status()
    rejected = office.ended(run.id)
    assert ("rejected", "admin@example.com") == (rejected.status, rejected.decided_by)
    twice = careful.decide(run, "reject")
    assert (409, "run-not-held") == (twice.status_code, twice.json()["type"])

    again = careful.sync()
    assert ("rejected", run.digest) == (again.status, again.digest)
    assert "An administrator rejected just this plan before." in again.because
    assert before == careful.cursor
    assert 6 == len(office.links())

    careful.configure()
    anew = careful.sync()
    assert ("held", run.digest) == (anew.status, anew.digest)
    careful.approved(anew)
    assert 4 == len(office.links())


def test_another_plan_after_a_rejected_one_is_held(office: Office, careful: Directory, accounts: Accounts) -> None:
    """A rejection is of one plan too."""
    run = held(careful, accounts)
    careful.decide(run, "reject").raise_for_status()
    another = held(careful, accounts, "P2")
    assert run.digest != another.digest
    assert 6 == len(office.links())


def test_a_dry_run_says_that_the_run_would_be_held(careful: Directory, accounts: Accounts) -> None:
    """In the same sentence, and it replaces no run that waits."""
    for leaver in ("P0", "P1"):
        accounts.remove(leaver)
    dry = careful.dry_run()
    real = careful.sync()
    assert (dry.held_because, dry.digest, dry.steps) == (real.held_because, real.digest, real.steps)
    assert ("planned", "held") == (dry.status, real.status)
    careful.dry_run()
    careful.approved(real)
