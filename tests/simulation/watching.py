"""What must hold after every single write, and what each change may be: a history is legal step by step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from addresses.delegation import Delegation
from addresses.delegation_items import ACCESS, delegation_from
from addresses.items import address_from, mailbox_from
from addresses.mailbox import AddressState, Existing, Mailbox, MailboxId, existing
from addresses.run import RunStatus
from addresses.wire import plain
from tests.invariants import check_invariants
from tests.simulation.cloud import Cloud, Violated
from tests.simulation.dynamodb import Change, Key
from tests.simulation.expressions import Raw

BEGUN, ENDED = RunStatus.GATHERING, {RunStatus.PLANNED, RunStatus.APPLIED, RunStatus.FAILED, RunStatus.REJECTED}
# What may become of a run; nothing ever becomes of one that has ended.
BECOMES: dict[str, set[str]] = {
    RunStatus.GATHERING: {BEGUN, *ENDED, RunStatus.HELD, RunStatus.APPLYING},
    RunStatus.HELD: {RunStatus.HELD, RunStatus.APPLYING, RunStatus.REJECTED, RunStatus.SUPERSEDED},
    RunStatus.APPLYING: {RunStatus.APPLYING, RunStatus.APPLIED, RunStatus.FAILED},
}
# Who alone may write what; every other item is some function's that the roles of the template say.
MAIL_ALONE = ("ARCHIVE#", "MESSAGE#")


@dataclass(frozen=True)
class Moment:
    """What was so until the next write: the address book, and what each mailbox may read besides its own."""

    book: Existing
    granted: Mapping[Key, Delegation]


@dataclass
class Watch:
    """Looks at every write. ``moments`` are what was so after each, the last one last."""

    cloud: Cloud
    mailboxes: dict[MailboxId, Mailbox] = field(default_factory=dict)
    addresses: dict[str, AddressState] = field(default_factory=dict)
    granted: dict[Key, Delegation] = field(default_factory=dict)
    book: Existing = field(default_factory=Existing)
    moments: list[Moment] = field(default_factory=list)

    def begin(self) -> None:
        """Look at what there is."""
        items = [plain(item) for item in self.cloud.store.items.values()]
        self.mailboxes = {found.id: found for found in map(mailbox_from, items_of("MAILBOX", items))}
        self.addresses = {found.address: found for found in map(address_from, items_of("ADDRESS", items))}
        self.granted = {
            (item["pk"], item["sk"]): delegation_from(item) for item in items if item["sk"].startswith(ACCESS)
        }
        self.book = existing(self.mailboxes.values(), self.addresses.values())
        self.moments = [Moment(self.book, dict(self.granted))]
        self.cloud.store.watch = self

    def __call__(self, changes: list[Change]) -> None:
        """A write was carried out."""
        try:
            self._look(changes)
        except AssertionError as broken:
            raise Violated(str(broken)) from broken

    def _look(self, changes: list[Change]) -> None:
        seen = set()
        for key, before, after in changes:
            kind = key[1].partition("#")[0]
            seen.add(kind)
            _LOOKS.get(kind, _look_at_archive)(self, key, before, after)
        if seen & {"MAILBOX", "ADDRESS"}:
            self.book = existing(self.mailboxes.values(), self.addresses.values())
            check_invariants(self.book)
        if seen & {"MAILBOX", "ADDRESS", "ACCESS"}:
            self.moments.append(Moment(self.book, dict(self.granted)))


def items_of(kind: str, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the items whose sort key is this word."""
    return [item for item in items if item["sk"] == kind]


def _look_at_mailbox(watch: Watch, key: Key, _before: Raw | None, after: Raw | None) -> None:
    assert after is not None, f"{key} was removed"
    now = mailbox_from(plain(after))
    was = watch.mailboxes.get(now.id)
    assert now.version == (was.version if was else 0) + 1, f"{key} was written over a version that was not read"
    kept = was.primaries if was else ()
    assert now.primaries[: len(kept)] == kept, f"{key} forgot a primary"
    watch.mailboxes[now.id] = now


def _look_at_address(watch: Watch, key: Key, _before: Raw | None, after: Raw | None) -> None:
    """Every change of hands is one more entry of the history, and no entry is ever another (I3)."""
    assert after is not None, f"{key} was removed"
    now = address_from(plain(after))
    was = watch.addresses.get(now.address)
    assert now.version == (was.version if was else 0) + 1, f"{key} was written over a version that was not read"
    kept = was.starts if was else ()
    assert now.starts[: len(kept)] == kept, f"{key} forgot its history"
    assert len(now.starts) <= len(kept) + 1, f"{key} changed hands twice at once"
    watch.addresses[now.address] = now


def _look_at_archive(watch: Watch, key: Key, before: Raw | None, after: Raw | None) -> None:
    """No archive entry or message is changed or removed by linking (I4); of mail, only copies add to it."""
    writer = watch.cloud.current.function if watch.cloud.current else "nobody"
    if not key[0].startswith(MAIL_ALONE):
        return
    assert writer == "mail_ingest", f"{writer} wrote {key}"
    assert after is not None, f"{key} was removed"
    lasting = {name: value for name, value in (before or {}).items() if name not in _COPIES_ADD}
    assert lasting.items() <= after.items(), f"{key} became another"
    if before and "direction" in before:
        assert (before["direction"], after["direction"]) != ({"S": "received"}, {"S": "sent"}), f"{key} was taken back"


_COPIES_ADD = {"envelope", "verdicts", "direction"}


def _look_at_access(watch: Watch, key: Key, _before: Raw | None, after: Raw | None) -> None:
    if after:
        watch.granted[key] = delegation_from(plain(after))
    else:
        watch.granted.pop(key, None)


def _look_at_run(_watch: Watch, key: Key, before: Raw | None, after: Raw | None) -> None:
    assert after is not None, f"{key} was removed"
    if before is None:
        return
    was, now = before["status"]["S"], after["status"]["S"]
    assert now in BECOMES.get(was, {was}), f"{key} was {was} and became {now}"
    if was not in BECOMES:
        lasting = {name: value for name, value in before.items() if name not in {"upload", "version"}}
        assert lasting.items() <= after.items(), f"{key} changed after its end"


def _look_at_record(_watch: Watch, key: Key, before: Raw | None, after: Raw | None) -> None:
    """What became of steps is told once."""
    assert before is None or before == after, f"{key} was told otherwise"


_LOOKS: dict[str, Callable[[Watch, Key, Raw | None, Raw | None], None]] = {
    "MAILBOX": _look_at_mailbox,
    "ADDRESS": _look_at_address,
    "ACCESS": _look_at_access,
    "RUN": _look_at_run,
    "STEPS": _look_at_record,
    "PART": _look_at_record,
}
