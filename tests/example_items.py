"""An item of each kind, as the code writes it, for ``docs/data-model.md``."""

from addresses.address import parse
from addresses.archive import Direction, Entry, Envelope, Message, RawObject, Verdicts
from addresses.delegation import Delegation, Target
from addresses.delegation_items import delegation_writes
from addresses.directory import LdapDirectory, LdapProfile
from addresses.directory_items import directory_item
from addresses.items import address_write, entry_item, mailbox_write, message_item, new_address, settings_item
from addresses.load import Container, ContainerStatus, LoadName, LoadOutcome, LoadResult
from addresses.load_items import container_item, counter_key, counter_write, load_item, result_write
from addresses.mailbox import (
    MANUAL,
    SPREADSHEET,
    AddressState,
    Alias,
    Mailbox,
    MailboxId,
    Primacy,
    Profile,
    RunId,
    Source,
    Stamp,
    Status,
    TenureStart,
    directory_mailbox_id,
    directory_source,
)
from addresses.outcome import Outcome, Verdict
from addresses.plan import in_order
from addresses.run import Reading, Run, RunKind, RunStatus, Upload, counts
from addresses.run_items import part_item, run_item, run_write, steps_item
from addresses.settings import Settings
from addresses.step import Link, Ref
from addresses.sync_state import SyncState
from addresses.sync_state_items import state_write
from addresses.table import Item
from tests.metered import written

ALICE, ALLY, BOB = (parse(f"{name}@example.com") for name in ("alice", "ally", "bob"))
CORP = directory_source("corp")
ENTRY_OF_CORP = "5f0f2b8a-9c1d-4e57-8f0e-2a3b4c5d6e7f"
ID, FORMER = directory_mailbox_id("corp", ENTRY_OF_CORP), MailboxId("955f0435-5913-43ce-b971-c1332fc1936b")
DIGEST = "8d74beec1be996322ad76813bafb92d40839895d6dd7ee808b17ca201eac98be"


def _stamp(source: Source, run: str, at: str) -> Stamp:
    return Stamp(source, RunId(run), at)


OPENED = _stamp(CORP, "20250110T080000Z-6d5f04eb6ab8", "2025-01-10T08:00:00.000000Z")
FREED = _stamp(MANUAL, "20251231T170000Z-02c7a99fd1e3", "2025-12-31T17:00:00.000000Z")
LINKED = _stamp(MANUAL, "20260301T093000Z-5db3200219e4", "2026-03-01T09:30:00.000000Z")


def start(mailbox: MailboxId | None, stamp: Stamp) -> TenureStart:
    """From then on the address belonged to this mailbox, or to none."""
    return TenureStart(mailbox, stamp.at, stamp.source, stamp.run)


ADDRESS = AddressState(ALLY, (start(FORMER, OPENED), start(None, FREED), start(ID, LINKED)), 2)
REIGN = Primacy(ALICE, OPENED.at, OPENED.source, OPENED.run)
ALIAS = Alias(LINKED.source, LINKED.at)
MAILBOX = Mailbox(ID, Status.OPEN, ALICE, Profile("Alice", "corp", ENTRY_OF_CORP), CORP, {ALLY: ALIAS}, (REIGN,), 1)
PLAN = in_order(MANUAL, [Link(Ref(ID, ALICE), ALLY)])
DONE = [Outcome(step, Verdict.APPLIED) for step in PLAN.steps]
RUN = Run(
    LINKED.run,
    RunKind.MANUAL,
    MANUAL,
    "admin@example.com",
    LINKED.at,
    RunStatus.APPLIED,
    digest=PLAN.digest,
    counts=counts(DONE),
    finished_at=LINKED.at,
)
SYNCED = Reading("dirsync:TVNEUwMAAAA", whole=True, owned=1204, read_as="d5b1c8f3a2e4907b")
SYNC = Run(
    RunId("20260301T094500Z-0f3c5d2e9a71"),
    RunKind.SYNC,
    CORP,
    "schedule",
    "2026-03-01T09:45:00.000000Z",
    RunStatus.REJECTED,
    digest=PLAN.digest,
    counts=PLAN.counts | {"ignored": 3},
    held_because="directory:corp would take away 700 of its 1204 addresses ...",
    because="admin@example.com rejected it.",
    decided_by="admin@example.com",
    finished_at="2026-03-01T10:05:00.000000Z",
    plan=f"plans/{PLAN.digest}-1/",
    parts=1,
    findings="findings/20260301T094500Z-0f3c5d2e9a71.json",
    reading=SYNCED,
)
REVERT = Run(
    RunId("20260301T110000Z-8e1f7a6b5c4d"),
    RunKind.REVERT,
    MANUAL,
    "admin@example.com",
    "2026-03-01T11:00:00.000000Z",
    RunStatus.PLANNED,
    dry_run=True,
    digest=PLAN.digest,
    counts=PLAN.counts,
    finished_at="2026-03-01T11:00:01.000000Z",
    plan=f"plans/{PLAN.digest}-1/",
    parts=1,
    reverts=RUN.id,
)
IMPORT = Run(
    RunId("20260301T120000Z-1b2c3d4e5f60"),
    RunKind.IMPORT,
    SPREADSHEET,
    "admin@example.com",
    "2026-03-01T12:00:00.000000Z",
    RunStatus.APPLIED,
    digest=PLAN.digest,
    counts=PLAN.counts,
    finished_at="2026-03-01T12:00:09.000000Z",
    plan=f"plans/{PLAN.digest}-1/",
    parts=1,
    upload=Upload(
        "uploads/20260301T120000Z-1b2c3d4e5f60/list.xlsx",
        "list.xlsx",
        "096fKKXTRTtl3on89fVO.nfljtsv6qko",
        rows=7,
        of_parts=(4,),
        results=f"rows/20260301T120000Z-1b2c3d4e5f60/{PLAN.digest}/",
        copies=tuple(f"results/20260301T120000Z-1b2c3d4e5f60/list.{kind}" for kind in ("xlsx", "csv")),
    ),
)
DIRECTORY = LdapDirectory(
    kind="ldap",
    url="ldaps://dc1.corp.example.com",
    base_dn="dc=corp,dc=example,dc=com",
    bind_dn="cn=archive,cn=users,dc=corp,dc=example,dc=com",
    secret_name="alias-addresses/corp",
    profile=LdapProfile.ACTIVE_DIRECTORY,
    domains=["example.com"],
)
STATE = SyncState(
    "corp",
    under_way=RunId("20260301T101500Z-3b9ac1d2e8f0"),
    until="2026-03-01T10:31:00.000000Z",
    held=RunId("20260301T100000Z-7c0d9e8f1a2b"),
    rejected=PLAN.digest,
    reading=SYNCED,
    whole_at="2026-03-01T03:00:00.000000Z",
    written=(ID,),
    synced_at="2026-03-01T09:45:00.000000Z",
    version=7,
)
BOSS = parse("boss@example.com")
DELEGATION = Delegation(
    Target(ID),
    FORMER,
    BOSS,
    LINKED.at,
    "on leave",
    1_775_000_000,
    BOSS,
    "2026-03-09T08:00:00.000000Z",
)
DELEGATED, MIRROR = map(written, delegation_writes(DELEGATION, (1, 1)))
ONE_ADDRESS = delegation_writes(Delegation(Target(None, BOB), FORMER, BOSS, LINKED.at), (0, 0))
MESSAGE = Message(
    DIGEST,
    "2026-03-02T10:15:00Z",
    RawObject("alias-addresses-mail-123456789012-0a1b2c3d", "inbound/ses/o3vrnil0e2ic28tr", "3HL4kqtJlcpXroDTDmJ"),
    4711,
    BOB,
    (ALLY,),
    "Minutes",
    "<1@example.com>",
    "Mon, 02 Mar 2026 10:14:58 +0000",
    Envelope(BOB, (ALLY,), "carol@example.com"),
    Verdicts("PASS", "PASS", "GRAY", "PASS", "PASS"),
)
LOAD = LoadName("old.zip")
NOBODYS = LoadResult(
    "import/old.zip#00000007", LoadOutcome.NOBODY, "It names no internal address.", "inbox/7.eml", DIGEST
)
ENTRY = Entry(ALLY, MESSAGE.received_at, DIGEST, Direction.RECEIVED, BOB, MESSAGE.to, MESSAGE.subject, MESSAGE.size)
SETTINGS = Settings(
    internal_domains=["example.com", "example.net"],
    subaddress_delimiter={"example.com": "+"},
    journal_addresses=["journal@example.com"],
    journal_sources=["reports@example.net", "198.51.100.0/24"],
)

EXAMPLES: dict[str, Item] = {
    "Address": written(address_write(ADDRESS)),
    "Address that belongs to nobody": new_address(BOB),
    "Mailbox": written(mailbox_write(MAILBOX)),
    "Run": run_item(RUN),
    "Run that was held and rejected": written(run_write(SYNC)),
    "Dry run that takes another back": written(run_write(REVERT)),
    "Import": written(run_write(IMPORT)),
    "Steps of a run": steps_item(RUN.id, 0, 0, DONE),
    "Part of a run": part_item(SYNC.id, 0, counts(DONE)),
    "Directory": directory_item("corp", DIRECTORY),
    "State of a directory": written(state_write(STATE)),
    "Delegation": DELEGATED,
    "Delegation of one address": written(ONE_ADDRESS[0]),
    "What a mailbox may read": MIRROR,
    "Message": message_item(MESSAGE),
    "Archive entry": entry_item(ENTRY),
    "Load": load_item(LOAD, "2026-03-01T12:00:00Z"),
    "Container of a load": container_item(
        LOAD, Container("import/old.zip", ContainerStatus.FAILED, 7, "It is damaged and could be read no further.")
    ),
    "Result of a message": written(result_write(LOAD, NOBODYS, 0)),
    "Count of results": written(counter_write(counter_key(LOAD, NOBODYS.position), {"filed": 6, "nobody": 1}, 6)),
    "Settings": settings_item(SETTINGS),
}
