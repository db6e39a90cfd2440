"""Many administrators at once, on the same addresses, over HTTP."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from local.outputs import Outputs
from tests.invariants import check_invariants
from tests.table import address_book, everything

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

CLIENTS, ROUNDS = 16, 10


@pytest.fixture
def crowd() -> Iterator[ThreadPoolExecutor]:
    """Sixteen who act at the same time."""
    with ThreadPoolExecutor(CLIENTS) as executor:
        yield executor


@pytest.mark.timeout(300)
def test_of_sixteen_who_claim_one_alias_for_sixteen_mailboxes_exactly_one_gets_it(
    admin: httpx.Client, domain: str, crowd: ThreadPoolExecutor, stack: Outputs, dynamodb: "DynamoDBClient"
) -> None:
    """The others get 409 and learn who has it; ten times over, and the invariants hold."""
    primaries = [f"p{number}@{domain}" for number in range(CLIENTS)]
    for primary in primaries:
        admin.put(f"/mailboxes/{primary}").raise_for_status()
    for turn in range(ROUNDS):
        alias = f"a{turn}@{domain}"
        claims = [f"/mailboxes/{primary}/aliases/{alias}" for primary in primaries]
        answers = list(crowd.map(admin.put, claims))
        assert sorted([201] + [409] * (CLIENTS - 1)) == sorted(answer.status_code for answer in answers)
        winner = primaries[[answer.status_code for answer in answers].index(201)]
        refusals = [answer.json() for answer in answers if answer.status_code == 409]
        assert {"already-linked"} == {refusal["type"] for refusal in refusals}
        assert all(f"linked to {winner}" in refusal["detail"] for refusal in refusals)
        assert winner == admin.get(f"/addresses/{alias}").json()["primary"]
    check_invariants(address_book(everything(dynamodb, stack.table_name)))


@pytest.mark.timeout(300)
def test_sixteen_who_link_open_promote_move_and_close_at_once_leave_no_contradiction(
    admin: httpx.Client, domain: str, crowd: ThreadPoolExecutor, stack: Outputs, dynamodb: "DynamoDBClient"
) -> None:
    """Every request is answered with success or the rule that forbade it, and the invariants hold."""
    names = [f"n{number}@{domain}" for number in range(5)]
    client = httpx.Client(base_url=admin.base_url, headers=admin.headers, timeout=60)

    def act(_: int) -> int:
        one, other = secrets.choice(names), secrets.choice(names)
        request = secrets.choice(
            [
                ("PUT", f"/mailboxes/{one}", {"from": other}),
                ("PUT", f"/mailboxes/{one}/aliases/{other}", {}),
                ("PUT", f"/mailboxes/{one}/aliases/{other}", {"from": secrets.choice(names)}),
                ("DELETE", f"/mailboxes/{one}/aliases/{other}", None),
                ("PUT", f"/mailboxes/{one}/primary", {"address": other}),
                ("DELETE", f"/mailboxes/{one}", None),
            ]
        )
        method, path, body = request
        return client.request(method, path, json=body).status_code

    statuses = set(crowd.map(act, range(200)))
    client.close()
    assert statuses <= {200, 201, 204, 404, 409}, statuses
    assert {201, 409} <= statuses
    check_invariants(address_book(everything(dynamodb, stack.table_name)))
