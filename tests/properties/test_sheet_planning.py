"""The laws of a spreadsheet: it is followed where it is clear, answered row by row, and followed once."""

from collections.abc import Iterable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from addresses.address import Address, parse
from addresses.batches import batches
from addresses.desired import Desired, DesiredMailbox
from addresses.effect import effect
from addresses.mailbox import SPREADSHEET, Existing, RunId, Source, Stamp, directory_source
from addresses.outcome import Verdict
from addresses.reconcile import plan
from addresses.row_result import CHANGES, RowOutcome, RowResult
from addresses.step import Step
from spreadsheet_import.asked import Action, AskedRow
from spreadsheet_import.planning import Known, Planned, planned
from tests.invariants import check_invariants

ADDRESSES = [parse(f"{name}@example.{top}") for name in "abcd" for top in ("com", "org")]
CORP = directory_source("corp")
addresses = st.sampled_from(ADDRESSES)
asked = st.builds(
    AskedRow,
    number=st.just(0),
    primary=addresses,
    name=st.sampled_from(["", "", "n", "m"]),
    aliases=st.lists(addresses, max_size=3, unique=True).map(tuple),
    action=st.sampled_from([Action.LINK, Action.LINK, Action.LINK, Action.UNLINK]),
)


def sheet(rows: Iterable[AskedRow]) -> list[AskedRow]:
    """The rows as they stand below each other, none with its own primary as an alias."""
    found = []
    for number, row in enumerate(rows, start=2):
        aliases = tuple(each for each in row.aliases if each != row.primary)
        action = row.action if aliases else Action.LINK
        found.append(AskedRow(number, row.primary, row.name, aliases, action))
    return found


sheets = st.lists(asked, max_size=7).map(sheet)
directories = st.lists(
    st.builds(
        DesiredMailbox,
        directory_id=st.sampled_from("123"),
        primary=addresses,
        aliases=st.frozensets(addresses, max_size=3),
    ),
    max_size=3,
).map(lambda found: Desired("corp", tuple(found)))


def known(existing: Existing) -> Known:
    """What the sheet's planning is told of it."""
    holder = {each: found for each in existing.addresses if (found := existing.holder(each))}
    past = {
        each: frozenset(start.mailbox for start in state.starts if start.mailbox)
        for each, state in existing.addresses.items()
    }
    return Known(holder, past, {"corp"})


def carried_out(existing: Existing, steps: Iterable[Step], source: Source, hour: int) -> Existing:
    """What exists when the steps have been carried out, transaction by transaction; each finds its before-state."""
    for batch in batches(tuple(steps)):
        done = effect(batch, existing, Stamp(source, RunId(f"run-{hour}"), f"2026-03-01T{hour:02}"))
        assert {Verdict.APPLIED} == {outcome.verdict for outcome in done.outcomes}, done.outcomes
        check_invariants(done.after)
        existing = done.after
    return existing


def imported(existing: Existing, rows: list[AskedRow], hour: int) -> tuple[Existing, Planned]:
    """What exists after this sheet, and what was planned for it."""
    wanted = planned(rows, known(existing))
    return carried_out(existing, wanted.plan.steps, SPREADSHEET, hour), wanted


def before(directory: Desired, *sheets: list[AskedRow]) -> Existing:
    """What exists when a directory and sheets have been carried out."""
    existing = carried_out(Existing(), plan([], directory).steps, CORP, 1)
    for hour, rows in enumerate(sheets, start=2):
        existing, _ = imported(existing, rows, hour)
    return existing


def is_so(result: RowResult, existing: Existing) -> bool:
    """Whether what exists is what the result says."""
    primary = Address(result.primary or "")
    at = existing.holder(Address(result.alias or primary))
    linked = at is not None and at.primary == primary
    return not linked if result.outcome is RowOutcome.UNLINKED else linked


@settings(max_examples=400)
@given(directories, sheets, sheets)
def test_every_row_has_its_result_and_what_the_results_say_is_so(
    directory: Desired, first: list[AskedRow], second: list[AskedRow]
) -> None:
    """One for each alias of a row, or for the row itself; what it says was done, is done."""
    was = before(directory, first)
    existing, wanted = imported(was, second, 3)
    expected = [(row.number, alias) for row in second for alias in (row.aliases or (None,))]
    assert expected == [(result.row, result.alias) for result in wanted.results]
    for row, result in ((row, each) for row in second for each in wanted.results if each.row == row.number):
        if result.outcome in CHANGES or (result.outcome is RowOutcome.ALREADY and row.action is Action.LINK):
            assert is_so(result, existing), result
        assert result.outcome is not RowOutcome.CONFLICT or result.reason


@settings(max_examples=400)
@given(directories, sheets, sheets)
def test_the_same_sheet_again_finds_nothing_to_do(
    directory: Desired, first: list[AskedRow], second: list[AskedRow]
) -> None:
    """And no row that was carried out becomes a conflict by it."""
    existing, wanted = imported(before(directory, first), second, 3)
    again = planned(second, known(existing))
    assert () == again.plan.steps
    for once, twice in zip(wanted.results, again.results, strict=True):
        assert once.outcome is RowOutcome.CONFLICT or twice.outcome is not RowOutcome.CONFLICT, (once, twice)


@settings(max_examples=400)
@given(directories, sheets, sheets)
def test_what_no_clear_row_names_stays_as_it_is(
    directory: Desired, first: list[AskedRow], second: list[AskedRow]
) -> None:
    """Absence deletes nothing, nothing is done for a conflict, and what a directory linked is never taken."""
    was = before(directory, first)
    existing, wanted = imported(was, second, 3)
    changed = {
        Address(each)
        for result in wanted.results
        if result.outcome in CHANGES
        for each in (result.primary, result.alias)
        if each
    }
    for address in set(ADDRESSES) - changed:
        assert was.holder(address) is None or is_same(was, existing, address), address
    for address in ADDRESSES:
        at = was.holder(address)
        if at and (address == at.primary or at.aliases[address].source == CORP):
            assert is_same(was, existing, address)


def is_same(was: Existing, existing: Existing, address: Address) -> bool:
    """Whether the address has the mailbox that it had, in the same place there."""
    before, after = was.holder(address), existing.holder(address)
    return before is not None and after is not None and (before.id, before.primary) == (after.id, after.primary)


@given(directories, sheets, sheets, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    directory: Desired, first: list[AskedRow], second: list[AskedRow], random: Random
) -> None:
    """The same rows in another order are the same plan."""
    shuffled = list(second)
    random.shuffle(shuffled)
    exists = known(before(directory, first))
    assert planned(second, exists).plan.digest == planned(shuffled, exists).plan.digest


@given(sheets)
def test_rows_that_contradict_each_other_are_all_reported_and_none_is_done(rows: list[AskedRow]) -> None:
    """Whichever comes first: an alias of two primaries, or of one and of none, or a primary that is an alias."""
    links = [(row.number, row.primary, alias) for row in rows if row.action is Action.LINK for alias in row.aliases]
    primaries = {row.primary for row in rows if row.action is Action.LINK}
    unlinks = {(row.primary, alias) for row in rows if row.action is Action.UNLINK for alias in row.aliases}
    outcomes = {(each.row, each.alias): each.outcome for each in planned(rows, Known({}, {}, ())).results}
    for number, primary, alias in links:
        others = {each for _, each, same in links if same == alias}
        contradicted = len(others) > 1 or alias in primaries or (primary, alias) in unlinks
        is_alias = any(primary == same for _, _, same in links)
        assert (contradicted or is_alias) == (outcomes[number, alias] is RowOutcome.CONFLICT)
