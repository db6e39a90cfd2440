"""Who is asking, from the claims of a verified token."""

from typing import Any

import pytest

from addresses.caller import ADDRESS_ADMINS, DELEGATION_ADMINS, Caller, caller
from addresses.errors import NoIdentity, NotAnAdministrator
from tests.people import ALICE

BOTH = frozenset({ADDRESS_ADMINS, DELEGATION_ADMINS})


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ("[address-admins delegation-admins]", BOTH),
        ("[address-admins, delegation-admins]", BOTH),
        ("address-admins,delegation-admins", BOTH),
        ("address-admins", frozenset({ADDRESS_ADMINS})),
        (["address-admins", "delegation-admins"], BOTH),
        (("address-admins",), frozenset({ADDRESS_ADMINS})),
        (["address-admins", 7], frozenset({ADDRESS_ADMINS, "7"})),
        ("[[address-admins]]", frozenset({"[address-admins]"})),
        ("[]", frozenset()),
        ("", frozenset()),
        ([], frozenset()),
        (None, frozenset()),
        (True, frozenset()),
        ({"address-admins": True}, frozenset()),
    ],
)
def test_groups_are_read_in_every_form_that_authorizers_hand_over(groups: object, expected: frozenset[str]) -> None:
    """API Gateway writes a list as ``[a b]``, so a group with a blank in its name could not be told from two."""
    assert Caller(ALICE, expected) == caller({"email": "Alice@Example.com", "cognito:groups": groups})


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"groups": "[address-admins]"}, frozenset({ADDRESS_ADMINS})),
        ({"cognito:groups": "[]", "groups": "[address-admins]"}, frozenset()),
        ({}, frozenset()),
    ],
)
def test_other_issuers_name_the_claim_groups(claims: dict[str, Any], expected: frozenset[str]) -> None:
    """Where Cognito's own claim is there, it alone counts."""
    assert expected == caller({"email": "alice@example.com", **claims}).groups


@pytest.mark.parametrize(
    ("claims", "because"),
    [
        ({}, "Send the ID token, not the access token"),
        ({"token_use": "access", "username": "alice", "client_id": "1"}, "Send the ID token, not the access token"),
        ({"email": ""}, "has no email claim"),
        ({"email": None}, "has no email claim"),
        ({"email": ["alice@example.com"]}, "has no email claim"),
        ({"email": "alice"}, "cannot be used: 'alice' is not an address"),
        ({"email": "alice@example.com, bob@example.com"}, "cannot be used"),
        ({"email": "alice@example.com", "email_verified": "false"}, "has not verified"),
        ({"email": "alice@example.com", "email_verified": False}, "has not verified"),
    ],
)
def test_whoever_has_no_verified_address_is_nobody(claims: dict[str, Any], because: str) -> None:
    """Not even a member of a group."""
    with pytest.raises(NoIdentity, match=because):
        caller({**claims, "cognito:groups": "[address-admins]"})


@pytest.mark.parametrize("claims", [{}, {"email_verified": True}, {"email_verified": "true"}, {"email_verified": None}])
def test_an_address_counts_unless_the_issuer_says_that_its_bearer_merely_typed_it_in(claims: dict[str, Any]) -> None:
    """An issuer that does not say is believed."""
    assert Caller(ALICE, frozenset()) == caller({"email": "alice@example.com", **claims})


OF_A_POOL = {"email": "alice@example.com", "cognito:username": "7c1e", "email_verified": "false"}


def test_in_the_own_pool_administrators_write_addresses_so_nobody_need_verify_them() -> None:
    """Whoever invites people may leave that out."""
    assert Caller(ALICE, frozenset()) == caller(OF_A_POOL, own_pool=True)


def test_in_another_user_pool_people_may_have_written_their_address_themselves() -> None:
    """Cognito puts a changed address into tokens at once, as one that is not verified."""
    with pytest.raises(NoIdentity, match="has not verified"):
        caller(OF_A_POOL)


@pytest.mark.parametrize(
    "groups", ["[delegation-admins]", "[address-admins-2]", "[Address-Admins]", "[address admins]"]
)
def test_only_members_of_the_very_group_are_let_in(groups: str) -> None:
    """The refusal names the group and the caller."""
    with pytest.raises(NotAnAdministrator, match=r"needs the group address-admins; alice@example\.com is not in it"):
        caller({"email": "alice@example.com", "cognito:groups": groups}).require(ADDRESS_ADMINS)
    caller({"email": "alice@example.com", "cognito:groups": "[address-admins]"}).require(ADDRESS_ADMINS)
