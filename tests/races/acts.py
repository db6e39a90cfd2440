"""What each of the sixteen does in a round, as data that a seed chooses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from addresses.archive import Envelope

ACTORS = 16
HANDS = 6
BY_EACH_HAND = 4
# How often somebody names what is there; else anything.
SENSIBLE = 0.8


@dataclass(frozen=True)
class Request:
    """An administrator asks the API; with ``patiently``, the run that this begins is waited for."""

    method: str
    path: str
    body: Mapping[str, Any] | None = None
    patiently: bool = False


@dataclass(frozen=True)
class Sheet:
    """A spreadsheet is put into the import bucket; each row is a primary, an alias and an action."""

    key: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Mail:
    """A message is put into the mail bucket, announced by S3 or, with an ``envelope``, by SES; ``times`` so often."""

    key: str
    subject: str
    to: tuple[str, ...]
    envelope: Envelope | None
    times: int


@dataclass(frozen=True)
class Reading:
    """Somebody logs on with this address, and reads."""

    address: str


type Act = Request | Sheet | Mail | Reading


@dataclass(frozen=True)
class Before:
    """What there is before a round, by which everybody wishes.

    ``names`` are the addresses, ``holders`` the primary of each that has a mailbox. ``done`` are the runs that can be
    taken back, newest first; ``held`` is one that waits, and ``digest`` that of its plan.
    """

    names: Sequence[str]
    holders: Mapping[str, str]
    directory: str
    done: Sequence[str]
    held: str | None
    digest: str


def chosen(number: int, before: Before, chance: Random) -> list[list[Act]]:
    """What each of the sixteen does in this round, one after the other."""
    names, sync, some = before.names, f"/directories/{before.directory}/sync", before.done[:12]
    reverts = [Request("POST", f"/runs/{each}/revert") for each in chance.sample(some, min(3, len(some)))]
    actors: list[list[Act]] = [
        [Request("POST", sync, {"whole": False}, patiently=True), Request("POST", sync, {"whole": True})],
        [Request("POST", sync, {"whole": True}, patiently=True), Request("POST", sync, {"dry_run": True})],
        [_sheet(f"{number}-one", names, chance)],
        [_sheet(f"{number}-two", names, chance), _sheet(f"{number}-three", names, chance)],
        [*_decisions(before, chance), *reverts[:1]],
        [*_decisions(before, chance), *reverts[1:]],
        [_mail(f"{number}-{each}", names, chance) for each in "abc"],
        [_mail(f"{number}-{each}", names, chance) for each in "def"],
        [Reading(chance.choice(names)), Reading(chance.choice(names))],
        [Reading(chance.choice(names)), Reading(chance.choice(names))],
    ]
    actors += [[by_hand(names, before.holders, chance) for _ in range(BY_EACH_HAND)] for _ in range(HANDS)]
    assert len(actors) == ACTORS
    return actors


def by_hand(names: Sequence[str], holders: Mapping[str, str], chance: Random) -> Request:
    """A wish of an administrator for two or three of these addresses; mostly one that makes sense, as things were."""
    primaries = sorted(set(holders.values()))
    aliases = [name for name in names if holders.get(name, name) != name]
    others = [name for name in names if name not in primaries]

    def some(likely: Sequence[str]) -> str:
        return chance.choice(likely if likely and chance.random() < SENSIBLE else names)

    one, alias, other, third = some(primaries), some(aliases), some(others), some(others)
    holder = holders.get(alias, one)
    wishes = [
        (2, Request("PUT", f"/mailboxes/{other}", {"name": third})),
        (1, Request("PUT", f"/mailboxes/{alias}", {"from": holder})),
        (3, Request("PUT", f"/mailboxes/{one}/aliases/{other}", {})),
        (3, Request("PUT", f"/mailboxes/{one}/aliases/{alias}", {"from": holder})),
        (2, Request("POST", f"/mailboxes/{one}/aliases", {"aliases": [other, third]})),
        (1, Request("DELETE", f"/mailboxes/{holder}/aliases/{alias}")),
        (2, Request("PUT", f"/mailboxes/{holder}/primary", {"address": alias})),
        (1, Request("DELETE", f"/mailboxes/{one}")),
    ]
    return chance.choices([wish for _, wish in wishes], [often for often, _ in wishes])[0]


def _decisions(before: Before, chance: Random) -> list[Act]:
    """The held run is approved, mostly; without one, one that is not held is."""
    run = before.held or next(iter(before.done), None)
    if run is None:
        return []
    if before.held and chance.random() < 0.1:
        return [Request("POST", f"/runs/{run}/reject")]
    return [Request("POST", f"/runs/{run}/approve", {"digest": before.digest or "0" * 64})]


def _sheet(name: str, names: Sequence[str], chance: Random) -> Sheet:
    rows = []
    for _ in range(chance.randint(1, 4)):
        primary, alias = chance.sample(names, 2)
        rows.append((primary, alias, chance.choice(["link", "link", "unlink"])))
    return Sheet(f"uploads/{names[0].partition('@')[2]}-{name}.csv", tuple(rows))


def _mail(name: str, names: Sequence[str], chance: Random) -> Mail:
    domain, to = names[0].partition("@")[2], tuple(chance.sample(names, chance.randint(1, 3)))
    envelope = Envelope("bob@example.org", to) if chance.random() < 0.4 else None
    key = f"inbound/{'ses/' if envelope else ''}{domain}-{name}"
    return Mail(key, f"{name} {domain}", to, envelope, chance.choice([1, 1, 2, 3]))
