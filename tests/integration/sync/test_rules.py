"""The rules of the mission, as syncs of Active Directory keep them on the deployed stack."""

from collections.abc import Callable

import httpx

from local.outputs import Outputs
from tests.integration.sync.accounts import Accounts
from tests.integration.sync.office import Directory, Office
from tests.integration.test_archive import archive, send
from tests.invariants import check_archive_untouched


def test_rules_1_and_2_who_logs_on_with_the_primary_reads_what_was_sent_to_the_alias_and_no_message_moves(
    office: Office, corp: Directory, accounts: Accounts, stack: Outputs, user: Callable[[str], httpx.Client]
) -> None:
    """The mail is there before the link is; the sync makes it part of the person's one archive."""
    alice, alias = office.address("alice"), office.address("a.jones")
    accounts.add("Alice", "alice")
    corp.applied()
    send(stack, "to the primary", alice)
    send(stack, "to the alias", alias)
    person = user(alice)
    archive(person, 1)
    accounts.give("Alice", "alice", "a.jones")
    before = office.items()
    assert ["link a.jones to alice"] == corp.applied().steps
    assert {"to the primary", "to the alias"} == {each["subject"] for each in archive(person, 2)}
    check_archive_untouched(before, office.items())


def test_rule_3_a_sync_opens_mailboxes_and_links_their_aliases_across_domains(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Everything that the directory says is so afterwards, and says who linked it."""
    office.own("other")
    accounts.add("Alice", "alice", "a.jones", "alice@other")
    accounts.add("Bob", "bob@other")
    run = corp.applied()
    assert {
        "open a mailbox for alice",
        "open a mailbox for bob@other",
        "link a.jones to alice",
        "link alice@other to alice",
    } == set(run.steps)
    assert {"alice": ["a.jones", "alice@other"], "bob@other": []} == office.links()
    assert (f"directory:{corp.name}", run.id) == tuple(
        office.whose("a.jones")["history"][0][field] for field in ("source", "run")
    )


def test_rule_3_with_auto_link_off_mailboxes_are_opened_renamed_and_closed_and_no_alias_is_linked_or_unlinked(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """What was linked before stays; switched on again, everything is linked."""
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob")
    corp.applied()
    corp.configure(auto_link=False)
    accounts.give("Alice", "alice.smith", "a2")
    accounts.add("Carol", "carol", "c1")
    accounts.remove("Bob")
    corp.applied()
    assert {"alice.smith": ["a1"], "carol": []} == office.links()
    corp.configure(auto_link=True)
    corp.applied()
    assert {"alice.smith": ["a2"], "carol": ["c1"]} == office.links()


def test_rule_5_the_aliases_of_a_primary_that_disappears_are_unlinked(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """The mailbox is closed, and the addresses belong to nobody."""
    accounts.add("Alice", "alice")
    accounts.add("Bob", "bob", "b1", "b2")
    corp.applied()
    accounts.remove("Bob")
    assert ["unlink b1 from bob", "unlink b2 from bob", "close the mailbox of bob"] == corp.applied().steps
    assert {"alice": []} == office.links()
    assert ["unlinked"] * 3 == [office.whose(each)["kind"] for each in ("bob", "b1", "b2")]


def test_rule_6_an_alias_that_moved_to_another_primary_is_relinked_to_it(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """In one step, so that at no moment it belongs to nobody."""
    accounts.add("Alice", "alice", "sales")
    accounts.add("Bob", "bob")
    corp.applied()
    accounts.give("Alice", "alice")
    accounts.give("Bob", "bob", "sales")
    assert ["relink sales from alice to bob"] == corp.applied().steps
    assert {"alice": [], "bob": ["sales"]} == office.links()


def test_rule_7_an_alias_that_becomes_a_primary_loses_all_prior_links(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """A new account takes the address for its own."""
    accounts.add("Alice", "alice", "sales")
    corp.applied()
    accounts.give("Alice", "alice")
    accounts.add("Sales", "sales")
    assert ["open a mailbox for sales, until now an address of alice"] == corp.applied().steps
    assert {"alice": [], "sales": []} == office.links()


def test_rule_7_holds_too_when_the_directory_still_lists_the_alias_which_is_reported(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """A primary claim beats an alias claim."""
    accounts.add("Alice", "alice", "sales")
    corp.applied()
    accounts.add("Sales", "sales")
    run = corp.applied()
    assert ["open a mailbox for sales, until now an address of alice"] == run.steps
    assert [
        f"conflict over sales: it is the primary of an entry of {corp.name}, which beats being an alias"
    ] == run.found
    assert {"alice": [], "sales": []} == office.links()
