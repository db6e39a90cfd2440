"""Claims that contradict each other or cannot be used: reported with their claimants, and never guessed at."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from addresses.address import parse
from addresses.apply import apply
from addresses.mailbox import SPREADSHEET, MailboxId
from addresses.run import Run, RunKind, new_run_id
from addresses.step import Link, Ref
from addresses.table import Table
from addresses.times import stamp
from tests.integration.sync.accounts import Accounts
from tests.integration.sync.office import Directory, Office


def link_by_spreadsheet(office: Office, primary: str, alias: str) -> None:
    """Link an alias as a spreadsheet does, in or across domains."""
    found = office.admin.get(f"/mailboxes/{office.address(primary)}").raise_for_status().json()
    now = datetime.now(UTC)
    run = Run(new_run_id(now, uuid4().hex[:12]), RunKind.MANUAL, SPREADSHEET, "admin@example.com", stamp(now))
    ref = Ref(MailboxId(found["id"]), parse(found["primary"]))
    steps = [Link(ref, parse(office.address(alias)))]
    apply(Table(office.dynamodb, office.table_name), run, steps, lambda: now)


def test_of_two_entries_that_claim_one_alias_the_one_that_holds_it_keeps_it(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """The conflict names both."""
    accounts.add("Alice", "alice", "sales")
    corp.applied()
    accounts.add("Bob", "bob", "sales")
    run = corp.applied()
    assert ["conflict over sales: alice and bob both claim it; alice holds it and keeps it"] == run.found
    assert {"alice": ["sales"], "bob": []} == office.links()


def test_of_two_entries_that_claim_an_alias_which_nobody_holds_none_gets_it(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Both are named."""
    accounts.add("Alice", "alice", "sales")
    accounts.add("Bob", "bob", "sales")
    run = corp.applied()
    assert ["conflict over sales: alice and bob both claim it; nobody gets it"] == run.found
    assert {"alice": [], "bob": []} == office.links()


@pytest.mark.parametrize("gives_up", ["Alice", "Bob"])
def test_once_the_directory_has_decided_between_two_claims_so_has_the_sync(
    corp: Directory, accounts: Accounts, gives_up: str
) -> None:
    """Though the entry that gets the alias is not the one that changed."""
    accounts.add("Alice", "alice", "sales")
    accounts.add("Bob", "bob", "sales")
    corp.applied()
    accounts.give(gives_up, gives_up.lower())
    assert [f"link sales to {'bob' if gives_up == 'Alice' else 'alice'}"] == corp.applied().steps


def test_an_alias_that_for_a_while_was_listed_for_both_goes_to_the_new_one_at_the_end(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """As careful administrators hand over: first given to the one, a week later taken from the other."""
    accounts.add("Leaver", "leaver", "sales")
    corp.applied()
    accounts.add("Joiner", "joiner", "sales")
    corp.applied()
    accounts.give("Leaver", "leaver")
    assert ["relink sales from leaver to joiner"] == corp.applied().steps
    assert {"joiner": ["sales"], "leaver": []} == office.links()


def test_two_entries_that_claim_one_primary_are_left_as_they_are(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """The one that has the mailbox keeps it; nothing of the other is done, and both are named."""
    accounts.add("Alice", "alice", "a1")
    corp.applied()
    accounts.add("Impostor", "alice", "a2")
    run = corp.applied()
    assert ([], 1) == (run.steps, run.counts["conflict"])
    [conflict] = run.found
    assert f"2 entries of {corp.name} have the primary alice; all are left as they are" in conflict
    assert {"alice": ["a1"]} == office.links()


def test_a_link_by_hand_stays_when_the_directory_says_nothing_of_it_and_is_reported(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """A mailbox that was opened by hand is adopted with the links it has."""
    office.open("alice", "by-hand")
    accounts.add("Alice", "alice", "a1")
    run = corp.applied()
    assert {f"adopt the mailbox of alice for directory {corp.name}", "link a1 to alice"} == set(run.steps)
    assert [f"by-hand stays linked to alice: manual linked it, directory:{corp.name} lacks it"] == run.found
    assert {"alice": ["a1", "by-hand"]} == office.links()


def test_a_link_by_hand_is_overruled_when_the_directory_says_whose_the_alias_is_and_that_is_reported(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Its word counts more than an administrator's of some day."""
    accounts.add("Alice", "alice")
    accounts.add("Bob", "bob")
    corp.applied()
    office.open("alice", "sales")
    accounts.give("Bob", "bob", "sales")
    run = corp.applied()
    assert ["relink sales from alice to bob"] == run.steps
    [conflict] = run.found
    said = f"manual linked it to alice; directory:{corp.name} says that it is an alias of bob, and counts more"
    assert f"conflict over sales: {said}" == conflict
    assert {"alice": [], "bob": ["sales"]} == office.links()


def test_a_spreadsheets_link_stays_when_the_directory_lacks_it_and_yields_when_it_asserts(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Across domains too; either way it is reported."""
    office.own("old")
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob")
    corp.applied()
    link_by_spreadsheet(office, "alice", "alice@old")
    accounts.give("Alice", "alice")
    run = corp.applied()
    assert ["unlink a1 from alice"] == run.steps
    assert [f"alice@old stays linked to alice: spreadsheet linked it, directory:{corp.name} lacks it"] == run.found
    accounts.give("Bob", "bob", "alice@old")
    run = corp.applied()
    assert ["relink alice@old from alice to bob"] == run.steps
    assert [True] == ["spreadsheet linked it to alice" in each for each in run.found]


def test_the_primary_of_a_mailbox_opened_by_hand_is_not_taken_for_an_alias(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Somebody reads mail there."""
    office.open("sales")
    accounts.add("Alice", "alice", "sales")
    run = corp.applied()
    assert ["conflict over sales: it is the primary of an open mailbox of manual, and stays so"] == run.found
    assert {"alice": [], "sales": []} == office.links()


def test_addresses_outside_the_internal_domains_are_left_out_and_counted_by_domain(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Aliases of a person who stays, and a person altogether."""
    accounts.add("Alice", "alice", "a1", "alice@example.net", "jones@example.net")
    accounts.add("Guest", "guest@partner.example")
    run = corp.applied()
    assert {
        "1 primaries of partner.example were left out: it is not among the internal domains",
        "2 aliases of example.net were left out: it is not among the internal domains",
    } == set(run.found)
    assert 3 == run.counts["ignored"]
    assert {"alice": ["a1"]} == office.links()


def test_proxies_that_are_no_mail_addresses_are_counted_by_their_type(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """As Exchange writes them beside the addresses."""
    accounts.add("Alice", "alice")
    own = office.address("alice")
    accounts.change("Alice", proxyAddresses=[f"SMTP:{own}", "x500:/o=Old/cn=alice", "X500:/o=Org/cn=a", f"sip:{own}"])
    run = corp.applied()
    assert ["values that are no mail addresses were left out: 1 sip, 2 x500"] == run.found
    assert 3 == run.counts["ignored"]


def test_an_entry_with_two_primaries_is_reported_and_left_as_it_is(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Neither renamed nor closed: which of the two counts is for the directory to say."""
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob")
    corp.applied()
    both = [f"SMTP:{office.address(each)}" for each in ("alice", "alice.smith")]
    accounts.change("Alice", proxyAddresses=both, displayName="Alice Jones")
    run = corp.applied()
    [said] = run.found
    assert ([], True) == (run.steps, "'Alice Jones') is left as it is: it has 2 primaries" in said)
    assert {"alice": ["a1"], "bob": []} == office.links()


def test_an_address_that_cannot_be_used_is_reported_and_costs_nobody_the_others(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """An alias is left out; of an entry whose primary it is, nothing is done."""
    accounts.add("Alice", "alice", "a1")
    accounts.change("Alice", proxyAddresses=[f"SMTP:{office.address('alice')}", "smtp:no address", "smtp:@"])
    accounts.add("Bob", "bob")
    accounts.change("Bob", proxyAddresses=["SMTP:not an address"], mail=[])
    run = corp.applied()
    assert [2, 1] == [
        len([each for each in run.found if words in each]) for words in ("an alias of", "its primary cannot be used")
    ]
    assert {"alice": []} == office.links()
