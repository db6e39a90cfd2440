"""What happens to people in Active Directory, and what a sync makes of it."""

import pytest

from tests.integration.sync.accounts import Accounts
from tests.integration.sync.office import Directory, Office


def test_a_rename_keeps_the_old_address_as_an_alias_while_the_directory_lists_it(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """The wedding: one mailbox, whose history of primaries goes on."""
    accounts.add("Alice", "alice.jones", "a1")
    corp.applied()
    mailbox = office.admin.get(f"/mailboxes/{office.address('alice.jones')}").json()["id"]
    accounts.give("Alice", "alice.smith", "alice.jones", "a1")
    run = corp.applied()
    assert ["promote alice.smith to primary of alice.jones, which is kept as an alias"] == run.steps
    assert {"alice.smith": ["a1", "alice.jones"]} == office.links()
    assert mailbox == office.admin.get(f"/mailboxes/{office.address('alice.smith')}").json()["id"]


def test_a_rename_unlinks_the_old_address_when_the_directory_no_longer_lists_it(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """The other aliases stay with the mailbox."""
    accounts.add("Alice", "alice.jones", "a1")
    corp.applied()
    accounts.give("Alice", "alice.smith", "a1")
    assert ["promote alice.smith to primary of alice.jones, which is unlinked"] == corp.applied().steps
    assert {"alice.smith": ["a1"]} == office.links()
    assert "unlinked" == office.whose("alice.jones")["kind"]


def test_an_alias_is_handed_from_a_leaver_to_a_joiner_in_one_run(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """And at no moment it belongs to nobody: it is relinked."""
    accounts.add("Leaver", "leaver", "sales")
    corp.applied()
    accounts.remove("Leaver")
    accounts.add("Joiner", "joiner", "sales")
    run = corp.applied()
    assert {
        "open a mailbox for joiner",
        "relink sales from leaver to joiner",
        "close the mailbox of leaver",
    } == set(run.steps)
    assert {"joiner": ["sales"]} == office.links()


def test_two_people_swap_primaries_in_one_run(office: Office, corp: Directory, accounts: Accounts) -> None:
    """A ring of claims, each granted since the other is; each keeps their own mailbox and alias."""
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob", "b1")
    corp.applied()
    accounts.give("Alice", "bob", "a1")
    accounts.give("Bob", "alice", "b1")
    assert {"promote": 2, "conflict": 0}.items() <= corp.applied().counts.items()
    assert {"alice": ["b1"], "bob": ["a1"]} == office.links()


def test_an_account_deleted_and_made_again_under_the_same_name_keeps_its_mailbox(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Another id in the directory, the same person: the mailbox is adopted and nothing is unlinked."""
    accounts.add("Alice", "alice", "a1")
    corp.applied()
    mailbox = office.admin.get(f"/mailboxes/{office.address('alice')}").json()["id"]
    accounts.remove("Alice")
    accounts.add("Alice", "alice", "a1")
    assert [f"adopt the mailbox of alice for directory {corp.name}"] == corp.applied().steps
    assert {"alice": ["a1"]} == office.links()
    assert mailbox == office.admin.get(f"/mailboxes/{office.address('alice')}").json()["id"]


def test_an_account_deleted_and_made_again_later_opens_a_mailbox_anew(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """A run between the two closed the first, and the history says so."""
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob")
    corp.applied()
    accounts.remove("Alice")
    corp.applied()
    accounts.add("Alice", "alice", "a1")
    assert ["open a mailbox for alice", "link a1 to alice"] == corp.applied().steps
    assert 2 == len(office.whose("a1")["history"])


def test_a_disabled_account_keeps_its_mailbox_where_that_is_configured(corp: Directory, accounts: Accounts) -> None:
    """As it is by default: people on leave get mail too."""
    accounts.add("Alice", "alice", "a1")
    corp.applied()
    accounts.disable("Alice")
    assert [] == corp.applied().steps
    accounts.give("Alice", "alice", "a2")
    assert ["unlink a1 from alice", "link a2 to alice"] == corp.applied().steps


def test_a_disabled_account_is_closed_where_that_is_configured_and_opened_again_when_it_is_enabled(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """The same mailbox, since the account's id is the same."""
    corp.configure(disabled_accounts="close")
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob")
    corp.applied()
    mailbox = office.admin.get(f"/mailboxes/{office.address('alice')}").json()["id"]
    accounts.disable("Alice")
    assert ["unlink a1 from alice", "close the mailbox of alice"] == corp.applied().steps
    assert {"bob": []} == office.links()
    accounts.enable("Alice")
    assert ["open a mailbox for alice", "link a1 to alice"] == corp.applied().steps
    assert mailbox == office.admin.get(f"/mailboxes/{office.address('alice')}").json()["id"]


def test_closing_disabled_accounts_spares_the_shared_mailboxes_of_exchange(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """Their accounts are always disabled."""
    corp.configure(disabled_accounts="close")
    accounts.add("Bob", "bob")
    accounts.add("Sales", "sales", userAccountControl="546", msExchRecipientTypeDetails="4")
    corp.applied()
    assert {"bob": [], "sales": []} == office.links()


def test_an_account_that_moves_to_another_unit_below_the_base_stays_as_it_is(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """It is reported as changed, and asks for nothing."""
    accounts.add("Alice", "alice", "a1")
    corp.applied()
    inner = f"OU=Inner,{accounts.unit}"
    accounts.editor.add(inner, ["organizationalUnit"])
    accounts.move("Alice", inner)
    run = corp.applied()
    assert ([], False) == (run.steps, run.whole)
    assert {"alice": ["a1"]} == office.links()


@pytest.mark.parametrize("whole", [False, True])
def test_an_account_that_moves_out_of_the_base_is_a_leaver(
    office: Office, corp: Directory, accounts: Accounts, *, whole: bool
) -> None:
    """Whether it is told as a change or missed in reading everything; the others stay."""
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob")
    corp.applied()
    outside = f"OU=outside-{office.domain[2:10]},DC=ad,DC=test"
    accounts.editor.add(outside, ["organizationalUnit"])
    accounts.move("Alice", outside)
    run = corp.applied(whole=whole)
    assert (["unlink a1 from alice", "close the mailbox of alice"], whole) == (run.steps, run.whole)
    assert {"bob": []} == office.links()


def test_the_last_account_leaving_is_taken_for_a_lost_right_when_read_whole(
    office: Office, corp: Directory, accounts: Accounts
) -> None:
    """An answer of nobody at all is more often a mistake than the truth, and nothing is closed."""
    accounts.add("Alice", "alice", "a1")
    corp.applied()
    accounts.remove("Alice")
    ended = corp.sync(whole=True)
    assert ("failed", True) == (ended.status, "has no account with a usable address" in ended.because)
    assert {"alice": ["a1"]} == office.links()
