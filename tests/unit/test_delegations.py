"""Archives that are delegated: by whom, to whom, for how long, and what is seen by it at every moment."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest

from addresses.address import parse
from addresses.delegation import Target
from addresses.delegation_items import access_partition, delegation_key, mirror_key
from addresses.items import mailbox_key
from addresses.mailbox import MailboxId
from addresses.table import Table
from addresses.times import stamp
from tests.archive_world import Now
from tests.gateway import Answer, empty_table, send
from tests.unit.test_archive_api import file, read, subjects

ALICE, A1, BOB, CAROL, OTHER = (parse(f"{name}@example.com") for name in ("alice", "a1", "bob", "carol", "other"))
BOSS = {"email": "boss@example.com", "cognito:groups": "[delegation-admins]"}
LATER = stamp(datetime.now(UTC) + timedelta(days=1))


@pytest.fixture(autouse=True)
def table() -> Iterator[Table]:
    """Alice has the alias a1; Bob and Carol have none. Alice has a message to each address, other has one too."""
    with empty_table() as empty, patch("archive_api.routes._executor", Now):
        send("PUT /settings", {"internal_domains": ["example.com"]})
        for primary in (ALICE, BOB, CAROL):
            assert 201 == send(f"PUT /mailboxes/{primary}").status
        assert 201 == send(f"PUT /mailboxes/{ALICE}/aliases/{A1}").status
        file(empty, "to alice", "2030-03-02T09:00:00Z", ALICE)
        file(empty, "to a1", "2030-03-01T09:00:00Z", A1)
        yield empty


def grant(archive: str, delegate: str, **body: Any) -> Answer:
    """Delegate an archive."""
    return send(f"PUT /archives/{archive}/delegates/{delegate}", body or None, claims=BOSS)


def end(archive: str, delegate: str) -> None:
    """End a delegation."""
    assert 204 == send(f"DELETE /archives/{archive}/delegates/{delegate}", claims=BOSS).status


def delegates(archive: str) -> list[tuple[str, bool]]:
    """Who may read the archive now, and whether it is the whole mailbox."""
    listed = send(f"GET /archives/{archive}/delegates", claims=BOSS).body["delegates"]
    return [(each["delegate"], each["whole_mailbox"]) for each in listed]


def archives(who: str) -> list[str]:
    """The archives that a person may open besides their own."""
    return [each["address"] for each in read("GET /me", who).body["archives"]]


def seen(who: str, mailbox: str) -> list[str]:
    """The subjects in a delegated archive; nothing if there is none."""
    answer = read(f"GET /archive?mailbox={mailbox}", who)
    return subjects(answer) if answer.status == 200 else []


def test_a_primary_s_archive_is_the_whole_mailbox_and_a_delegate_may_be_named_by_an_alias(table: Table) -> None:
    """With who granted it, why, and until when."""
    answer = grant(BOB, A1, reason="on leave", expires_at=LATER)
    assert 201 == answer.status
    assert (BOB, ALICE, True, "on leave", "boss@example.com") == tuple(
        answer.body[name] for name in ("archive", "delegate", "whole_mailbox", "reason", "granted_by")
    )
    assert [{"address": BOB, "expires_at": f"{LATER[:19]}Z"}] == read("GET /me", ALICE).body["archives"]
    file(table, "to bob", "2030-03-01T09:00:00Z", BOB)
    assert ["to bob"] == seen(ALICE, BOB)
    assert ["to alice", "to a1"] == subjects(read("GET /archive", ALICE)), "one's own archive stays one's own"
    assert [(ALICE, True)] == delegates(BOB)


def test_an_alias_s_archive_is_that_address_alone() -> None:
    """Nothing of the mailbox besides."""
    assert False is grant(A1, BOB).body["whole_mailbox"]
    assert ([A1], ["to a1"], []) == (archives(BOB), seen(BOB, A1), seen(BOB, ALICE))
    assert ([(BOB, False)], []) == (delegates(A1), delegates(ALICE))


def test_a_whole_mailbox_can_be_asked_for_by_any_of_its_addresses() -> None:
    """And is shown as one archive."""
    grant(ALICE, BOB)
    assert ["to alice", "to a1"] == seen(BOB, ALICE) == seen(BOB, A1)


def test_a_message_of_a_delegated_archive_can_be_opened_and_nobody_else_s(table: Table) -> None:
    """As long as the delegation holds; guessing ids opens nothing."""
    digest = file(table, "for carol", "2030-03-01T09:00:00Z", CAROL)
    hers = file(table, "another", "2030-03-03T09:00:00Z", ALICE)
    grant(ALICE, BOB)
    for path in ("", "/raw"):
        assert [200, 404] == [read(f"GET /archive/messages/{each}{path}", BOB).status for each in (hers, digest)]
    end(ALICE, BOB)
    for path in ("", "/raw"):
        assert 404 == read(f"GET /archive/messages/{hers}{path}", BOB).status


def test_a_delegation_ends_at_once_also_for_a_cursor_that_was_given_before() -> None:
    """Ending what has ended is no error."""
    grant(ALICE, BOB)
    cursor = read(f"GET /archive?mailbox={ALICE}&limit=1", BOB).body["next"]
    assert ["to a1"] == subjects(read(f"GET /archive?mailbox={ALICE}&limit=1&cursor={cursor}", BOB))
    for _ in range(2):
        end(ALICE, BOB)
    assert 404 == read(f"GET /archive?mailbox={ALICE}&limit=1&cursor={cursor}", BOB).status
    assert ([], []) == (archives(BOB), delegates(ALICE))
    assert 201 == grant(ALICE, BOB).status


def test_a_cursor_of_one_archive_opens_no_other() -> None:
    """Nor the same archive for somebody else, nor to the same reader another that was delegated to them."""
    for delegate in (BOB, CAROL):
        grant(ALICE, delegate)
    cursor = read(f"GET /archive?mailbox={ALICE}&limit=1", BOB).body["next"]
    for request in (f"GET /archive?mailbox={ALICE}&cursor={cursor}", f"GET /archive?cursor={cursor}"):
        assert "invalid-cursor" == read(request, CAROL).body["type"]
    grant(CAROL, BOB)
    assert "invalid-cursor" == read(f"GET /archive?mailbox={CAROL}&cursor={cursor}", BOB).body["type"]


def test_archives_are_listed_by_their_addresses() -> None:
    """Whichever was delegated first."""
    for archive in (CAROL, A1, ALICE):
        grant(archive, BOB)
    assert [A1, ALICE, CAROL] == archives(BOB)


def test_a_delegation_ends_by_itself(table: Table) -> None:
    """At its moment, whenever DynamoDB gets round to removing it."""
    grant(ALICE, BOB, expires_at=LATER)
    over = int(datetime.now(UTC).timestamp()) - 1
    for key in keys(table, Target(holder(table, ALICE)), BOB):
        table.put({**(table.get(key) or {}), "expires_at": over})
    assert ([], [], []) == (archives(BOB), seen(BOB, ALICE), delegates(ALICE))


def keys(table: Table, target: Target, delegate: str) -> list[tuple[str, str]]:
    """Where a delegation and its mirror lie."""
    reader = holder(table, delegate)
    return [delegation_key(target, reader), mirror_key(target, reader)]


def holder(table: Table, address: str) -> MailboxId:
    """The mailbox that the address belongs to."""
    item = table.get((f"ADDRESS#{address}", "ADDRESS"))
    assert item
    return MailboxId(item["mailbox"])


def test_half_of_a_delegation_whose_time_is_over_is_in_nobody_s_way(table: Table) -> None:
    """DynamoDB removes the two items one by one."""
    grant(ALICE, BOB)
    table.remove(keys(table, Target(holder(table, ALICE)), BOB)[0])
    assert 200 == grant(ALICE, BOB, reason="again").status
    assert ([ALICE], [(BOB, True)]) == (archives(BOB), delegates(ALICE))


def test_it_survives_renames_of_both() -> None:
    """It hangs on the mailboxes."""
    grant(ALICE, BOB)
    assert 200 == send(f"PUT /mailboxes/{ALICE}/primary", {"address": A1}).status
    send(f"PUT /mailboxes/{BOB}/aliases/{OTHER}")
    assert 200 == send(f"PUT /mailboxes/{BOB}/primary", {"address": OTHER}).status
    assert [A1] == archives(OTHER)
    assert ["to alice", "to a1"] == seen(OTHER, ALICE)
    assert [(OTHER, True)] == delegates(A1)


def test_of_a_leaver_the_primary_s_archive_remains_unless_somebody_else_has_the_address() -> None:
    """The aliases went with the mailbox. Ending it is possible all the same."""
    for delegate in (BOB, CAROL):
        grant(ALICE, delegate)
    assert 204 == send(f"DELETE /mailboxes/{ALICE}").status
    assert ([ALICE], ["to alice"], []) == (archives(BOB), seen(BOB, ALICE), seen(BOB, A1))
    end(ALICE, CAROL)
    assert ([], [(BOB, True)]) == (archives(CAROL), delegates(ALICE))
    assert 201 == send(f"PUT /mailboxes/{CAROL}/aliases/{ALICE}").status
    assert ([], []) == (archives(BOB), seen(BOB, ALICE))


def test_of_a_leaver_an_address_remains_that_others_had_before_the_leaver() -> None:
    """It was given to nobody since: the delegate keeps what could be read on the last day."""
    grant(ALICE, BOB)
    send(f"PUT /mailboxes/{CAROL}/aliases/{OTHER}")
    send(f"PUT /mailboxes/{ALICE}/aliases/{OTHER}", {"from": CAROL})
    assert 200 == send(f"PUT /mailboxes/{ALICE}/primary", {"address": OTHER}).status
    assert 204 == send(f"DELETE /mailboxes/{OTHER}").status
    assert [OTHER] == archives(BOB)


def test_a_leaver_s_delegation_is_ended_by_the_name_under_which_it_is_listed() -> None:
    """Though somebody else has the address now: who comes back must not find it in force."""
    grant(ALICE, BOB)
    assert 204 == send(f"DELETE /mailboxes/{BOB}").status
    assert 201 == send(f"PUT /mailboxes/{CAROL}/aliases/{BOB}").status
    assert [(BOB, True)] == delegates(ALICE)
    end(ALICE, BOB)
    assert [] == delegates(ALICE)


def test_one_address_is_read_until_it_is_somebody_else_s() -> None:
    """What belongs to nobody is as it was; a new owner's mail is none of the delegate's business."""
    grant(A1, BOB)
    send(f"DELETE /mailboxes/{ALICE}/aliases/{A1}")
    assert ["to a1"] == seen(BOB, A1)
    send(f"PUT /mailboxes/{CAROL}/aliases/{A1}")
    assert ([], []) == (archives(BOB), seen(BOB, A1))
    grant(A1, BOB)
    assert ["to a1"] == seen(BOB, A1)


@pytest.mark.parametrize("unlinked_before", [True, False])
def test_an_address_that_others_had_meanwhile_stays_closed_when_they_leave_too(*, unlinked_before: bool) -> None:
    """Carol had it after the delegation: her mail is in its archive."""
    if unlinked_before:
        send(f"DELETE /mailboxes/{ALICE}/aliases/{A1}")
    grant(A1, BOB)
    if not unlinked_before:
        send(f"DELETE /mailboxes/{ALICE}/aliases/{A1}")
    send(f"PUT /mailboxes/{CAROL}/aliases/{A1}")
    send(f"DELETE /mailboxes/{CAROL}/aliases/{A1}")
    assert ([], []) == (archives(BOB), seen(BOB, A1))


def test_no_delegation_of_a_delegation() -> None:
    """Bob reads Alice's archive, Carol reads Bob's: Carol reads nothing of Alice's."""
    grant(ALICE, BOB)
    grant(BOB, CAROL)
    assert ([BOB], [], []) == (archives(CAROL), seen(CAROL, BOB), seen(CAROL, ALICE))


def test_with_since_linked_a_delegate_sees_what_the_owner_sees(table: Table) -> None:
    """Only the owner's own time of each address."""
    send("PUT /settings", {"internal_domains": ["example.com"], "archive_history": "since_linked"})
    file(table, "before", "2020-03-01T09:00:00Z", ALICE)
    grant(ALICE, BOB)
    assert ["to alice", "to a1"] == seen(BOB, ALICE) == subjects(read("GET /archive", ALICE))


@pytest.mark.parametrize(
    ("archive", "delegate", "body", "expected"),
    [
        (ALICE, A1, {}, (409, "own-archive")),
        (A1, ALICE, {}, (409, "own-archive")),
        (ALICE, OTHER, {}, (404, "no-such-mailbox")),
        (OTHER, ALICE, {}, (404, "no-such-address")),
        (ALICE, BOB, {"expires_at": "2020-01-01T00:00:00Z"}, (422, "expires-in-the-past")),
        (ALICE, BOB, {"expires_at": "tomorrow"}, (422, "invalid-time")),
        (ALICE, BOB, {"until": LATER}, (422, "invalid-request")),
        ("nobody", BOB, {}, (422, "invalid-address")),
    ],
)
def test_what_cannot_be_delegated_is_refused(
    archive: str, delegate: str, body: dict[str, str], expected: tuple[int, str]
) -> None:
    """With the rule's name."""
    answer = grant(archive, delegate, **body)
    assert expected == (answer.status, answer.body["type"])
    assert [] == archives(BOB)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "GET"])
def test_only_delegation_admins_delegate_and_they_do_nothing_else(method: str) -> None:
    """Who may link addresses may not read along, nor the other way round."""
    request = f"{method} /archives/{ALICE}/delegates" + ("" if method == "GET" else f"/{BOB}")
    assert (403, "not-an-administrator") == (send(request).status, send(request).body["type"])
    assert 403 == send(f"GET /mailboxes/{ALICE}", claims=BOSS).status


def test_what_was_ended_is_remembered_with_who_ended_it(table: Table) -> None:
    """In both items, which are never otherwise than each other."""
    grant(ALICE, BOB, reason="audit")
    end(ALICE, BOB)
    one, two = (table.get(key) or {} for key in keys(table, Target(holder(table, ALICE)), BOB))
    assert {"boss@example.com"} == {one["ended_by"], two["ended_by"]}
    assert {name: one[name] for name in one.keys() - {"pk", "sk"}} == {
        name: two[name] for name in two.keys() - {"pk", "sk"}
    }
    assert access_partition(holder(table, BOB)) == mailbox_key(holder(table, BOB))[0]
