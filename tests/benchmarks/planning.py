"""Planning a directory of a million addresses, one in a hundred changed or none, beside what else finds differences."""

import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from addresses.address import Address
from addresses.desired import Desired, DesiredMailbox
from addresses.mailbox import Mailbox, MailboxId
from addresses.plan import Plan
from addresses.reconcile import plan
from addresses.settled import Comparison
from tests.benchmarks import organisation
from tests.benchmarks.peers import octodns, postgresql, sorting
from tests.benchmarks.row import Row, Watch, at_least, at_most, peak

PEOPLE = 300_000
# Three addresses of 90 people change: of a million, 10,000.
ONE_IN_A_HUNDRED = 90
OCTODNS_RECORDS = 5_000


def planned(said: Iterable[DesiredMailbox]) -> tuple[Plan, float, int]:
    """The plan, the seconds of CPU that it took, and the most memory by then: both sides are made as they are used."""
    watch, comparison = Watch(), Comparison(organisation.DIRECTORY, auto_link=True)
    mailboxes = map(organisation.mailbox, organisation.entries(PEOPLE))
    for _ in watch.each(mailboxes, comparison.remember):
        pass
    entries: list[DesiredMailbox] = []
    for some in watch.each(said, lambda some: [each for each in some if not comparison.settles(each)]):
        entries += some
    claimed = {each for entry in entries for each in (entry.primary, *entry.aliases)}
    existing = concerned(comparison.differing, claimed) if entries else []
    back = {str(each.profile.directory_id) for each in existing}
    began = time.process_time()
    entries += comparison.taken_back(back)
    result = plan(existing, Desired(organisation.DIRECTORY, tuple(entries), met=comparison.met))
    return result, watch.seconds + time.process_time() - began, peak()


def concerned(ids: set[MailboxId], claimed: set[Address]) -> list[Mailbox]:
    """The mailboxes with these ids, and those that hold one of these addresses: what the table is asked for."""
    everybody = map(organisation.mailbox, organisation.entries(PEOPLE))
    return [each for each in everybody if each.id in ids or not claimed.isdisjoint(each.addresses)]


def pairs(entries: Iterable[DesiredMailbox]) -> Iterator[tuple[str, str]]:
    """Every address with the mailbox that it belongs to."""
    for entry in entries:
        yield from ((address, entry.directory_id) for address in (entry.primary, *entry.aliases))


def written(path: Path, entries: Iterable[DesiredMailbox]) -> Path:
    """The same in a file."""
    with path.open("w") as file:
        file.writelines(f"{address}\t{mailbox}\n" for address, mailbox in pairs(entries))
    return path


def rows() -> Iterator[Row]:
    """Ours first, in the memory of a process that has done nothing else."""
    changed, took, memory = planned(organisation.later(PEOPLE, ONE_IN_A_HUNDRED))
    unchanged, took_unchanged, _ = planned(organisation.entries(PEOPLE))
    addresses = changed.unchanged + len(changed.steps)
    work = f"plan {addresses:,} addresses of {PEOPLE:,} mailboxes, {len(changed.steps):,} steps"
    yield Row(f"{work}: memory", f"{memory} MiB", "", "", "<= 400 MiB", memory <= 400)
    with TemporaryDirectory() as folder:
        existing = written(Path(folder, "existing"), organisation.entries(PEOPLE))
        desired = written(Path(folder, "desired"), organisation.later(PEOPLE, ONE_IN_A_HUNDRED))
        if postgresql.available():
            Path(folder).chmod(0o755)
            joined, _ = postgresql.joined(existing, desired)
            yield at_most(work, took, "PostgreSQL's full join of two loaded tables", joined, 1.5)
        compared, _ = sorting.compared(existing, desired)
        yield at_most(work, took, "sort and comm of two files", compared, 4)
    yield at_most("the same, nothing changed", took_unchanged, "one in a hundred changed", took, 1)
    yield Row("the same: steps", f"{len(unchanged.steps)}", "", "", "0", not unchanged.steps)
    if octodns.available():
        before = list(islice(pairs(organisation.entries(PEOPLE)), OCTODNS_RECORDS))
        after = list(islice(pairs(organisation.later(PEOPLE, ONE_IN_A_HUNDRED)), OCTODNS_RECORDS))
        each = addresses / took
        peer = f"octoDNS, dry run of {OCTODNS_RECORDS:,} records"
        yield at_least("plan, addresses", each, peer, OCTODNS_RECORDS / octodns.dry_run(before, after), 400)
        peer = "octoDNS, the comparison alone, of zones that are loaded"
        yield at_least("plan, addresses", each, peer, OCTODNS_RECORDS / octodns.changes(before, after)[0], 1)
