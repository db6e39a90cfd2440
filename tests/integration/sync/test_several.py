"""Two directories at once: Active Directory and, since the merger, OpenLDAP."""

from tests.integration.sync.accounts import Accounts, People
from tests.integration.sync.office import Directory, Office

TEN = [f"p{number}" for number in range(10)]
BOTH = TEN[:3]


def merge(office: Office, accounts: Accounts, people: People) -> None:
    """Ten people in each, three of whom are in both: they have a primary here, and another one there."""
    office.own("merged")
    for name in TEN:
        accounts.add(name, name, *([f"{name}@merged"] if name in BOTH else []))
        people.add(name, f"{name}@merged", *([name] if name in BOTH else []), f"{name}.alias@merged")


def test_a_directory_that_is_lost_keeps_its_links_while_the_others_sync_goes_on(
    office: Office, corp: Directory, accounts: Accounts, merged: Directory, people: People
) -> None:
    """The lost one's runs fail with the reason, and that is all."""
    accounts.add("Alice", "alice", "a1")
    people.add("bob", "bob", "b1")
    corp.applied()
    merged.applied()
    corp.configure(url="ldaps://127.0.0.1:1")
    accounts.remove("Alice")
    people.add("carol", "carol")
    assert "127.0.0.1:1 cannot be reached" in corp.failed()
    assert ["open a mailbox for carol"] == merged.applied().steps
    assert {"alice": ["a1"], "bob": ["b1"], "carol": []} == office.links()


def test_after_a_merger_who_holds_an_address_keeps_it_and_the_other_claim_is_reported(
    office: Office, corp: Directory, accounts: Accounts, merged: Directory, people: People
) -> None:
    """Without authority, the three of both stay people of the first directory; the other seven are opened."""
    merge(office, accounts, people)
    corp.applied()
    run = merged.applied()
    assert {"open": 7, "link": 7, "relink": 0, "close": 0}.items() <= run.counts.items()
    for name in BOTH:
        stays = f"conflict over {name}@merged: directory:{corp.name} linked it to {name}, which keeps it"
        assert stays in run.found, run.found
    links = office.links()
    assert [[f"{name}@merged"] for name in BOTH] == [links[name] for name in BOTH]
    assert [[f"{name}.alias@merged"] for name in TEN[3:]] == [links[f"{name}@merged"] for name in TEN[3:]]
    corp.has_nothing_left()


def test_after_a_merger_each_directory_has_the_say_over_its_own_domains(
    office: Office, corp: Directory, accounts: Accounts, merged: Directory, people: People
) -> None:
    """With authority, a primary of the merged domain is what the merged directory says, whoever held it before."""
    merge(office, accounts, people)
    corp.configure(domains=[office.domain])
    merged.configure(domains=[f"merged.{office.domain}"])
    corp.applied()
    run = merged.applied()
    assert {"open": 10, "link": 10}.items() <= run.counts.items()
    for name in BOTH:
        given = f"open a mailbox for {name}@merged, until now an address of {name}"
        overruled = (
            f"conflict over {name}@merged: directory:{corp.name} linked it to {name}; directory:{merged.name} says "
            "that it is its own primary, and counts more"
        )
        primary = f"conflict over {name}: it is the primary of an open mailbox of directory:{corp.name}, and stays so"
        assert (given in run.steps, {overruled, primary} <= set(run.found)) == (True, True), run
    ended = corp.applied(whole=True)
    assert ([], 3) == (ended.steps, ended.counts["conflict"])
    merged.has_nothing_left()


def test_a_person_whom_the_new_directory_brings_with_the_same_primary_stays_with_the_first(
    office: Office, corp: Directory, accounts: Accounts, merged: Directory, people: People
) -> None:
    """Two directories that took turns over one mailbox would rename it for ever."""
    accounts.add("Alice", "alice", "a1")
    people.add("alice", "alice", "a2")
    corp.applied()
    run = merged.applied()
    assert ([], True) == (run.steps, run.counts["conflict"] > 0), run
    corp.has_nothing_left()
    assert {"alice": ["a1"]} == office.links()


def test_the_directory_of_the_domain_takes_over_the_mailbox_of_a_person_who_is_in_both(
    office: Office, corp: Directory, accounts: Accounts, merged: Directory, people: People
) -> None:
    """Once, and from then on the other has nothing to say of it; the mailbox stays the same."""
    accounts.add("Alice", "alice", "a1")
    accounts.add("Bob", "bob")
    people.add("alice", "alice", "a1", "a2")
    corp.applied()
    mailbox = office.admin.get(f"/mailboxes/{office.address('alice')}").json()["id"]
    merged.configure(domains=[office.domain])
    run = merged.applied()
    assert {f"adopt the mailbox of alice for directory {merged.name}", "link a2 to alice"} <= set(run.steps), run
    assert [] == corp.applied(whole=True).steps
    assert {"alice": ["a1", "a2"], "bob": []} == office.links()
    assert mailbox == office.admin.get(f"/mailboxes/{office.address('alice')}").json()["id"]
