"""What an administrator asks for by hand, as plans. Pure: what exists goes in; steps, or the broken rule, come out.

A link by hand joins addresses of one domain only, and takes an address from a holder only if the request names that
holder: nobody loses an alias to a typing error.
"""

from collections.abc import Sequence

from addresses.address import Address, domain_of
from addresses.errors import AlreadyLinked, CrossDomain, IsPrimary, LinkedElsewhere, NoSuchMailbox, NotAnAlias
from addresses.mailbox import MANUAL, Existing, Mailbox, Profile
from addresses.plan import Plan, in_order
from addresses.settings import Settings
from addresses.step import Adopt, Close, Link, Open, Promote, Ref, Relink, Step, Unlink


def open_mailbox(existing: Existing, settings: Settings, new: Ref, name: str | None, holder: Address | None) -> Plan:
    """Open a new mailbox, or give the open one of this primary this name; without a name, it keeps its own."""
    primary = new.primary
    settings.require_internal(primary)
    found = existing.holder(primary)
    if found is None:
        return _plan(Open(new, Profile(name or "")))
    if found.primary == primary:
        before = found.profile
        after = Profile(before.name if name is None else name, before.directory, before.directory_id)
        return _plan(*([] if before == after else [Adopt(_ref(found), before, after)]))
    _require_holder(primary, found, holder)
    return _plan(Open(new, Profile(name or ""), _ref(found)))


def close_mailbox(existing: Existing, primary: Address) -> Plan:
    """Close the mailbox of this primary; its aliases are unlinked."""
    mailbox = _mailbox(existing, primary)
    return _plan(*(Unlink(_ref(mailbox), alias) for alias in mailbox.aliases), Close(_ref(mailbox)))


def link(
    existing: Existing, settings: Settings, primary: Address, aliases: Sequence[Address], holder: Address | None = None
) -> Plan:
    """Link these aliases to the mailbox of this primary, each free or held by the holder that is named."""
    for alias in aliases:
        settings.require_internal(alias)
    mailbox = _mailbox(existing, primary)
    steps: list[Step] = []
    for alias in dict.fromkeys(aliases):
        if domain_of(alias) != domain_of(primary):
            raise CrossDomain(
                f"{alias} and {primary} are of two domains. By hand, aliases are linked within one; "
                "use a spreadsheet or the directory to link across domains."
            )
        found = existing.holder(alias)
        if found is None:
            steps.append(Link(_ref(mailbox), alias))
        elif found.primary == alias:
            raise IsPrimary(f"{alias} is the primary of an open mailbox. Close that mailbox first, or promote another.")
        elif found.id != mailbox.id:
            _require_holder(alias, found, holder)
            steps.append(Relink(alias, _ref(found), _ref(mailbox)))
    return _plan(*steps)


def unlink(existing: Existing, primary: Address, alias: Address) -> Plan:
    """Unlink this alias from the mailbox of this primary."""
    mailbox = _mailbox(existing, primary)
    found = existing.holder(alias)
    if found is None:
        return _plan()
    if found.primary == alias:
        raise IsPrimary(f"{alias} is the primary of an open mailbox, not an alias. To give it up, close the mailbox.")
    if found.id != mailbox.id:
        raise LinkedElsewhere(f"{alias} is linked to {found.primary}, not to {primary}.")
    return _plan(Unlink(_ref(mailbox), alias))


def promote(existing: Existing, primary: Address, address: Address) -> Plan:
    """Make an alias of this mailbox its primary; the old primary stays as an alias."""
    found = existing.holder(address)
    if found and found.primary == address and existing.holder(primary) == found:
        return _plan()
    mailbox = _mailbox(existing, primary)
    if found is None or found.id != mailbox.id:
        owner = f"is linked to {found.primary}" if found else "belongs to no mailbox"
        raise NotAnAlias(f"{address} {owner}. Only an alias of {primary} can become its primary; link it first.")
    return _plan(Promote(_ref(mailbox), address, _ref(mailbox), keep=True))


def _plan(*steps: Step) -> Plan:
    return in_order(MANUAL, steps)


def _ref(mailbox: Mailbox) -> Ref:
    return Ref(mailbox.id, mailbox.primary)


def _mailbox(existing: Existing, primary: Address) -> Mailbox:
    found = existing.holder(primary)
    if found and found.primary == primary:
        return found
    known_as = f" {primary} is an alias of {found.primary}; name that primary." if found else " Open one first."
    raise NoSuchMailbox(f"No open mailbox has the primary {primary}.{known_as}")


def _require_holder(address: Address, found: Mailbox, named: Address | None) -> None:
    if named != found.primary:
        raise AlreadyLinked(
            f'{address} is linked to {found.primary}. To take it from there, name that primary in "from".'
        )
