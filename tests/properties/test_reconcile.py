"""The mission's rules of directory sync, and the three laws of any plan."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addresses.address import Address, parse
from addresses.desired import Desired, DesiredMailbox
from addresses.effect import effect
from addresses.mailbox import (
    Existing,
    MailboxId,
    Profile,
    RunId,
    Stamp,
    directory_mailbox_id,
    directory_source,
)
from addresses.outcome import Verdict
from addresses.plan import Conflict, Plan
from addresses.reconcile import plan
from addresses.step import Close, Link, Open, kind
from tests.invariants import check_invariants
from tests.people import A1, A2, ALICE, B1, BOB, CAROL, after, mailbox, ref

CORP = directory_source("corp")
ADDRESSES = [parse(f"{name}@example.com") for name in "abcdefgh"]
entries = st.builds(
    DesiredMailbox,
    directory_id=st.sampled_from("123456"),
    primary=st.sampled_from(ADDRESSES),
    aliases=st.frozensets(st.sampled_from(ADDRESSES), max_size=4),
    name=st.sampled_from(["", "n"]),
)
snapshots = st.lists(entries, max_size=6).map(lambda found: Desired("corp", tuple(found)))


NOBODY: dict[str, frozenset[str]] = {"corp": frozenset(), "other": frozenset()}
COM = frozenset({"example.com"})
CORP_ALONE = {"corp": COM, "other": frozenset[str]()}
BOTH = dict.fromkeys(("corp", "other"), COM)


def says(*entries: DesiredMailbox, authorities: Mapping[str, frozenset[str]] = NOBODY, **how: Any) -> Desired:
    """What the directory corp says."""
    return Desired("corp", entries, authorities=authorities, **how)


def other_says(*entries: DesiredMailbox, authorities: Mapping[str, frozenset[str]] = NOBODY) -> Desired:
    """What another directory says."""
    return Desired("other", entries, authorities=authorities)


def entry(directory_id: str, primary: Address, *aliases: Address) -> DesiredMailbox:
    """An entry without a name."""
    return DesiredMailbox(directory_id, primary, frozenset(aliases))


def carried_out(existing: Existing, wanted: Plan, hour: int = 12) -> Existing:
    """What exists when the plan has been applied."""
    done = effect(wanted.steps, existing, Stamp(wanted.source, RunId(f"run-{hour}"), f"2026-03-01T{hour:02}"))
    assert {Verdict.APPLIED} >= {outcome.verdict for outcome in done.outcomes}, done.outcomes
    check_invariants(done.after)
    return done.after


def synced(existing: Existing, *snapshots: Desired) -> tuple[Existing, Plan]:
    """What exists when the directory has said all this, one after the other, and the last plan."""
    wanted = Plan(CORP, ())
    for hour, desired in enumerate(snapshots, start=1):
        wanted = plan(existing.mailboxes.values(), desired)
        existing = carried_out(existing, wanted, hour)
    return existing, wanted


def links(existing: Existing) -> dict[Address, Address]:
    """Every address that belongs to a mailbox, with that mailbox's primary."""
    return {each: found.primary for each in sorted(existing.addresses) if (found := existing.holder(each))}


@given(st.lists(snapshots, min_size=1, max_size=4))
def test_what_the_directory_says_is_reached_and_planning_again_finds_nothing_to_do(said: list[Desired]) -> None:
    """Every entry whose claims meet no conflict has its mailbox, its primary and its aliases."""
    existing, last = synced(Existing(), *said)
    contested = {conflict.address for conflict in last.conflicts}
    doubtful = {claimant for conflict in last.conflicts for claimant in conflict.claimants}
    of_entry = {mailbox.profile.directory_id: mailbox for mailbox in existing.mailboxes.values() if mailbox.is_open}
    for each in said[-1].mailboxes:
        if each.directory_id in doubtful or each.primary in contested:
            continue
        mailbox = of_entry[each.directory_id]
        assert each.primary == mailbox.primary
        assert each.aliases - {each.primary} - contested <= set(mailbox.aliases)
        assert set(mailbox.aliases) <= each.aliases, "a link of this directory stayed that it no longer has"
    assert () == plan(existing.mailboxes.values(), said[-1]).steps


@given(snapshots, st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(desired: Desired, random: Random) -> None:
    """Two readings of the same directory give plans with one digest."""
    shuffled = list(desired.mailboxes)
    random.shuffle(shuffled)
    existing, _ = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB)))
    first = plan(existing.mailboxes.values(), desired)
    second = plan(existing.mailboxes.values(), Desired("corp", tuple(shuffled)))
    assert first.digest == second.digest


def test_rule_5_a_primary_that_disappears_leaves_its_aliases_unlinked() -> None:
    """The mailbox is closed, and its addresses belong to nobody."""
    existing, last = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB)), says(entry("2", BOB)))
    assert {BOB: BOB} == links(existing)
    assert ("unlink a1@example.com from alice@example.com", "close the mailbox of alice@example.com") == last.sentences


def test_rule_6_an_alias_that_moved_is_relinked() -> None:
    """In one step: at no moment does it belong to nobody."""
    existing, last = synced(
        Existing(), says(entry("1", ALICE, A1), entry("2", BOB)), says(entry("1", ALICE), entry("2", BOB, A1))
    )
    assert {A1: BOB, ALICE: ALICE, BOB: BOB} == links(existing)
    assert ("relink a1@example.com from alice@example.com to bob@example.com",) == last.sentences


def test_rule_7_an_alias_that_becomes_a_primary_loses_its_prior_links() -> None:
    """It gets a mailbox of its own."""
    existing, last = synced(Existing(), says(entry("1", ALICE, A1)), says(entry("1", ALICE), entry("2", A1)))
    assert {A1: A1, ALICE: ALICE} == links(existing)
    assert ("open a mailbox for a1@example.com, until now an address of alice@example.com",) == last.sentences


def test_a_rename_keeps_the_mailbox_and_the_old_address_if_the_directory_still_has_it() -> None:
    """One promotion; the id of the mailbox stays, so delegations do."""
    first, _ = synced(Existing(), says(entry("1", ALICE)))
    kept, _ = synced(first, says(entry("1", BOB, ALICE)))
    dropped, _ = synced(first, says(entry("1", BOB)))
    assert {ALICE: BOB, BOB: BOB} == links(kept)
    assert {BOB: BOB} == links(dropped)
    assert set(first.mailboxes) == set(kept.mailboxes) == set(dropped.mailboxes)


def test_an_alias_goes_from_leaver_to_joiner_in_one_run() -> None:
    """Also when it was the leaver's primary."""
    existing, _ = synced(Existing(), says(entry("1", ALICE, A1)), says(entry("2", BOB, A1), entry("3", CAROL, ALICE)))
    assert {A1: BOB, ALICE: CAROL, BOB: BOB, CAROL: CAROL} == links(existing)


def test_two_people_who_swap_primaries_keep_their_mailboxes() -> None:
    """A ring of renames is one transaction."""
    first, _ = synced(Existing(), says(entry("1", ALICE), entry("2", BOB)))
    swapped, _ = synced(first, says(entry("1", BOB), entry("2", ALICE)))
    by_primary = {mailbox.primary: mailbox.profile.directory_id for mailbox in swapped.mailboxes.values()}
    assert {ALICE: "2", BOB: "1"} == by_primary


def test_an_entry_deleted_and_made_again_keeps_its_mailbox() -> None:
    """Same primary, new id in the directory: the mailbox is adopted, not closed and opened."""
    first, _ = synced(Existing(), says(entry("1", ALICE, A1)))
    again, last = synced(first, says(entry("9", ALICE, A1)))
    assert set(first.mailboxes) == set(again.mailboxes)
    assert ("adopt the mailbox of alice@example.com for directory corp",) == last.sentences


def test_two_entries_that_claim_one_alias_leave_it_where_it_is() -> None:
    """Its holder keeps it, or nobody gets it; both claimants are named."""
    claimed = says(entry("1", ALICE, A1), entry("2", BOB, A1))
    held, plan_1 = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB)), claimed)
    free, plan_2 = synced(Existing(), claimed)
    assert ALICE == links(held)[A1]
    assert A1 not in links(free)
    kept = "alice@example.com and bob@example.com both claim it; alice@example.com holds it and keeps it"
    assert (Conflict(A1, (ALICE, BOB), kept),) == plan_1.conflicts
    assert "alice@example.com and bob@example.com both claim it; nobody gets it" in plan_2.sentences[-1]


def test_an_alias_that_two_others_claim_as_their_primary_stays_where_the_directory_still_has_it() -> None:
    """Neither of the two gets it, so nobody is to lose it."""
    first, _ = synced(Existing(), says(entry("1", ALICE, A1)))
    contested = says(entry("1", ALICE, A1), entry("2", A1), entry("3", A1))
    existing, last = synced(first, contested)
    assert {A1: ALICE, ALICE: ALICE} == links(existing)
    assert () == last.steps
    assert {A1} == {conflict.address for conflict in last.conflicts}


def test_a_mailbox_opened_by_hand_is_adopted_with_its_links_by_hand() -> None:
    """The directory takes over what has its primary; what it merely lacks stays linked."""
    by_hand = after(Open(ref("m-alice", ALICE), Profile()), Link(ref("m-alice", ALICE), A1))
    existing, _ = synced(by_hand, says(entry("1", ALICE, A2)), says(entry("1", ALICE)))
    assert {A1: ALICE, ALICE: ALICE} == links(existing)
    assert "1" == existing.mailboxes[ref("m-alice", ALICE).id].profile.directory_id


def test_a_directory_overrules_a_link_by_hand_but_never_takes_another_sources_primary() -> None:
    """An assertion wins over an alias, and says so; a primary that somebody else opened is a conflict."""
    by_hand = after(Open(ref("m-bob", BOB), Profile()), Link(ref("m-bob", BOB), B1))
    existing, last = synced(by_hand, says(entry("1", ALICE, B1, BOB)))
    assert {ALICE: ALICE, B1: ALICE, BOB: BOB} == links(existing)
    assert [
        f"conflict over {B1}: manual linked it to {BOB}; {CORP} says that it is an alias of {ALICE}, and counts more",
        "conflict over bob@example.com: it is the primary of an open mailbox of manual, and stays so",
    ] == [each.sentence for each in last.conflicts]


def test_a_link_by_hand_that_the_directory_lacks_is_kept_and_reported() -> None:
    """It removes only what it linked itself."""
    alice = says(entry("1", ALICE, A1))
    first, _ = synced(Existing(), alice)
    by_hand = after(Link(ref(links_id(first, ALICE), ALICE), A2), before=first, hour=5)
    existing, last = synced(by_hand, says(entry("1", ALICE)))
    assert {A2: ALICE, ALICE: ALICE} == links(existing)
    assert (
        "unlink a1@example.com from alice@example.com",
        "a2@example.com stays linked to alice@example.com: manual linked it, directory:corp lacks it",
    ) == last.sentences
    assert ["kept"] == [each.kind for each in last.notes]


@pytest.mark.parametrize("authorities", [NOBODY, BOTH])
def test_of_two_directories_that_are_alike_the_holder_keeps_the_address(
    authorities: dict[str, frozenset[str]],
) -> None:
    """Whether the address is a primary or an alias there, and is claimed as the one or the other."""
    before = carried_out(Existing(), plan([], other_says(entry("7", BOB, B1, A1))))
    existing, last = synced(
        before, says(entry("1", ALICE, B1), entry("2", BOB), entry("3", A1), authorities=authorities)
    )
    assert {ALICE: ALICE, A1: BOB, B1: BOB, BOB: BOB} == links(existing)
    kept = "directory:other linked it to bob@example.com, which keeps it"
    led = "it is the primary of an open mailbox of directory:other, and stays so"
    assert (Conflict(A1, ("3", BOB), kept), Conflict(B1, (ALICE, BOB), kept), Conflict(BOB, ("2", BOB), led)) == (
        last.conflicts
    )


def test_the_directory_that_alone_is_authoritative_for_the_domain_wins() -> None:
    """It takes the other's aliases and adopts its mailbox; what the other says then loses, and both are told."""
    before = carried_out(Existing(), plan([], other_says(entry("7", BOB, B1, A1))))
    corp = says(entry("1", ALICE, B1), entry("2", BOB), entry("3", A1), authorities=CORP_ALONE)
    existing, last = synced(before, corp)
    assert {ALICE: ALICE, A1: A1, B1: ALICE, BOB: BOB} == links(existing)
    told = "directory:other linked it to bob@example.com; directory:corp says that it is {}, and counts more"
    assert (
        Conflict(A1, (A1, BOB), told.format("its own primary")),
        Conflict(B1, (ALICE, BOB), told.format(f"an alias of {ALICE}")),
    ) == last.conflicts
    assert set(before.mailboxes) <= set(existing.mailboxes)
    again = plan(existing.mailboxes.values(), other_says(entry("7", BOB, B1, A1), authorities=CORP_ALONE))
    assert () == again.steps
    assert {A1, B1, BOB} >= {each.address for each in again.conflicts} > set()


@pytest.mark.parametrize("claims", [entry("9", A1), entry("9", CAROL, A1)])
def test_what_another_directory_linked_to_a_leaver_goes_in_one_run_to_who_claims_it(claims: DesiredMailbox) -> None:
    """The link ends with the leaver's mailbox anyway, so there is nothing to yield to."""
    leaver, _ = synced(Existing(), says(entry("1", ALICE)))
    linked = after(Link(ref(links_id(leaver, ALICE), ALICE), A1, directory_source("other")), before=leaver, hour=5)
    existing, last = synced(linked, says(claims, authorities=BOTH))
    assert {claims.primary: claims.primary, A1: claims.primary} == links(existing)
    assert () == last.conflicts
    assert () == plan(existing.mailboxes.values(), says(claims, authorities=BOTH)).steps


def test_even_an_authority_never_takes_a_primary_for_an_alias() -> None:
    """A person would lose the archive that they log on to."""
    before = carried_out(Existing(), plan([], other_says(entry("7", BOB))))
    existing, last = synced(before, says(entry("1", ALICE, BOB), authorities=CORP_ALONE))
    assert {ALICE: ALICE, BOB: BOB} == links(existing)
    reason = "it is the primary of an open mailbox of directory:other, and stays so"
    assert (Conflict(BOB, (ALICE, BOB), reason),) == last.conflicts


def test_a_primary_that_another_mailbox_has_and_keeps_is_a_conflict_of_the_two() -> None:
    """It names the entry that claims it, and the mailbox that has it."""
    before = carried_out(Existing(), plan([], other_says(entry("7", BOB))))
    _, last = synced(before, says(entry("1", BOB), authorities=BOTH))
    reason = "it is the primary of an open mailbox of directory:other, and stays so"
    assert ((), (Conflict(BOB, ("1", BOB), reason),)) == (last.steps, last.conflicts)


def test_the_former_primary_of_whoever_is_renamed_can_be_anothers_alias_at_once() -> None:
    """It is given up by the same plan."""
    first = [entry("1", ALICE), entry("2", BOB)]
    existing, last = synced(Existing(), says(*first), says(entry("1", CAROL), entry("2", BOB, ALICE)))
    assert ({ALICE: BOB, BOB: BOB, CAROL: CAROL}, ()) == (links(existing), last.conflicts)


def test_two_open_mailboxes_of_one_entry_are_left_as_they_are() -> None:
    """Nobody but an administrator can say which is whose: closing one settles it."""
    one, other = Profile("Alice", "corp", "1"), Profile("", "corp", "1")
    doubled = after(Open(ref("m-1", ALICE), one), Open(ref("m-2", BOB), other), Link(ref("m-1", ALICE), A1))
    existing, last = synced(doubled, says(entry("1", ALICE, A2)))
    reason = "several open mailboxes are of corp's entry 1; close all but one"
    assert ((), (Conflict(ALICE, ("1",), reason),)) == (last.steps, last.conflicts)
    settled, _ = synced(after(Close(ref("m-2", BOB)), before=existing, hour=5), says(entry("1", ALICE, A2)))
    assert {A2: ALICE, ALICE: ALICE, A1: ALICE} == links(settled)


def test_an_alias_that_was_linked_by_hand_to_the_same_mailbox_is_nothing_to_report() -> None:
    """The directory overrules nobody who said the same."""
    by_hand = after(Open(ref("m-alice", ALICE), Profile()), Link(ref("m-alice", ALICE), A1))
    _, last = synced(by_hand, says(entry("1", ALICE, A1)))
    assert () == last.conflicts


def test_an_alias_that_an_authority_linked_to_the_same_mailbox_is_nothing_to_report() -> None:
    """Both directories say the same of it."""
    first, _ = synced(Existing(), says(entry("1", ALICE)))
    linked = after(Link(ref(links_id(first, ALICE), ALICE), A1, directory_source("other")), before=first, hour=5)
    _, last = synced(linked, says(entry("1", ALICE, A1), authorities={"corp": frozenset(), "other": COM}))
    assert ((), (), 2) == (last.steps, last.conflicts, last.unchanged)


def test_what_is_as_the_directory_says_is_counted() -> None:
    """Each primary, and each alias."""
    alice, bob = entry("1", ALICE, A1, A2), entry("2", BOB)
    _, last = synced(Existing(), says(alice, bob), says(alice, bob, entry("3", CAROL, B1)))
    assert (4, 2) == (last.unchanged, len(last.steps))


def test_whoever_is_renamed_is_linked_to_by_the_new_name() -> None:
    """In the sentences that come after it."""
    _, last = synced(Existing(), says(entry("1", ALICE)), says(entry("1", BOB, A1)))
    assert "link a1@example.com to bob@example.com" == last.sentences[-1]


def test_the_id_of_an_entrys_mailbox_never_changes() -> None:
    """Not with a release either: a plan that was made before it is carried out after it."""
    assert [
        "57e65ad3-fd94-5aaf-8f31-deeac810d7e7",
        "4d2e3258-7635-5c5f-be0c-b8d7df1605b8",
    ] == [directory_mailbox_id("corp", "1", *attempt) for attempt in ((), (1,))]
    _, opened = synced(Existing(), says(entry("1", ALICE)))
    assert [directory_mailbox_id("corp", "1")] == [each.mailbox.id for each in opened.steps if isinstance(each, Open)]


def test_a_directory_that_is_no_longer_configured_holds_nothing_against_one_that_is() -> None:
    """Its mailboxes are adopted, and its links overruled, as if by hand."""
    before = carried_out(Existing(), plan([], other_says(entry("7", BOB, B1))))
    alone = {"corp": frozenset[str]()}
    existing, _ = synced(before, says(entry("1", ALICE, B1), entry("2", BOB), authorities=alone))
    assert {ALICE: ALICE, B1: ALICE, BOB: BOB} == links(existing)
    assert set(before.mailboxes) <= set(existing.mailboxes)


def test_a_directory_with_auto_link_off_opens_renames_and_closes_but_links_nothing() -> None:
    """What it linked before stays; a renamed person's old address does, if the directory lists it."""
    first, _ = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB)))
    off = says(entry("1", CAROL, A2, ALICE), entry("3", B1), auto_link=False)
    existing, last = synced(first, off)
    assert {A1: CAROL, ALICE: CAROL, B1: B1, CAROL: CAROL} == links(existing)
    assert ["close", "open", "promote"] == sorted(kind(step) for step in last.steps)


@pytest.mark.parametrize("said", [[entry("1", CAROL)], [entry("1", CAROL, ALICE), entry("2", ALICE)]])
def test_with_auto_link_off_an_old_address_goes_if_it_is_not_listed_or_somebody_elses(
    said: list[DesiredMailbox],
) -> None:
    """As with auto-link on."""
    first, _ = synced(Existing(), says(entry("1", ALICE)))
    existing, _ = synced(first, says(*said, auto_link=False))
    assert {CAROL: CAROL, **{each.primary: each.primary for each in said}} == links(existing)


def test_an_entry_that_cannot_be_used_is_left_as_it_is() -> None:
    """It is there, so it is not gone; what it says is unclear, so nothing follows from it."""
    first, _ = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB)))
    existing, last = synced(first, says(entry("2", BOB), unclear=frozenset("1")))
    assert {A1: ALICE, ALICE: ALICE, BOB: BOB} == links(existing)
    assert () == last.steps


def test_changes_concern_only_whom_they_name() -> None:
    """Absence from a list of changes is no absence from the directory."""
    first, _ = synced(Existing(), says(entry("1", ALICE, A1), entry("2", BOB), entry("3", CAROL)))
    existing, last = synced(first, says(entry("1", ALICE, A2), gone=frozenset("3")))
    assert {A2: ALICE, ALICE: ALICE, BOB: BOB} == links(existing)
    assert ["close", "link", "unlink"] == sorted(kind(step) for step in last.steps)


def test_a_name_that_the_directory_lacks_stays_as_it_was_given_by_hand() -> None:
    """An empty name says nothing."""
    by_hand = after(Open(ref("m-alice", ALICE), Profile("Alice")))
    existing, _ = synced(by_hand, says(entry("1", ALICE)))
    assert "Alice" == existing.mailboxes[ref("m-alice", ALICE).id].profile.name


def links_id(existing: Existing, primary: Address) -> MailboxId:
    """The id of the open mailbox of this primary."""
    return mailbox(existing, primary).id
