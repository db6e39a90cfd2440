"""An organisation's own OpenID provider in place of the stack's user pool: which of its tokens open what."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from local import aws
from local.outputs import Outputs

if TYPE_CHECKING:
    from types_boto3_apigatewayv2 import ApiGatewayV2Client

AUDIENCE = "the-archive"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}) for _ in range(2))


class Issuer(NamedTuple):
    """A provider on loopback, and the token that it gives for claims."""

    url: str

    def token(self, key: RSAKey = KEY, **claims: Any) -> str:
        """A token of now, for this audience, unless the claims say otherwise."""
        now = int(time.time())
        standard = {"iss": self.url, "aud": AUDIENCE, "iat": now, "nbf": now - 5, "exp": now + 300, "sub": "7"}
        return jwt.encode({"alg": "RS256", "kid": "one"}, standard | claims, key)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    """A provider that publishes its configuration and its public key, as OpenID Connect Discovery says."""

    class Discovery(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Answer the two questions that an authorizer asks."""
            keys = {"keys": [KEY.as_dict(private=False)]}
            configuration = {"issuer": url, "jwks_uri": f"{url}/keys"}
            body = json.dumps(keys if self.path == "/keys" else configuration).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that http.server has
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Discovery) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Issuer(url)
        server.shutdown()


@pytest.fixture(scope="module")
def me(stack: Outputs, issuer: Issuer) -> Iterator[Callable[[str], httpx.Response]]:
    """``GET /me`` with a token of the provider, whom the route's authorizer trusts for as long as the module runs."""
    gateway: ApiGatewayV2Client = aws.session().client(
        "apigatewayv2", endpoint_url=stack.endpoint_url, config=aws.DIRECT
    )
    api = stack.api_url.rsplit("/", 1)[1]
    [route] = [each for each in gateway.get_routes(ApiId=api)["Items"] if each["RouteKey"] == "GET /me"]
    ours = gateway.create_authorizer(
        ApiId=api,
        Name="own",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer.url, "Audience": [AUDIENCE]},
    )
    gateway.update_route(ApiId=api, RouteId=route["RouteId"], AuthorizerId=ours["AuthorizerId"])
    yield lambda token: httpx.get(f"{stack.api_url}/me", headers={"Authorization": f"Bearer {token}"}, timeout=30)
    gateway.update_route(ApiId=api, RouteId=route["RouteId"], AuthorizerId=route["AuthorizerId"])


def test_a_token_of_the_organisations_own_provider_opens_the_archive_of_its_email(
    me: Callable[[str], httpx.Response], issuer: Issuer, admin: httpx.Client, domain: str
) -> None:
    """Whatever case the provider writes the address in."""
    admin.put(f"/mailboxes/alice@{domain}").raise_for_status()
    answer = me(issuer.token(email=f"Alice@{domain}", email_verified=True))
    assert (200, f"alice@{domain}") == (answer.status_code, answer.json().get("primary"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"exp": int(time.time()) - 60},
        {"nbf": int(time.time()) + 3600},
        {"aud": "another-application"},
        {"iss": "https://example.net"},
        {"key": OTHER_KEY},
    ],
    ids=["expired", "not yet valid", "another audience", "another issuer", "another key"],
)
def test_a_token_that_is_not_good_now_and_here_is_refused(
    me: Callable[[str], httpx.Response], issuer: Issuer, wrong: dict[str, Any]
) -> None:
    """401 before any function runs."""
    assert 401 == me(issuer.token(**{"email": "alice@example.com"} | wrong)).status_code


def test_an_address_that_the_provider_has_not_verified_opens_nothing(
    me: Callable[[str], httpx.Response], issuer: Issuer
) -> None:
    """With self sign-up, anybody could have typed it in."""
    answer = me(issuer.token(email="alice@example.com", email_verified=False))
    assert (403, "no-identity") == (answer.status_code, answer.json()["type"])
