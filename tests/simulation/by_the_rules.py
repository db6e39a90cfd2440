"""What directories say, held against the table by a model that knows nothing of steps: ``tests.directory_rules``."""

from addresses.directory_items import directory_from, directory_key
from addresses.mailbox import Existing
from addresses.wire import plain
from tests.address_rules import PRIMARY, Book, Keeper, Link
from tests.directory_rules import Configured, said
from tests.simulation.cloud import Violated
from tests.simulation.world import World


def book(held: Existing) -> Book:
    """What the table holds, as the model has it."""
    links = {}
    for mailbox in held.mailboxes.values():
        if mailbox.is_open:
            links[str(mailbox.primary)] = Link(mailbox.id, PRIMARY)
            links.update({str(each): Link(mailbox.id, how.source) for each, how in mailbox.aliases.items()})
    profiles = {each.id: each.profile for each in held.mailboxes.values()}
    keepers = {
        str(each): Keeper(profile.directory, profile.directory_id or "") if profile.directory else None
        for each, profile in profiles.items()
    }
    return Book(links, keepers)


def require_as_directories_say(world: World) -> None:
    """By the rules alone, no directory's word changes anything any more."""
    known = {}
    for name in world.directories:
        directory = directory_from(plain(world.cloud.store.items[directory_key(name)]))
        known[name] = Configured(frozenset(directory.domains), auto_link=directory.auto_link)
    for name, listed in world.directories.items():
        word = said(book(world.watch.book), name, known, list(listed.entries_by_id.values()))
        if word is None:
            continue
        did = word.does()
        if did.moved or did.adopted:
            raise Violated(f"{name} still says otherwise of {sorted(did.moved)}: {word}")
