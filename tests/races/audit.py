"""What must hold once all is at rest; what does not is told in sentences."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from addresses.address import Address
from addresses.mailbox import Existing, directory_source
from addresses.run import Run, RunStatus
from addresses.table import Item
from addresses.times import parse_time, stamp
from tests.invariants import check_archive_untouched, check_invariants
from tests.races import history, rest
from tests.races.crowd import Noted
from tests.races.world import World
from tests.table import address_book

EXPECTED = {200, 201, 202, 204, 404, 409}
ENDED = {RunStatus.PLANNED, RunStatus.HELD, RunStatus.APPLIED, RunStatus.REJECTED, RunStatus.SUPERSEDED}
# What the embedded AWS answers for a function that it ended after its time: a slow machine breaks no rule by it, and
# what was cut off has to leave everything as it should be.
CUT_OFF = "Sandbox.Timedout"
WRITTEN_WITHIN = timedelta(seconds=5)
BUSY, STEPPED_BACK = 503, "is under way"


def answers(noted: Iterable[Noted]) -> list[str]:
    """Every request succeeded, or was told the rule that forbade it; or to try again, as the table was busy."""
    return [f"{each.what} was answered {each.status}: {each.said}" for each in noted if not _is_allowed(each)]


def _is_allowed(noted: Noted) -> bool:
    if noted.status == 0 or noted.status < 400:
        return noted.status == 0 or noted.status in EXPECTED
    said = noted.said if isinstance(noted.said, dict) else {}
    if said.get("errorType") == CUT_OFF:
        return True
    if noted.status == BUSY:
        return said.get("type") == "table-busy" and "again" in said.get("detail", "")
    return noted.status in EXPECTED and bool(said.get("type")) and bool(said.get("detail"))


def ended(runs: Iterable[Run], world: World) -> list[str]:
    """Every run ended as runs may, every execution succeeded, and nothing was given up."""
    runs = list(runs)
    ids = {each.id for each in runs}
    bad: list[str] = []
    for each in runs:
        stepped_back = each.status is RunStatus.FAILED and STEPPED_BACK in (each.because or "")
        if each.status not in ENDED and not stepped_back:
            bad.append(f"run {each.id} ({each.kind}) is {each.status}: {each.because}")
    for status in ("FAILED", "TIMED_OUT", "ABORTED"):
        bad += [
            f"the execution of {each['name']} is {status}"
            for each in rest.executions(world, status)
            if each["name"] in ids
        ]
    return bad + rest.dead_letters(world)


def book(items: Sequence[Item]) -> list[str]:
    """I1 to I3 on the whole table, and that histories are those of recorded steps."""
    found = address_book(items)
    bad = history.contradictions(found.addresses.values(), history.recorded(items))
    try:
        check_invariants(found)
    except AssertionError as broken:
        bad.append(f"an invariant is broken: {broken}")
    return bad


def untouched(before: Sequence[Item], after: Sequence[Item]) -> list[str]:
    """I4: linking changed no message, and no entry of an archive."""
    try:
        check_archive_untouched(before, after)
    except AssertionError as broken:
        return [str(broken)]
    return []


def mail(world: World, items: Iterable[Item]) -> list[str]:
    """Every message is filed once for exactly those whom it was for, and its object is as it was put."""
    filed = Counter(
        (each["subject"], each["pk"].removeprefix("ARCHIVE#"))
        for each in items
        if each["pk"].startswith("ARCHIVE#") and each["pk"].endswith(f"@{world.domain}")
    )
    wanted = Counter((subject, address) for subject, to in world.mail.items() for address in to)
    bad = [
        f"{subject!r} is filed {number} times too often for {to}" for (subject, to), number in (filed - wanted).items()
    ]
    bad += [f"{subject!r} is not filed for {to}" for subject, to in wanted - filed]
    found: dict[str, str] = {}
    for prefix in ("inbound/", "inbound/ses/"):
        pages = world.s3.get_paginator("list_object_versions").paginate(
            Bucket=world.outputs.mail_bucket, Prefix=f"{prefix}{world.domain}"
        )
        found |= {each["Key"]: each["VersionId"] for page in pages for each in page.get("Versions", [])}
    return bad + ([] if found == world.versions else ["objects in the mail bucket are not those that were put"])


def read(world: World, noted: Iterable[Noted], exist: Existing) -> list[str]:
    """I6 while everybody acts: whoever read saw mail of addresses that were in one mailbox with their own just then."""
    bad = []
    for each in noted:
        if not each.reader or each.status != 200:
            continue
        if "messages" in each.said:
            vias = {one["subject"]: frozenset(one["via"]) for one in each.said["messages"]}
            bad += [
                f"{each.reader} read {name!r} via {via}" for name, via in vias.items() if not via <= world.mail[name]
            ]
            shown = frozenset[str]().union(*vias.values())
        else:
            shown = frozenset([each.said["primary"], *each.said["aliases"]])
        together = [_owners(exist, address, each) for address in (each.reader, *shown)]
        if not frozenset.intersection(*together):
            bad.append(f"{each.reader} was shown {sorted(shown)} between {each.began} and {each.ended}")
    return bad


def _owners(exist: Existing, address: str, noted: Noted) -> frozenset[str]:
    """The mailboxes that the address was in at some moment of the reading, as far as one can tell."""
    # A writer looks at its clock before it writes, so what it ended may be seen for a little longer.
    seen_from = stamp(parse_time(noted.began) - WRITTEN_WITHIN)
    return frozenset(
        each.mailbox
        for each in exist.address(Address(address)).tenures
        if each.since <= noted.ended and (each.until is None or each.until >= seen_from)
    )


def listed(world: World, exist: Existing) -> list[str]:
    """The lists that the API gives are those of the table: open mailboxes, and addresses that nobody owns."""
    mailboxes = _paged(world, "/mailboxes", "mailboxes", domain=world.domain)
    wanted = {each.primary for each in exist.mailboxes.values() if each.is_open and each.primary in world.names}
    bad = [f"GET /mailboxes and the table disagree on {each}" for each in {m["primary"] for m in mailboxes} ^ wanted]
    free = {each["address"] for each in _paged(world, "/addresses", "addresses", kind="unlinked", domain=world.domain)}
    unowned = {
        each.address for each in exist.addresses.values() if each.mailbox is None and each.address in world.names
    }
    return bad + [f"GET /addresses and the table disagree on {each}" for each in free ^ unowned]


def seen(world: World, address: str, exist: Existing) -> list[str]:
    """I6: whoever logs on sees exactly the mail of their own mailbox's addresses, or is told that they have none."""
    holder = next((each for each in exist.mailboxes.values() if address in each.addresses), None)
    with world.reader(address) as reader:
        me = reader.get("/me")
        if holder is None or me.status_code != 200:
            wanted = 404 if holder is None else 200
            return [] if me.status_code == wanted else [f"{address} logged on and got {me.status_code}, not {wanted}"]
        got = (me.json()["primary"], sorted(me.json()["aliases"]))
        messages: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = reader.get("/archive", params={"limit": "200", **cursor}).raise_for_status().json()
            messages += page["messages"]
            if not page["next"]:
                break
            cursor = {"cursor": page["next"]}
    bad = [] if got == (holder.primary, sorted(holder.aliases)) else [f"{address} is told it has {got}, not {holder}"]
    own = frozenset(holder.addresses)
    shown = {each["subject"]: frozenset(each["via"]) for each in messages}
    wanted_mail = {subject: own & to for subject, to in world.mail.items() if own & to}
    if shown != wanted_mail or len(messages) != len(shown):
        bad.append(f"{address} reads {sorted(shown.items() ^ wanted_mail.items())[:4]} wrongly")
    return bad


def carried_out(world: World, exist: Existing, contested: frozenset[str]) -> list[str]:
    """What the directory says is so, but for ``contested`` addresses that are another's primary and stay with it."""
    source, people = directory_source(world.directory), world.people()
    kept = {
        each.profile.directory_id: each
        for each in exist.mailboxes.values()
        if each.is_open and each.profile.directory == world.directory
    }
    # Whose primary is refused keeps the one that they had, and so it is refused to others.
    waiting = {kept[entry].primary for entry, person in people.items() if entry in kept and person.primary in contested}

    def stays(address: str) -> bool:
        holder = exist.holder(Address(address))
        others = holder is not None and holder.primary == address and holder.profile.directory != world.directory
        return address in contested and (others or address in waiting)

    bad = [f"{kept[entry].primary} is open for an entry that is gone" for entry in kept.keys() - people]
    for entry, person in people.items():
        mailbox = kept.get(entry)
        if mailbox is None or mailbox.primary != person.primary:
            # Of an entry whose primary is refused, nothing is done.
            if not stays(person.primary):
                bad.append(f"the directory says that {person.primary} is a primary, and it is not so")
            continue
        bad += [
            f"the directory says that {alias} belongs to {person.primary}, and it is not so"
            for alias in person.aliases
            if alias not in mailbox.addresses and not stays(alias)
        ]
        bad += [
            f"{alias} is linked to {person.primary} by the directory, which does not say so"
            for alias, how in mailbox.aliases.items()
            if how.source == source and alias not in person.addresses
        ]
    return bad


def _paged(world: World, path: str, name: str, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = world.admin.get(path, params={**query, **cursor}).raise_for_status().json()
        found += page[name]
        if not page["next"]:
            return found
        cursor = {"cursor": page["next"]}
