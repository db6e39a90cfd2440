"""Whether what came is to be taken for the mail server's own journal, or for any stranger's message. Pure.

Whoever is believed decides in whose archives a message stands. So a report that is not believed is mail like any other,
filed for the address that it was really delivered to.
"""

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address, ip_network

from addresses.address import domain_of, parse_if_any
from addresses.settings import Settings
from mail_ingest.arrival import Arrival
from mail_ingest.header import Header


def is_journal(arrival: Arrival, header: Header, settings: Settings) -> bool:
    """Whether it came by the journal's way.

    With an envelope: it was delivered to journal addresses alone, and from one of their sources. Its From proves
    nothing, since a report carries that of the message which it is about; nor does DMARC, which asks for it.

    Without one, whoever put the object into the bucket vouches for it; but if a mail server noted to whom it was
    delivered, that must be journal addresses.
    """
    if arrival.envelope is None:
        return _all_journal(header.delivered_to, settings)
    recipients = arrival.envelope.recipients
    return bool(recipients) and _all_journal(recipients, settings) and _from_a_source(arrival, settings)


def _all_journal(texts: Iterable[str], settings: Settings) -> bool:
    return all(parse_if_any(text) in settings.journal_addresses for text in texts)


def _from_a_source(arrival: Arrival, settings: Settings) -> bool:
    """By the network of the server that handed it over, or by an envelope's sender whom SPF (RFC 7208) confirms."""
    if arrival.client and any(_is_in(arrival.client, source) for source in settings.journal_sources):
        return True
    confirmed = arrival.verdicts is not None and arrival.verdicts.spf == "PASS"
    sender = parse_if_any(arrival.envelope.sender) if arrival.envelope else None
    return confirmed and sender is not None and not {sender, domain_of(sender)}.isdisjoint(settings.journal_sources)


def _is_in(client: str, source: str) -> bool:
    with suppress(ValueError):
        return ip_address(client) in ip_network(source)
    return False
