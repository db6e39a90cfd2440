"""Who is let in: tokens that are missing, expired, forged, for another audience, or of another group."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx
import pytest

from local import people
from local.outputs import Outputs
from tests.tokens import claims, part, with_claims

if TYPE_CHECKING:
    from types_boto3_cognito_idp import CognitoIdentityProviderClient

ROUTES = [("GET", "/settings"), ("PUT", "/mailboxes/x@example.com"), ("GET", "/mailboxes"), ("GET", "/addresses/x@y.z")]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_token_that_was_not_issued_to_this_api_is_refused(
    api: Callable[[str | None], httpx.Client], token: Callable[..., str], method: str, path: str
) -> None:
    """401, whatever it claims."""
    good = token("admin@example.com", "address-admins")
    body = claims(good)
    forged = [
        None,
        "nonsense",
        with_claims(good, email="somebody.else@example.com"),
        with_claims(good, exp=int(time.time()) + 10**6),
        with_claims(good, aud="another-client"),
        with_claims(good, iss="https://example.net"),
        f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(body)}.",
        f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(body)}.{good.split('.')[2]}",
        good[:-6] + ("AAAAAA" if good[-6:] != "AAAAAA" else "BBBBBB"),
    ]
    for each in forged:
        assert 401 == api(each).request(method, path).status_code, each


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a_person_who_is_no_administrator_changes_and_learns_nothing(
    user: Callable[[str], httpx.Client],
    api: Callable[[str | None], httpx.Client],
    token: Callable[..., str],
    method: str,
    path: str,
) -> None:
    """403, before the request is looked at; the other group does not help."""
    delegating = api(token("delegator@example.com", "delegation-admins"))
    for client in (user("person@example.com"), delegating):
        answer = client.request(method, path, content=b"{")
        assert (403, "not-an-administrator") == (answer.status_code, answer.json()["type"])
        assert "address-admins" in answer.json()["detail"]


def test_an_access_token_names_nobody(
    stack: Outputs, cognito: "CognitoIdentityProviderClient", api: Callable[[str | None], httpx.Client]
) -> None:
    """It has no email claim; the answer says which token to send."""
    email, password = "access@example.com", "Aa1-for-this-test"
    people.token(stack, email)
    cognito.admin_set_user_password(UserPoolId=stack.user_pool_id, Username=email, Password=password, Permanent=True)
    answer = cognito.initiate_auth(
        ClientId=stack.user_pool_client_id,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": email, "PASSWORD": password},
    )
    refused = api(answer["AuthenticationResult"]["AccessToken"]).get("/me")
    assert (403, "no-identity") == (refused.status_code, refused.json()["type"])
    assert "ID token" in refused.json()["detail"]


def test_a_token_of_another_user_pool_opens_nothing(
    stack: Outputs, cognito: "CognitoIdentityProviderClient", api: Callable[[str | None], httpx.Client]
) -> None:
    """Whoever has a pool of their own in the same region can invite anybody's address there, and make them anything."""
    pool = cognito.create_user_pool(PoolName="elsewhere", UsernameAttributes=["email"])["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = cognito.create_user_pool_client(UserPoolId=pool, ClientName="elsewhere", ExplicitAuthFlows=flows)  # type: ignore[arg-type]
    cognito.create_group(UserPoolId=pool, GroupName="address-admins")
    theirs = replace(stack, user_pool_id=pool, user_pool_client_id=made["UserPoolClient"]["ClientId"])
    token = people.token(theirs, "alice@example.com", ["address-admins"])
    assert "address-admins" in claims(token)["cognito:groups"]
    assert [401, 401] == [api(token).get(path).status_code for path in ("/me", "/settings")]


def test_the_description_of_the_api_is_public(api: Callable[[str | None], httpx.Client]) -> None:
    """Programs and people read it without a token."""
    described = api(None).get("/openapi.json").json()
    assert "3.1.0" == described["openapi"]
    assert "/mailboxes/{primary}/aliases/{alias}" in described["paths"]
    page = api(None).get("/docs")
    assert (200, "text/html") == (page.status_code, page.headers["content-type"])
