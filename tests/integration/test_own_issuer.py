"""An organisation's own OpenID provider in place of the stack's user pool: which of its tokens open what."""

import hmac
import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from local import aws
from local.outputs import Outputs
from tests.tokens import part

if TYPE_CHECKING:
    from types_boto3_apigatewayv2 import ApiGatewayV2Client

AUDIENCE = "the-archive"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"}) for _ in range(2))


class Issuer(NamedTuple):
    """A provider on loopback, and the token that it gives for claims."""

    url: str

    def claims(self, **claims: Any) -> dict[str, Any]:
        """The claims of a token of now, for this audience, unless these say otherwise."""
        now = int(time.time())
        standard = {"iss": self.url, "aud": AUDIENCE, "iat": now, "nbf": now - 5, "exp": now + 300, "sub": "7"}
        return standard | claims

    def token(self, key: RSAKey = KEY, kid: str = "one", **claims: Any) -> str:
        """A token of the provider with these claims."""
        return jwt.encode({"alg": "RS256", "kid": kid}, self.claims(**claims), key)

    def forged(self, claim: dict[str, Any]) -> dict[str, str]:
        """Tokens that anybody can make, who knows the provider's public key and has a token of their own."""
        good, body = self.token(**claim), part(self.claims(**claim))
        mine = self.token(email="mallory@example.com")
        symmetric = f"{part({'alg': 'HS256', 'kid': 'one'})}.{body}"
        code = hmac.digest(KEY.as_pem(private=False), symmetric.encode(), "sha256")
        return {
            "unsigned": f"{part({'alg': 'none', 'kid': 'one'})}.{body}.",
            "unsigned, as some write it": f"{part({'alg': 'nOnE', 'kid': 'one'})}.{body}.",
            "signed with the public key as a secret": f"{symmetric}.{urlsafe_b64encode(code).decode().rstrip('=')}",
            "an unknown key's": self.token(OTHER_KEY, kid="two", **claim),
            "a key of its own in the header": jwt.encode(
                {"alg": "RS256", "kid": "two", "jwk": OTHER_KEY.as_dict(private=False)}, self.claims(**claim), OTHER_KEY
            ),
            "no key named": jwt.encode({"alg": "RS256"}, self.claims(**claim), OTHER_KEY),
            "another's payload": f"{mine.split('.')[0]}.{body}.{mine.split('.')[2]}",
            "no signature": good.rpartition(".")[0] + ".",
            "a part too many": f"{good}.x",
        }


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
def get(stack: Outputs, issuer: Issuer) -> Iterator[Callable[[str, str], httpx.Response]]:
    """``GET /me`` or ``/loads`` with a token of the provider, whom they trust for as long as the module runs."""
    gateway: ApiGatewayV2Client = aws.session().client(
        "apigatewayv2", endpoint_url=stack.endpoint_url, config=aws.DIRECT
    )
    api = stack.api_url.rsplit("/", 1)[1]
    keys = {"GET /me", "GET /loads"}
    routes = [each for each in gateway.get_routes(ApiId=api)["Items"] if each["RouteKey"] in keys]
    ours = gateway.create_authorizer(
        ApiId=api,
        Name="own",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer.url, "Audience": [AUDIENCE]},
    )
    for route in routes:
        gateway.update_route(ApiId=api, RouteId=route["RouteId"], AuthorizerId=ours["AuthorizerId"])
    yield lambda path, token: httpx.get(
        f"{stack.api_url}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    for route in routes:
        gateway.update_route(ApiId=api, RouteId=route["RouteId"], AuthorizerId=route["AuthorizerId"])


@pytest.fixture(scope="module")
def me(get: Callable[[str, str], httpx.Response]) -> Callable[[str], httpx.Response]:
    """``GET /me`` with a token of the provider."""
    return lambda token: get("/me", token)


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
        {"aud": None},
        {"aud": ["another-application"]},
        {"iss": "https://example.net"},
        {"iss": None},
        {"key": OTHER_KEY},
    ],
    ids=[
        *("expired", "not yet valid", "another audience", "no audience", "a list of others", "another issuer"),
        *("no issuer", "another key"),
    ],
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


def test_no_token_that_a_stranger_can_make_opens_anything(
    get: Callable[[str, str], httpx.Response], issuer: Issuer
) -> None:
    """401 before any function runs, on the mail users' API and on the administrators'."""
    claim: dict[str, Any] = {"email": "alice@example.com", "groups": ["address-admins"]}
    assert 200 == get("/loads", issuer.token(**claim)).status_code
    answered = {
        (name, path): get(path, token).status_code
        for name, token in issuer.forged(claim).items()
        for path in ("/me", "/loads")
    }
    assert dict.fromkeys(answered, 401) == answered


@pytest.mark.parametrize(
    "claims",
    [
        {"groups": "[delegation-admins]"},
        {"groups": "address-admins-of-something-else"},
        {"groups": {"address-admins": True}},
        {"groups": [["address-admins"]]},
        {"cognito:groups": [], "groups": ["address-admins"]},
        {"name": "[address-admins]"},
        {"scope": "address-admins"},
        {"roles": ["address-admins"]},
        {"custom:groups": "[address-admins]"},
        {"Groups": ["address-admins"]},
    ],
    ids=str,
)
def test_a_group_counts_by_its_name_in_the_claim_of_groups_alone(
    get: Callable[[str, str], httpx.Response], issuer: Issuer, claims: dict[str, Any]
) -> None:
    """Whatever people may write elsewhere into their account makes nobody an administrator."""
    answer = get("/loads", issuer.token(email="mallory@example.com", **claims))
    assert (403, "not-an-administrator") == (answer.status_code, answer.json()["type"])


@pytest.mark.parametrize("email", ["ALICE@{}", "Alice@{}", '"alice"@{}'])
def test_an_address_is_the_same_however_it_is_written(
    me: Callable[[str], httpx.Response], issuer: Issuer, admin: httpx.Client, domain: str, email: str
) -> None:
    """Case is no other person, and neither are quotes that nobody needs."""
    admin.put(f"/mailboxes/alice@{domain}").raise_for_status()
    assert f"alice@{domain}" == me(issuer.token(email=email.format(domain))).json()["primary"]


def test_an_alias_opens_the_mailbox_that_it_belongs_to_and_an_address_of_nobody_opens_none(
    me: Callable[[str], httpx.Response], issuer: Issuer, admin: httpx.Client, domain: str
) -> None:
    """Who is asking is an address; whose it is now, the table says, and not the token."""
    admin.put(f"/mailboxes/alice@{domain}").raise_for_status()
    admin.put(f"/mailboxes/alice@{domain}/aliases/a@{domain}").raise_for_status()
    assert f"alice@{domain}" == me(issuer.token(email=f"a@{domain}")).json()["primary"]
    answer = me(issuer.token(email=f"nobody@{domain}"))
    assert (404, "no-such-mailbox") == (answer.status_code, answer.json()["type"])


@pytest.mark.parametrize(
    "email",
    ["alice@example.com,bob@example.com", "alice@example.com\n", "<alice@example.com>", "", ["alice@example.com"]],
)
def test_an_email_claim_that_is_not_one_address_names_nobody(
    me: Callable[[str], httpx.Response], issuer: Issuer, email: Any
) -> None:
    """It is not taken apart, and no part of it is picked."""
    answer = me(issuer.token(email=email))
    assert (403, "no-identity") == (answer.status_code, answer.json()["type"])
