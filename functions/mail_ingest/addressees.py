"""Whose personal archives take a message: the internal addresses that it was delivered to, and that sent it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from addresses.address import Address, parse
from addresses.archive import Envelope
from addresses.errors import InvalidAddress
from addresses.settings import Settings
from mail_ingest.header import Header


@dataclass(frozen=True)
class Addressees:
    """Whose archives take the message: each of ``received``, and each of ``sent`` that is not among them.

    ``invalid`` and ``external`` count the other recipients: what is no address, and addresses of other organisations.
    """

    received: tuple[Address, ...]
    sent: tuple[Address, ...]
    invalid: int
    external: int

    @property
    def all(self) -> tuple[Address, ...]:
        """Every address that gets an entry."""
        return (*self.received, *self.sent)


def addressees(header: Header, envelope: Envelope | None, settings: Settings) -> Addressees:
    """Whose archives take a message with this header and envelope.

    The envelope tells who it was delivered to, whatever the header says. Without one, the first of these that names an
    internal address counts as if it were the envelope: what a mail server writes at delivery (Delivered-To and its
    like); To, Cc and Bcc. The sender is the envelope's, with it whom it was sent on behalf of; without an envelope
    the sender is From's.

    An address that both sent and received the message has received it. So whatever copies of the message arrive, and
    in whatever order, an address's entry is ``received`` once any of them was delivered to it; and mail that forges its
    recipient as its sender stands in the archive as what it is.
    """
    named = [envelope.recipients] if envelope else [header.delivered_to, (*header.to, *header.bcc)]
    found = [_internal(recipients, settings) for recipients in named]
    received, invalid, external = next((each for each in found if each[0]), found[-1])
    senders, _, _ = _internal(envelope.senders if envelope else [header.sender], settings)
    return Addressees(received, tuple(each for each in senders if each not in received), invalid, external)


def _internal(named: Iterable[str], settings: Settings) -> tuple[tuple[Address, ...], int, int]:
    """The addresses, as filed and each once, that are internal; how many are no address; how many are external."""
    internal: dict[Address, None] = {}
    invalid = external = 0
    for text in dict.fromkeys(named):
        try:
            address = settings.filed_as(parse(text))
        except InvalidAddress:
            invalid += 1
            continue
        if settings.is_internal(address):
            internal[address] = None
        else:
            external += 1
    return tuple(internal), invalid, external
