"""What is as the directory says is left out of planning, and the plan is that of all entries and all mailboxes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from addresses.address import Address, parse
from addresses.desired import Desired, DesiredMailbox
from addresses.mailbox import (
    MANUAL,
    AddressState,
    Alias,
    Existing,
    Mailbox,
    MailboxId,
    Primacy,
    Profile,
    RunId,
    Source,
    Status,
    TenureStart,
    directory_mailbox_id,
    directory_source,
    existing,
)
from addresses.reconcile import plan
from addresses.settled import Comparison
from directory_sync.gathering import Gathering
from directory_sync.reader import Entry
from directory_sync.understanding import understand
from tests.doubles.listed import Listed
from tests.invariants import check_invariants
from tests.properties.test_increments import NAMES, Shelf
from tests.syncing import CORP, SETTINGS, AtOnce

if TYPE_CHECKING:
    from addresses.directory import LdapDirectory
    from addresses.table import Table

SINCE, RUN = "2026-03-01T09:00:00.000000Z", RunId("run-1")
SOURCES = [directory_source("corp"), directory_source("other"), MANUAL]
IDS = "0123"
UNLINKED = CORP.model_copy(update={"auto_link": False})
OTHER = CORP.model_copy(update={"domains": ["example.com"]})


@dataclass
class Said(Listed):
    """A directory that names some entries more than once, if it was given them so."""

    said: Sequence[Entry] = ()

    def full(self) -> Iterator[Entry]:
        """All that it was given."""
        yield from self.said


def states(mailbox: Mailbox) -> list[AddressState]:
    """Its addresses, each in it since ever."""
    start = TenureStart(mailbox.id, SINCE, mailbox.source, RUN)
    return [AddressState(each, (start,), 1) for each in mailbox.addresses]


@st.composite
def books(draw: st.DrawFn) -> Existing:
    """Up to five open mailboxes, kept by corp, by another directory or by nobody, some by one entry of corp."""
    names = [parse(name) for name in draw(st.permutations(NAMES))]
    mailboxes: list[Mailbox] = []
    for number in range(draw(st.integers(0, 5))):
        mine, names = names[: (size := draw(st.integers(1, 3)))], names[size:]
        if not mine:
            break
        keeper, entry = draw(st.sampled_from([None, "corp", "corp", "other"])), draw(st.sampled_from(IDS))
        profile = Profile(draw(st.sampled_from(["", "n"])), keeper, entry if keeper else None)
        made = directory_mailbox_id("corp", draw(st.sampled_from(IDS)), draw(st.integers(0, 1)))
        ids = {each.id for each in mailboxes}
        mailboxes.append(
            Mailbox(
                made if made not in ids and draw(st.booleans()) else MailboxId(f"m-{number}"),
                Status.OPEN,
                mine[0],
                profile,
                draw(st.sampled_from(SOURCES)),
                {alias: Alias(draw(st.sampled_from(SOURCES)), SINCE) for alias in sorted(mine[1:])},
                (Primacy(mine[0], SINCE, MANUAL, RUN),),
                1,
            )
        )
    return existing(mailboxes, [state for each in mailboxes for state in states(each)])


any_entry = st.builds(
    Entry,
    id=st.sampled_from(IDS),
    primaries=st.lists(st.sampled_from(NAMES), min_size=1, max_size=2).map(lambda names: tuple(dict.fromkeys(names))),
    aliases=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    name=st.sampled_from(["", "n"]),
    enabled=st.sampled_from([True, True, True, False]),
)


@st.composite
def of_kept(draw: st.DrawFn, book: Existing) -> list[Entry]:
    """The entries that ask for just what corp keeps, or nearly: some are missing, some have another name."""
    kept = [each for each in book.mailboxes.values() if each.profile.directory == "corp" and draw(st.booleans())]
    names = [draw(st.sampled_from([each.profile.name, each.profile.name, "", "n"])) for each in kept]
    return [
        Entry(str(each.profile.directory_id), (each.primary,), tuple(each.aliases), name)
        for each, name in zip(kept, names, strict=True)
    ]


@settings(max_examples=1000)
@given(
    st.data(),
    books(),
    st.lists(any_entry, max_size=4),
    st.sampled_from([CORP, UNLINKED]),
    st.sampled_from([CORP, OTHER]),
)
def test_the_plan_is_that_of_everybody(
    data: st.DataObject, book: Existing, others: list[Entry], corp: "LdapDirectory", other: "LdapDirectory"
) -> None:
    """Entries that agree, that differ, that contradict each other or come twice; addresses that others hold."""
    check_invariants(book)
    known = {"corp": corp, "other": other}
    said = data.draw(st.permutations([*data.draw(of_kept(book)), *others]))
    found = understand(said, corp.disabled_accounts, SETTINGS)
    assume(found.mailboxes)
    desired = Desired(
        "corp",
        found.mailboxes,
        unclear=found.unclear,
        auto_link=corp.auto_link,
        authorities={name: frozenset(each.domains) for name, each in known.items()},
        notes=found.notes,
    )
    directory = Said(said=said, entries_by_id={each.id: each for each in said})
    gathered = Gathering("corp", known, SETTINGS, cast("Table", Shelf(book)), directory, AtOnce()).whole()
    assert plan(book.mailboxes.values(), desired) == plan(gathered.existing, gathered.desired)


def test_only_what_differs_is_planned() -> None:
    """Of three mailboxes, one is as the directory says, and one belongs to nobody any more."""
    comparison = Comparison("corp", auto_link=True)
    names = [Address(f"{name}@example.com") for name in "abc"]
    for number, name in enumerate(names):
        profile = Profile("", "corp", str(number))
        alias = {Address(f"x{name}"): Alias(Source("manual"), SINCE)}
        comparison.remember([Mailbox(MailboxId(name), Status.OPEN, name, profile, MANUAL, alias)])
    said = [
        DesiredMailbox("0", names[0], frozenset({Address(f"x{names[0]}")})),
        DesiredMailbox("1", names[1], frozenset()),
    ]
    assert [True, False] == [comparison.settles(each) for each in said]
    assert {MailboxId(names[1])} == comparison.differing
    assert ["2"] == [*comparison.unseen]
    assert (2, 3) == (comparison.met, comparison.owned)
    assert [said[0]] == comparison.taken_back(["0", "1"])
    assert 0 == comparison.met
