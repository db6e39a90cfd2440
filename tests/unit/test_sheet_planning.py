"""What the rows of a spreadsheet come to, by example: the steps, and the result of each row."""

from addresses.address import Address, parse
from addresses.effect import effect
from addresses.mailbox import SPREADSHEET, Existing, Profile, RunId, Stamp, directory_source
from addresses.plan import Plan
from addresses.row_result import RowOutcome
from addresses.step import Link, Open
from spreadsheet_import.asked import Action, AskedRow, Fault
from spreadsheet_import.planning import NOTES, Known, planned, sheet_mailbox_id
from tests.people import A1, A2, ALICE, BOB, CAROL, after, ref, two_mailboxes

ACROSS = parse("alice@example.org")
CORP = directory_source("corp")
NOTHING = Known({}, {}, ())


def known(existing: Existing, *directories: str) -> Known:
    """What the planning is told of it."""
    holder = {each: found for each in existing.addresses if (found := existing.holder(each))}
    past = {
        address: {start.mailbox for start in state.starts if start.mailbox}
        for address, state in existing.addresses.items()
    }
    return Known(holder, past, directories)


def row(number: int, primary: Address, *aliases: Address, name: str = "") -> AskedRow:
    """A row that links."""
    return AskedRow(number, primary, name, aliases)


def unlink(number: int, primary: Address, *aliases: Address) -> AskedRow:
    """A row that unlinks."""
    return AskedRow(number, primary, "", aliases, Action.UNLINK)


def outcomes(existing: Known, *rows: AskedRow) -> list[tuple[int, str]]:
    """The rows by number, and what they came to."""
    return [(each.row, each.outcome.value) for each in planned(rows, existing).results]


def steps(existing: Known, *rows: AskedRow) -> tuple[str, ...]:
    """The plan's steps, in words."""
    return tuple(each.sentence for each in planned(rows, existing).plan.steps)


def by_corp(existing: Existing) -> Existing:
    """The same, when the directory corp has linked a1 to alice."""
    done = effect([Link(ref("m-alice", ALICE), A1)], existing, Stamp(CORP, RunId("r"), "2026-03-01T05"))
    return done.after


def done(existing: Existing, wanted: Plan) -> Existing:
    """What exists when the plan has been carried out."""
    return effect(wanted.steps, existing, Stamp(SPREADSHEET, RunId("r"), "2026-03-01T09")).after


def test_a_row_opens_the_mailbox_if_it_is_new_and_links_its_aliases_across_domains() -> None:
    """And names it."""
    plan = planned([row(2, ALICE, A1, ACROSS, name="Alice"), row(3, BOB)], NOTHING)
    assert (
        "open a mailbox for alice@example.com",
        "open a mailbox for bob@example.com",
        "link a1@example.com to alice@example.com",
        "link alice@example.org to alice@example.com",
    ) == tuple(each.sentence for each in plan.plan.steps)
    assert [(2, A1, "linked"), (2, ACROSS, "linked"), (3, None, "opened")] == [
        (each.row, each.alias, each.outcome) for each in plan.results
    ]
    assert "the mailbox of alice@example.com is opened" == plan.results[0].reason
    assert [Profile("Alice"), Profile("")] == [each.profile for each in plan.plan.steps if isinstance(each, Open)]


def test_an_alias_of_another_mailbox_is_relinked_and_what_is_so_already_is_left() -> None:
    """Absence deletes nothing: alice keeps what the sheet does not name."""
    exists = known(two_mailboxes())
    assert [(2, "relinked"), (3, "already")] == outcomes(exists, row(2, BOB, A1), row(3, ALICE))
    assert ("relink a1@example.com from alice@example.com to bob@example.com",) == steps(exists, row(2, BOB, A1))
    assert () == steps(exists, row(2, ALICE, A1), row(3, BOB))


def test_rule_7_an_alias_that_becomes_a_primary_loses_its_link() -> None:
    """It gets a mailbox of its own."""
    exists = known(two_mailboxes())
    assert [(2, "linked")] == outcomes(exists, row(2, A1, A2))
    opens = "open a mailbox for a1@example.com, until now an address of alice@example.com"
    assert (opens, "link a2@example.com to a1@example.com") == steps(exists, row(2, A1, A2))


def test_what_a_directory_linked_is_neither_relinked_nor_unlinked_nor_opened() -> None:
    """It would say so again with its next run; the reason names it."""
    exists = by_corp(after(Open(ref("m-alice", ALICE), Profile())))
    rows = [row(2, BOB, A1), unlink(3, ALICE, A1), row(4, A1)]
    for each in rows:
        [result] = planned([each], known(exists, "corp")).results
        assert RowOutcome.CONFLICT is result.outcome
        assert result.reason.startswith("directory:corp linked a1@example.com to alice@example.com")
        assert () == planned([each], known(exists, "corp")).plan.steps
    assert [(2, "relinked")] == outcomes(known(exists), rows[0]), "a directory that was deleted counts no more"


def test_the_primary_of_an_open_mailbox_is_never_taken_for_an_alias() -> None:
    """Whoever opened it."""
    [result] = planned([row(2, ALICE, BOB)], known(two_mailboxes())).results
    assert RowOutcome.CONFLICT is result.outcome
    assert "bob@example.com is the primary of an open mailbox, by manual; close that mailbox first" == result.reason


def test_a_row_that_is_in_conflict_opens_no_mailbox_but_another_row_may() -> None:
    """Nothing of it is done."""
    exists = known(two_mailboxes())
    assert [(2, "conflict")] == outcomes(exists, row(2, CAROL, BOB))
    assert () == steps(exists, row(2, CAROL, BOB))
    assert [(2, "conflict"), (3, "linked")] == outcomes(exists, row(2, CAROL, BOB), row(3, CAROL, A2))


def test_an_alias_of_two_primaries_is_reported_with_all_of_its_rows() -> None:
    """Once as a conflict of the plan, and in each row."""
    wanted = planned([row(2, ALICE, A1), row(3, BOB, A1), row(4, BOB, A1)], NOTHING)
    reason = "a1@example.com is linked to alice@example.com in row 2 and to bob@example.com in rows 3 and 4"
    assert {f"{reason}; neither is done"} == {each.reason for each in wanted.results}
    [conflict] = wanted.plan.conflicts
    assert (A1, ("row 2", "row 3", "row 4")) == (conflict.address, conflict.claimants)
    assert () == wanted.plan.steps


def test_a_move_may_be_written_as_an_unlink_and_a_link() -> None:
    """It is one step; the same sheet again finds both rows so."""
    exists = two_mailboxes()
    rows = [unlink(2, ALICE, A1), row(3, BOB, A1)]
    assert [(2, "unlinked"), (3, "relinked")] == outcomes(known(exists), *rows)
    wanted = planned(rows, known(exists)).plan
    assert ("relink a1@example.com from alice@example.com to bob@example.com",) == wanted.sentences
    assert [(2, "already"), (3, "already")] == outcomes(known(done(exists, wanted)), *rows)


def test_an_alias_is_unlinked_only_from_whom_the_row_names() -> None:
    """Another's is a conflict; one of nobody's is so already."""
    exists = known(two_mailboxes())
    assert [(2, "unlinked")] == outcomes(exists, unlink(2, ALICE, A1))
    assert [(2, "conflict")] == outcomes(exists, unlink(2, BOB, A1))
    assert [(2, "already")] == outcomes(exists, unlink(2, BOB, A2))
    assert [(2, "conflict")] == outcomes(exists, unlink(2, CAROL, BOB))


def test_a_row_that_says_what_another_says_is_already_so() -> None:
    """And names it."""
    results = planned([row(2, ALICE, A1), row(9, ALICE, A1), row(10, ALICE)], NOTHING).results
    assert ["linked", "already", "already"] == [each.outcome for each in results]
    assert ["row 2 says the same", "row 2 opens it"] == [each.reason for each in results[1:]]


def test_a_name_is_given_unless_rows_differ_or_a_directory_keeps_the_mailbox() -> None:
    """A sheet's name would be the directory's again with its next run."""
    exists = two_mailboxes()
    assert ("name the mailbox of alice@example.com 'A. Jones'",) == steps(known(exists), row(2, ALICE, name="A. Jones"))
    assert () == steps(known(exists), row(2, ALICE, name="A. Jones"), row(3, ALICE, name="Alice Jones"))
    kept = after(Open(ref("m-alice", ALICE), Profile("Alice", "corp", "1")))
    assert () == steps(known(kept, "corp"), row(2, ALICE, name="A. Jones"))


def test_two_sheets_that_open_one_mailbox_open_the_same_but_never_one_of_before() -> None:
    """Whoever was given access to the mailbox that was closed was not given it to this one."""
    [first] = [each for each in planned([row(2, ALICE)], NOTHING).plan.steps if isinstance(each, Open)]
    assert sheet_mailbox_id(ALICE) == first.mailbox.id
    past = Known({}, {ALICE: {sheet_mailbox_id(ALICE)}}, ())
    [again] = [each for each in planned([row(2, ALICE)], past).plan.steps if isinstance(each, Open)]
    assert sheet_mailbox_id(ALICE, 1) == again.mailbox.id


def test_faults_are_results_beside_what_can_be_done() -> None:
    """An alias that cannot be used takes nothing from its row."""
    faults = (Fault("a1", RowOutcome.INVALID, "no @"), Fault("a@example.net", RowOutcome.IGNORED, "external"))
    wanted = planned([AskedRow(2, ALICE, faults=faults), AskedRow(3, None, faults=(faults[0],))], NOTHING)
    assert [(2, None, "opened"), (2, "a1", "invalid"), (2, "a@example.net", "ignored"), (3, "a1", "invalid")] == [
        (each.row, each.alias, each.outcome) for each in wanted.results
    ]
    assert 3 == wanted.plan.counts["ignored"]
    assert "row 2 was left out: no @" in {each.sentence for each in wanted.plan.notes}


def test_what_is_left_out_in_masses_is_counted() -> None:
    """A run's steps are to be read."""
    fault = Fault(None, RowOutcome.INVALID, "no primary")
    wanted = planned([AskedRow(number, None, faults=(fault,)) for number in range(2, NOTES + 12)], NOTHING)
    assert (NOTES + 1, NOTES + 10) == (len(wanted.plan.notes), wanted.plan.counts["ignored"])
