"""Filing 5,000 messages that arrive in batches of 10, beside programs that keep mail."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from botocore import xform_name

from addresses.items import settings_item
from addresses.settings import Settings
from mail_ingest import app, handler
from tests.benchmarks.canned import Canned, body
from tests.benchmarks.mail import message
from tests.benchmarks.peers import dovecot, indexers
from tests.benchmarks.row import Row, at_least, cpu
from tests.capacity import stored
from tests.mail import BUCKET, CONTEXT, batch, s3_event

MESSAGES, BATCH = 5_000, 10
# Each message is for two of a thousand people here, and for nobody else of the organisation.
RECIPIENTS = 2
SETTINGS = body({"Item": stored(settings_item(Settings(internal_domains=["example.com"])))})


# Items that were put one by one, and in batches.
puts: Counter[str] = Counter()


def answer(operation: str, request: bytes) -> bytes:
    """Yes; there are settings, and all that is asked for is new."""
    puts[operation] += request.count(b'"PutRequest"') if operation == "BatchWriteItem" else operation == "PutItem"
    match operation:
        case "GetItem":
            return SETTINGS
        case "BatchGetItem":
            return b'{"Responses":{"table":[]}}'
    return b"{}"


@contextmanager
def quiet() -> Iterator[None]:
    """What is logged is written, and goes nowhere."""
    sys.stdout.flush()
    kept = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        try:
            yield
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def calls_alone(canned: Canned, work: Callable[[], None]) -> Callable[[], None]:
    """The same calls of AWS once more, by clients as boto3 makes them."""
    made: list[tuple[Any, str, dict[str, Any]]] = []
    for client in (app.table()._client, app.s3()):  # noqa: SLF001
        plain = canned.client(client.meta.service_model.service_name)

        def note(params: dict[str, Any], model: Any, plain: Any = plain, **_: Any) -> None:
            made.append((plain, xform_name(model.name), params))

        client.meta.events.register("provide-client-params", note)
    work()

    def again() -> None:
        for client, operation, params in made:
            answer = getattr(client, operation)(**params)
            if "Body" in answer:
                answer["Body"].read()

    return again


def rows() -> Iterator[Row]:
    """The function as it is called, all addresses met before; then the others, with the same messages."""
    raw = [message(number) for number in range(MESSAGES)]
    canned = Canned(answer, lambda path: raw[int(path.rpartition("/")[2])])
    keys = [f"inbound/{number}" for number in range(MESSAGES)]
    events = [batch(*map(s3_event, keys[begin : begin + BATCH])) for begin in range(0, MESSAGES, BATCH)]

    def file(some: list[dict[str, Any]]) -> None:
        for event in some:
            assert {"batchItemFailures": []} == handler.handle(event, CONTEXT)

    environment = {"TABLE_NAME": "table", "MAIL_BUCKET": BUCKET}
    with patch("boto3.client", canned.client), patch.dict(os.environ, environment), quiet():
        for each in (app.table, app.s3, app.filing):
            each.cache_clear()
        file(events)
        canned.calls.clear()
        puts.clear()
        file(events[-1:])
        calls, written = dict(canned.calls), puts.total()
        took = cpu(lambda: file(events))
        bare = 100 * BATCH / cpu(calls_alone(canned, lambda: file(events[:100])))
    ours = MESSAGES / took
    work = f"file {MESSAGES:,} messages in batches of {BATCH}"
    yield at_least(work, ours, "botocore's calls for it, with nothing read or decided", bare, 0.8)
    if dovecot.available():
        told = "Dovecot by LMTP, one connection, in memory (messages for a second that passes)"
        yield at_least(work, ours, told, dovecot.rate(raw), 1)
    with TemporaryDirectory() as name:
        maildir = Path(name, "maildir")
        for folder in ("cur", "new", "tmp"):
            (maildir / folder).mkdir(parents=True)
        for number, content in enumerate(raw):
            (maildir / "cur" / f"{number:05}:2,S").write_bytes(content)
        for peer, rate in indexers.rates(maildir, Path(name)):
            yield Row(work, f"{ours:,.0f}/s", f"{peer}: {rate:,.0f}/s", f"{ours / rate:.2f} x", "", None)
    told = ", ".join(f"{count} {operation}" for operation, count in sorted(calls.items()))
    # Each message is a write of its own, since it may be there; their entries go by up to 25 in a call.
    expected = {"GetItem": 1, "PutItem": BATCH, "BatchWriteItem": 1, "S3 GET": BATCH}
    yield Row("a batch of 10: calls", told, "", "", "10 reads of S3, and as few as the items need", expected == calls)
    apiece = written / BATCH
    work = f"a message for {RECIPIENTS} people here: items written; read, but for the settings"
    met = apiece == 1 + RECIPIENTS and expected == calls
    yield Row(
        work, f"{apiece:g}; 0" if expected == calls else f"{apiece:g}; {calls}", "", "", "1 + r; 0 when warm", met
    )
