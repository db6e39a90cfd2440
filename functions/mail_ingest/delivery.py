"""What an object that arrived comes to: each message in it, and whose archives take it. Pure."""

from dataclasses import dataclass, replace
from io import BytesIO

from addresses.address import parse_if_any
from addresses.archive import Envelope, Verdicts
from addresses.settings import Settings
from mail_ingest.addressees import Addressees, addressees
from mail_ingest.arrival import Arrival
from mail_ingest.header import Header
from mail_ingest.journal import JournalReport, read_journal_report
from mail_ingest.journal_source import is_journal
from mail_ingest.reading import Reading, read_message

_NOT_ATTACHED = "The journal report does not attach the original as a message, so the report itself is kept."
_NO_REPORT = "It says that it is a journal report, but does not read as one, so it is filed for whom its header names."
_NOT_BELIEVED = "It says that it is a journal report, but did not come to a journal address from one of its sources."


@dataclass(frozen=True)
class Delivery:
    """One message to file; ``original`` are its bytes if it came within an object that is more than it."""

    reading: Reading
    envelope: Envelope | None
    verdicts: Verdicts | None
    addressees: Addressees
    original: bytes | None = None


def deliveries(arrival: Arrival, reading: Reading, content: bytes | None, settings: Settings) -> list[Delivery]:
    """What arrived as ``content`` and was read as ``reading``; ``content`` is None for what is too large for a report.

    A journal report that is believed stands for the originals in it, and they are filed by the envelope that it tells.
    What else comes by the journal's way is a blind copy of a message: it is filed for whom the header names. Where
    either names nobody here, and with all other mail, it is filed for the address that it was delivered to.
    """
    if not is_journal(arrival, reading.header, settings):
        reading = _noted(reading, _NOT_BELIEVED) if reading.header.is_journal_report else reading
        return [Delivery(reading, arrival.envelope, arrival.verdicts, _ordinary(arrival, reading, settings))]
    report = _report(reading, content)
    if report is None:
        reading = _noted(reading, _NO_REPORT) if reading.header.is_journal_report else reading
        found = addressees(_as_sent(reading.header, settings), None, settings)
        return [Delivery(reading, None, arrival.verdicts, _or_ordinary(found, arrival, reading, settings))]
    told = _or_ordinary(addressees(reading.header, report.envelope, settings), arrival, reading, settings)
    if not report.originals:
        return [Delivery(_noted(reading, _NOT_ATTACHED), report.envelope, arrival.verdicts, told)]
    return [
        Delivery(read_message(BytesIO(original)), report.envelope, _of_content(arrival.verdicts), told, original)
        for original in report.originals
    ]


def _report(reading: Reading, content: bytes | None) -> JournalReport | None:
    if content is None or reading.body_at is None:
        return None
    boundary = reading.header.boundary
    return None if boundary is None else read_journal_report(content[reading.body_at :], boundary)


def _of_content(verdicts: Verdicts | None) -> Verdicts | None:
    """The verdicts on a report that hold for its original too: who sent the one says nothing of who sent the other."""
    if verdicts is None or (verdicts.spam is None and verdicts.virus is None):
        return None
    return replace(verdicts, spf=None, dkim=None, dmarc=None)


def _as_sent(header: Header, settings: Settings) -> Header:
    """The header without what the journal's own delivery wrote into it."""
    others = (each for each in header.delivered_to if parse_if_any(each) not in settings.journal_addresses)
    return replace(header, delivered_to=tuple(others))


def _or_ordinary(found: Addressees, arrival: Arrival, reading: Reading, settings: Settings) -> Addressees:
    """Those who were found or, if that is nobody here, those whom the journal's own delivery was to."""
    return found if found.all else _ordinary(arrival, reading, settings)


def _ordinary(arrival: Arrival, reading: Reading, settings: Settings) -> Addressees:
    """Whose archives take it as mail like any other.

    Where SPF (RFC 7208) says that the server must not send for the envelope's sender, somebody else wrote that sender
    there, and it sent nothing. Whoever it was delivered to has received it all the same.
    """
    found = addressees(reading.header, arrival.envelope, settings)
    forged = arrival.verdicts is not None and arrival.verdicts.spf == "FAIL"
    return replace(found, sent=()) if forged else found


def _noted(reading: Reading, note: str) -> Reading:
    """The same, with one more reason in the header's ``unparsed``."""
    header = reading.header
    return replace(reading, header=replace(header, unparsed=" ".join(filter(None, (header.unparsed, note)))))
