"""To whom an address belongs, now and at a time: what is read."""

import json
from collections.abc import Iterator

from addresses.address import Address
from addresses.book import read, read_past
from addresses.history import history, period_at
from addresses.items import address_write, mailbox_write
from addresses.mailbox import MANUAL, AddressState, TenureStart
from addresses.table import Table
from tests.benchmarks import organisation
from tests.benchmarks.canned import Canned, body
from tests.benchmarks.row import Row
from tests.capacity import stored
from tests.metered import written

ALIAS = Address("person0000000@example.org")


def rows() -> Iterator[Row]:
    """An alias that has been in its mailbox from the beginning."""
    mailbox = organisation.mailbox(organisation.entry(0))
    start = TenureStart(mailbox.id, organisation.SINCE, MANUAL, organisation.RUN)
    writes = [mailbox_write(mailbox), address_write(AddressState(ALIAS, (start,)))]
    items = {each.key: stored(written(each)) for each in writes}
    asked = 0

    def answer(_operation: str, request: bytes) -> bytes:
        nonlocal asked
        keys = json.loads(request)["RequestItems"]["table"]["Keys"]
        asked += len(keys)
        return body({"Responses": {"table": [items[each["pk"]["S"], each["sk"]["S"]] for each in keys]}})

    table = Table(Canned(answer).client("dynamodb"), "table")
    now = read(table, (), [ALIAS]).address(ALIAS)
    assert mailbox.id == now.mailbox
    yield Row("whose an address is: items read", f"{asked}", "", "", "1", asked == 1)
    asked = 0
    past = read(table, (), [ALIAS]).address(ALIAS).tenures
    assert [mailbox.id] == [each.mailbox for each in past if each.since <= "2026-04-01" and each.until is None]
    yield Row("whose it was at a time: items read", f"{asked}", "", "", "1", asked == 1)
    asked = 0
    found = read_past(table, ALIAS)
    period = period_at(history(found.address(ALIAS), found.mailboxes), "2026-04-01T00:00:00.000000Z")
    assert period
    assert mailbox.primary == period.primary
    yield Row("the same, with the name of the primary", f"{asked}", "", "", "2", asked == 2)
