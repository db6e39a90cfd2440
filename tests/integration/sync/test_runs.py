"""Runs of a directory: only what changed is read, looking changes nothing, and what was done can be taken back."""

from concurrent.futures import ThreadPoolExecutor

from tests.integration.sync.accounts import Accounts
from tests.integration.sync.office import Directory, Office


def test_after_a_whole_reading_runs_read_only_what_changed_and_see_it_all(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """An alias added, one removed, a rename, a leaver, a joiner, a disabled account; one run each, then all at once."""
    corp.configure(disabled_accounts="close")
    for name in ("alice", "bob", "carol", "dave"):
        accounts.add(name, name, f"{name}.alias")
    first = corp.applied()
    assert (8, True) == (len(first.steps), first.whole)

    accounts.give("alice", "alice", "alice.alias", "added")
    accounts.give("bob", "bob")
    run = corp.applied()
    assert ({"link added to alice", "unlink bob.alias from bob"}, False) == (set(run.steps), run.whole)

    accounts.give("carol", "carol.smith", "carol.alias", "carol")
    run = corp.applied()
    assert (["promote carol.smith to primary of carol, which is kept as an alias"], False) == (run.steps, run.whole)

    accounts.remove("dave")
    accounts.disable("bob")
    accounts.add("erin", "erin", "dave.alias")
    accounts.give("alice", "alice", "added")
    run = corp.applied()
    assert not run.whole
    assert {
        "close the mailbox of dave",
        "close the mailbox of bob",
        "open a mailbox for erin",
        "relink dave.alias from dave to erin",
        "unlink alice.alias from alice",
    } == set(run.steps)
    assert {"alice": ["added"], "carol.smith": ["carol", "carol.alias"], "erin": ["dave.alias"]} == office.links()


def test_a_configuration_that_changes_what_is_read_makes_the_next_run_read_everything(
    corp: Directory, accounts: Accounts
) -> None:
    """A cursor is worth nothing once the words are understood otherwise."""
    accounts.add("Alice", "alice")
    corp.applied()
    assert False is corp.applied().whole
    corp.configure(disabled_accounts="close")
    assert True is corp.applied().whole


def test_a_dry_run_says_what_the_run_that_follows_does(office: Office, corp: Directory, accounts: Accounts) -> None:
    """The same sentences in the same order, the same counts, the same digest; and it changes nothing itself."""
    accounts.add("Alice", "alice", "a1", "shared")
    accounts.add("Bob", "bob", "b1", "shared")
    corp.applied()
    accounts.give("Alice", "alice.smith", "alice", "b1")
    accounts.give("Bob", "bob", "b2", "bob@example.net")
    accounts.add("Carol", "carol", "a1")
    before = office.items()
    dry = corp.dry_run()
    assert before == [item for item in office.items() if item["pk"] != f"RUN#{dry.id}"]
    real = corp.applied()
    assert (dry.steps, dry.found, dry.counts, dry.digest) == (real.steps, real.found, real.counts, real.digest)
    assert 5 <= len(real.steps)
    assert {"alice.smith": ["alice", "b1"], "bob": ["b2"], "carol": ["a1"]} == office.links()


def test_a_sync_without_changes_writes_its_run_record_and_the_directorys_state_and_no_more(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Whether it reads everything or only what changed."""
    accounts.add("Alice", "alice", "a1")
    corp.applied()
    for whole in (False, True):
        before = office.items()
        run = office.ended(corp.order(whole=whole).json()["run"])
        written = [item for item in office.items() if item not in before]
        assert [(f"DIRECTORY#{corp.name}", "STATE"), (f"RUN#{run.id}", "RUN")] == [
            (item["pk"], item["sk"]) for item in written
        ]
        assert ("applied", 0, whole) == (run.status, len(run.steps), run.whole)


def test_taking_a_run_back_brings_everything_back(office: Office, corp: Directory, accounts: Accounts) -> None:
    """Joiner, leaver, rename and hand-over; the next whole run does it again, since the directory still says so."""
    for name in ("alice", "bob", "carol"):
        accounts.add(name, name, f"{name}.alias")
    corp.applied()
    before = office.links()
    accounts.give("alice", "alice.smith", "alice", "carol.alias")
    accounts.remove("bob")
    accounts.give("carol", "carol")
    accounts.add("dave", "dave", "alice.alias")
    run = corp.applied()
    changed = office.links()
    assert before != changed
    reverted = corp.reverted(run)
    assert ("applied", 0) == (reverted.status, reverted.counts["conflict"]), reverted
    assert before == office.links()
    again = corp.applied(whole=True)
    assert changed == office.links()
    assert "applied" == again.status


def test_what_has_moved_on_since_is_a_reported_conflict_when_a_run_is_taken_back(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """An administrator's later decision is not overwritten; the rest is taken back."""
    accounts.add("Alice", "alice")
    accounts.add("Bob", "bob")
    corp.applied()
    accounts.give("Alice", "alice", "a1", "a2")
    run = corp.applied()
    path = f"/mailboxes/{office.address('bob')}/aliases/{office.address('a1')}"
    office.admin.put(path, json={"from": office.address("alice")}).raise_for_status()
    reverted = corp.reverted(run)
    assert {"unlink": 1, "conflict": 1}.items() <= reverted.counts.items()
    assert {"unlink a1 from alice": "conflict", "unlink a2 from alice": "applied"} == dict(
        zip(reverted.steps, reverted.outcomes, strict=True)
    )
    assert {"alice": [], "bob": ["a1"]} == office.links()


def test_a_run_that_changed_nothing_cannot_be_taken_back(corp: Directory, accounts: Accounts) -> None:
    """409: a dry run has nothing that could be."""
    accounts.add("Alice", "alice")
    refused = corp.decide(corp.dry_run(), "revert")
    assert (409, "run-not-applied") == (refused.status_code, refused.json()["type"])


def test_of_two_orders_at_once_one_is_carried_out_and_the_other_steps_back(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """One run of a directory at a time: refused by the API, or failed with the reason; the other did it all."""
    for number in range(20):
        accounts.add(f"P{number}", f"p{number}", f"a{number}")
    with ThreadPoolExecutor(2) as both:
        answers = list(both.map(lambda _: corp.order(), range(2)))
    refused = [answer for answer in answers if answer.status_code != 202]
    assert [] == [answer.text for answer in refused if answer.json()["type"] != "run-under-way"]
    runs = [office.ended(answer.json()["run"]) for answer in answers if answer.status_code == 202]
    stepped_back = [run for run in runs if run.status != "applied"]
    assert [] == [run for run in stepped_back if "is under way" not in run.because]
    done = [run for run in runs if run.status == "applied"]
    # The second may also begin after the first has ended, and finds nothing to do.
    assert (40, 2) == (sum(len(run.steps) for run in done), len(refused) + len(runs))
    assert 20 == len(office.links())
    corp.has_nothing_left()


def test_a_directory_that_is_disabled_is_only_looked_at(office: Office, corp: Directory, accounts: Accounts) -> None:
    """409 for a sync, and a dry run all the same."""
    accounts.add("Alice", "alice")
    corp.configure(enabled=False)
    refused = corp.order()
    assert (409, "directory-disabled") == (refused.status_code, refused.json()["type"])
    assert ["open a mailbox for alice"] == corp.dry_run().steps
    assert {} == office.links()


def test_the_mailboxes_of_a_directory_that_is_forgotten_stay(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """As if an administrator had made them by hand; the directory can be configured again."""
    accounts.add("Alice", "alice", "a1")
    corp.applied()
    before = office.book()
    assert 204 == office.admin.delete(corp.path).status_code
    assert 404 == corp.order().status_code
    assert before == office.book()
    corp.configure()
    assert [] == corp.applied(whole=True).steps
