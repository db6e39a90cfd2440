"""The invariants of the design as functions; each raises AssertionError with the sentence that was broken."""

from collections import defaultdict
from collections.abc import Iterable

from addresses.mailbox import Existing
from addresses.table import Item


def check_agreement(existing: Existing) -> None:
    """I1: an address is in at most one open mailbox, and the two items agree."""
    owners = defaultdict(set)
    for mailbox in existing.mailboxes.values():
        for address in mailbox.addresses:
            owners[address].add(mailbox.id)
        assert mailbox.is_open or not mailbox.aliases, f"{mailbox.id} is closed and has aliases"
        assert mailbox.primary not in mailbox.aliases, f"{mailbox.primary} is an alias of itself"
    for address, mailboxes in owners.items():
        assert {existing.address(address).mailbox} == mailboxes, f"{address} is in {mailboxes}"
    for state in existing.addresses.values():
        held_by = owners.get(state.address, set())
        assert held_by == ({state.mailbox} if state.mailbox else set()), f"{state.address} points to {state.mailbox}"


def check_primaries(existing: Existing) -> None:
    """I2: an open mailbox has exactly one primary, and its address item points back."""
    for mailbox in existing.mailboxes.values():
        if mailbox.is_open:
            assert existing.address(mailbox.primary).mailbox == mailbox.id, f"{mailbox.primary} does not point back"
            assert mailbox.primaries[-1].address == mailbox.primary, f"{mailbox.id} remembers another primary"


def check_tenures(existing: Existing) -> None:
    """I3: tenures of an address never overlap and only the last may be open."""
    for state in existing.addresses.values():
        end = ""
        for position, tenure in enumerate(state.tenures):
            assert tenure.since >= end, f"{state.address} begins a tenure before the last ended"
            last = position == len(state.tenures) - 1
            assert tenure.until is not None or last, f"{state.address} has an open tenure before the last"
            end = tenure.until or ""
        open_now = bool(state.tenures and state.tenures[-1].until is None)
        assert open_now == (state.mailbox is not None), f"{state.address}: its last tenure and its mailbox disagree"


def check_invariants(existing: Existing) -> None:
    """I1, I2 and I3, which a single moment can break."""
    check_agreement(existing)
    check_primaries(existing)
    check_tenures(existing)


def check_archive_untouched(before: Iterable[Item], after: Iterable[Item]) -> None:
    """I4: no archive entry or message is ever changed or removed by linking."""
    kept = {(item["pk"], item["sk"]): item for item in after}
    for item in before:
        if item["pk"].startswith(("ARCHIVE#", "MESSAGE#")):
            assert kept.get((item["pk"], item["sk"])) == item, f"{item['pk']} was touched"


def check_replay(before: Iterable[Item], after: Iterable[Item]) -> None:
    """I5: replaying any event or plan changes nothing."""
    assert list(before) == list(after), "a replay changed the table"
