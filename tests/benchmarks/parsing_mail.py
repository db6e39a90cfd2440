"""The fields that the archive keeps of a message, small and large, beside other parsers."""

from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.utils import getaddresses
from io import BytesIO
from typing import Any

from fast_mail_parser import parse_email

from mail_ingest.header import Header, read_header
from mail_ingest.header_block import HEADER_BLOCK_BYTES, cut
from mail_ingest.reading import read_message
from tests.benchmarks.mail import message
from tests.benchmarks.peers import gmime
from tests.benchmarks.row import Row, at_least, cpu, peak

SMALL, LARGE = 0, 25 * 1024 * 1024


def fields(raw: bytes) -> Header:
    """Ours: the header block is cut off, and read."""
    start = raw[: HEADER_BLOCK_BYTES + 2]
    return read_header(cut(start, complete=len(start) == len(raw)))


def standard(raw: bytes) -> tuple[Any, ...]:
    """The standard library's, as its documentation has it."""
    mail = message_from_bytes(raw, policy=policy.default)
    lists = [[each.addr_spec for each in mail[name].addresses] for name in ("From", "To", "Cc")]
    return (*lists, mail["Subject"], mail["Date"], mail["Message-ID"])


def compatible(raw: bytes) -> tuple[Any, ...]:
    """The standard library's older interface, which knows less and hangs less."""
    mail = message_from_bytes(raw, policy=policy.compat32)
    lists = [getaddresses(mail.get_all(name, [])) for name in ("From", "To", "Cc")]
    return (*lists, mail["Subject"], mail["Date"], mail["Message-ID"])


def in_rust(raw: bytes) -> object:
    """The header as the reader that is asked first has it, with what it drops."""
    return parse_email(raw[: raw.index(b"\r\n\r\n") + 2], mode="metadata")


def rate(read: Callable[[bytes], object], raw: bytes, times: int) -> float:
    """Messages in a second of CPU, of three rounds the best."""

    def some() -> None:
        for _ in range(times):
            read(raw)

    return times / cpu(some, 3)


def rows() -> Iterator[Row]:
    """Small ones first, since a large one is in memory from then on."""
    small, large = message(1, SMALL), message(1, LARGE)
    expected = ["bob", "person", "person", "zoe", "dora"]
    assert all(
        each.startswith(name) for each, name in zip([fields(small).sender, *fields(small).to], expected, strict=True)
    )
    assert fields(small).sender == fields(large).sender
    for raw, size, times in ((small, f"{len(small):,} bytes", 1000), (large, f"{len(large) >> 20} MiB", 3)):
        work, ours = f"archived fields of a message of {size}", rate(fields, raw, 1000)
        yield Row(work, f"{ours:,.0f}/s", "", "", ">= 19,000/s", ours >= 19_000)
        yield at_least(
            work, ours, "standard library, email.policy.default", rate(standard, raw, max(1, times // 10)), 20
        )
        yield at_least(work, ours, "standard library, compat32", rate(compatible, raw, max(1, times // 10)), 1)
        yield at_least(work, ours, "fast_mail_parser alone, to the header's end", rate(in_rust, raw, 1000), 0.3)
        if gmime.available():
            yield at_least(work, ours, "GMime in C, to the message's end", gmime.rate(raw, times), 2)
    before = peak()
    took = cpu(lambda: read_message(BytesIO(large)), 3)
    told = f"{took * 1e3:.0f} ms, {peak() - before} MiB more"
    yield Row(
        "the same of 25 MiB with the digest of its body, streamed", told, "", "", "memory flat", peak() - before < 8
    )
