"""A directory of 300,000 people whose second domain is renamed overnight: read, planned, and held."""

import pytest

from addresses.address import Address
from addresses.check import Limits, check
from addresses.desired import Desired
from addresses.directory import DisabledAccounts
from addresses.mailbox import Alias, Mailbox, Primacy, Profile, RunId, Status, directory_mailbox_id, directory_source
from addresses.reconcile import plan
from addresses.settings import Settings
from directory_sync.reader import Entry
from directory_sync.understanding import understand

PEOPLE = 300_000
CORP = directory_source("corp")
SETTINGS = Settings(internal_domains=["example.com", "old.example.com", "new.example.com"])


def mailbox(number: int) -> Mailbox:
    """The mailbox of this number, with an alias in the old domain."""
    primary = Address(f"p{number}@example.com")
    return Mailbox(
        directory_mailbox_id("corp", str(number)),
        Status.OPEN,
        primary,
        Profile("", "corp", str(number)),
        CORP,
        {Address(f"p{number}@old.example.com"): Alias(CORP, "2026")},
        (Primacy(primary, "2026", CORP, RunId("run")),),
        1,
    )


@pytest.mark.timeout(400)
def test_a_renamed_domain_of_300_000_people_is_held() -> None:
    """Not one step of it is lost, and the sentence says how many."""
    entries = (
        Entry(str(number), (f"P{number}@example.com",), (f"p{number}@new.example.com",)) for number in range(PEOPLE)
    )
    understood = understand(entries, DisabledAccounts.KEEP, SETTINGS)
    wanted = plan(map(mailbox, range(PEOPLE)), Desired("corp", understood.mailboxes))
    assert {"unlink": PEOPLE, "link": PEOPLE, "unchanged": PEOPLE} == {
        name: number for name, number in wanted.counts.items() if number
    }
    held = check(wanted, 2 * PEOPLE, Limits())
    assert held
    assert "would take away 300000 of its 600000 addresses (300000 unlink; 50.0 %)" in held.because
