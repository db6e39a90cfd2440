"""The people of a small directory and the addresses they have there: as data, and as entries of a real server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from local.ldap_editor import Editor, Values
from local.slapd import PERSON

MOST = 3


@dataclass(frozen=True)
class Person:
    """A person's addresses, as the directory has them."""

    primary: str
    aliases: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """The primary, then the aliases."""
        return (self.primary, *self.aliases)


# Who is in the directory, by uid. No address is two people's.
type Staff = Mapping[str, Person]


def reorganised(names: Sequence[str], chance: Random) -> Staff:
    """Everything anew: up to three people, and who has which of these addresses."""
    left = chance.sample(names, chance.randint(len(names) // 2, len(names)))
    people = {}
    for number in range(chance.randint(1, MOST)):
        aliases = tuple(left.pop() for _ in range(min(chance.randint(0, 3), len(left) - 1)))
        people[f"e{number}"] = Person(left.pop(), aliases)
        if not left:
            break
    return people


def changed(staff: Staff, names: Sequence[str], chance: Random) -> Staff:
    """After a day: aliases handed over, primaries changed or swapped, people gone and new; up to three of it."""
    people = dict(staff)
    for _ in range(chance.randint(1, 3)):
        change = chance.choice(
            (_alias_moves, _alias_goes, _alias_comes, _name_changes, _two_swap, _one_goes, _one_comes)
        )
        change(people, names, chance)
    return people


def write(editor: Editor, unit: str, before: Staff, after: Staff) -> None:
    """Make the entries of the unit what they should be; who comes again is another entry."""
    for uid in before.keys() - after.keys():
        editor.remove(f"uid={uid},{unit}")
    for uid, person in after.items():
        if uid not in before:
            others: dict[str, Values] = {"mailAlternateAddress": person.aliases} if person.aliases else {}
            editor.add(f"uid={uid},{unit}", PERSON, cn=uid, sn=uid, mail=person.primary, **others)
        elif before[uid] != person:
            editor.change(f"uid={uid},{unit}", mail=person.primary, mailAlternateAddress=person.aliases)


def _free(people: Staff, names: Sequence[str], chance: Random) -> str | None:
    taken = {address for each in people.values() for address in each.addresses}
    free = [name for name in names if name not in taken]
    return chance.choice(free) if free else None


def _alias_moves(people: dict[str, Person], names: Sequence[str], chance: Random) -> None:  # noqa: ARG001
    having = [uid for uid, each in people.items() if each.aliases]
    if having:
        alias = people[giver := chance.choice(having)].aliases[0]
        people[giver] = Person(people[giver].primary, people[giver].aliases[1:])
        taker = people[uid := chance.choice(list(people))]
        people[uid] = Person(taker.primary, (*taker.aliases, alias))


def _alias_goes(people: dict[str, Person], names: Sequence[str], chance: Random) -> None:  # noqa: ARG001
    uid = chance.choice(list(people))
    people[uid] = Person(people[uid].primary, people[uid].aliases[1:])


def _alias_comes(people: dict[str, Person], names: Sequence[str], chance: Random) -> None:
    if alias := _free(people, names, chance):
        uid = chance.choice(list(people))
        people[uid] = Person(people[uid].primary, (*people[uid].aliases, alias))


def _name_changes(people: dict[str, Person], names: Sequence[str], chance: Random) -> None:
    uid = chance.choice(list(people))
    old = people[uid]
    if old.aliases and chance.random() < 0.5:
        people[uid] = Person(old.aliases[0], (*old.aliases[1:], old.primary))
    elif new := _free(people, names, chance):
        kept = (old.primary,) if chance.random() < 0.5 else ()
        people[uid] = Person(new, (*old.aliases, *kept))


def _two_swap(people: dict[str, Person], names: Sequence[str], chance: Random) -> None:  # noqa: ARG001
    if len(people) > 1:
        one, other = chance.sample(list(people), 2)
        people[one], people[other] = (
            Person(people[other].primary, people[one].aliases),
            Person(people[one].primary, people[other].aliases),
        )


def _one_goes(people: dict[str, Person], names: Sequence[str], chance: Random) -> None:  # noqa: ARG001
    # A directory without anybody is no directory that is believed.
    if len(people) > 1:
        del people[chance.choice(list(people))]


def _one_comes(people: dict[str, Person], names: Sequence[str], chance: Random) -> None:
    free = _free(people, names, chance)
    uids = [f"e{number}" for number in range(MOST) if f"e{number}" not in people]
    if free and uids:
        people[uids[0]] = Person(free, ())


_CHANGES = (_alias_moves, _alias_goes, _alias_comes, _name_changes, _two_swap, _one_goes, _one_comes)
