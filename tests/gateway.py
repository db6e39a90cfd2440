"""API Gateway for tests: a client's request goes in; the function that the template names for it gets AWS's event."""

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qsl, unquote

import boto3
from moto import mock_aws

import archive_api.app
import link_api.app
from addresses.plan_store import PlanStore
from addresses.table import Table
from local import template
from tests.cloud import ENVIRONMENT, Orders, create_plans, create_state_machine, executions
from tests.table import create_table

EVENTS = Path(__file__).parents[1] / "events"
TABLE = "addresses"
ADMIN = {"email": "admin@example.com", "cognito:groups": "[address-admins]"}


@dataclass(frozen=True)
class Answer:
    """What the client gets: the body as JSON where it is JSON, else as text or bytes, and None where there is none."""

    status: int
    body: Any
    content_type: str | None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What Lambda tells a function of itself."""

    function_name: str = "function"
    memory_limit_in_mb: int = 1024
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:function"
    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"

    def get_remaining_time_in_millis(self) -> int:
        """A minute."""
        return 60_000


@contextmanager
def empty_table() -> Iterator[Table]:
    """The table of the functions, in moto."""
    with mock_aws(), patch.dict(os.environ, {"TABLE_NAME": TABLE, **ENVIRONMENT}):
        forget_clients()
        yield create_table(boto3.client("dynamodb"), TABLE)


@dataclass(frozen=True)
class Cloud:
    """The table, the bucket of plans, and what was ordered: of functions, and of the state machine."""

    table: Table
    plans: PlanStore
    orders: Orders
    session: boto3.Session

    @property
    def executions(self) -> list[dict[str, Any]]:
        """What the state machine was asked to carry out."""
        return executions(self.session)


@cache
def _session() -> boto3.Session:
    """One for all tests, since each reads the descriptions of its services anew."""
    return boto3.Session()


@contextmanager
def empty_cloud() -> Iterator[Cloud]:
    """All that the administrators' API works on, in moto. Nobody carries out what is ordered."""
    session, orders = _session(), Orders()
    # The session after the table: moto begins with none.
    with empty_table() as table, patch("boto3.DEFAULT_SESSION", session), orders.kept(session):
        create_state_machine(session)
        yield Cloud(table, create_plans(session), orders, session)


def forget_clients() -> None:
    """The next request is answered by new containers."""
    connected = link_api.app.table, link_api.app.plans, link_api.app.launcher, link_api.app.rows, link_api.app.s3
    for each in (*connected, archive_api.app.table, archive_api.app.store):
        each.cache_clear()


def send(
    request: str,
    body: Any = None,
    *,
    claims: Mapping[str, Any] = ADMIN,
    headers: Mapping[str, str] | None = None,
    decodes_paths: bool = True,
) -> Answer:
    """The answer to a request such as ``GET /archive?limit=2``, its path escaped as clients do.

    ``claims`` are added to those of the event's token, and taken from them where they are None. A ``body`` that is text
    is sent as it is, bytes as API Gateway sends what it does not take for text, anything else as JSON.
    """
    function, event = asked(request, body, claims=claims, headers=headers, decodes_paths=decodes_paths)
    answer = answered(import_module(f"{function}.handler").handle(event, Context()))
    if function != "api_description":
        _require_described(event["routeKey"], answer)
    return answer


def asked(
    request: str,
    body: Any = None,
    *,
    claims: Mapping[str, Any] = ADMIN,
    headers: Mapping[str, str] | None = None,
    decodes_paths: bool = True,
) -> tuple[str, dict[str, Any]]:
    """The function that gets the request, and the event that it gets; see ``send``."""
    function, event = _event(request, decodes_paths=decodes_paths)
    if "authorizer" in event["requestContext"]:
        token = event["requestContext"]["authorizer"]["jwt"]
        token["claims"] = {name: value for name, value in {**token["claims"], **claims}.items() if value is not None}
    if body is not None:
        content = body if isinstance(body, str | bytes) else json.dumps(body)
        event["headers"]["content-type"] = "application/json"
        event["isBase64Encoded"] = isinstance(content, bytes)
        event["body"] = b64encode(content).decode() if isinstance(content, bytes) else content
    event["headers"] |= headers or {}
    return function, event


@cache
def description() -> dict[str, Any]:
    """The API's description of itself."""
    described: dict[str, Any] = send("GET /openapi.json").body
    return described


@cache
def routes() -> dict[str, tuple[str, bool]]:
    """Each route of the template, the function that answers it, and whether a token is asked for."""
    loaded = template.load()["Resources"]
    found = {}
    for resource in loaded.values():
        if resource["Type"] == "AWS::ApiGatewayV2::Route":
            route = resource["Properties"]
            integration = route["Target"]["Fn::Sub"].removeprefix("integrations/${").removesuffix("}")
            function = loaded[integration]["Properties"]["IntegrationUri"]["Fn::GetAtt"][0]
            handler = loaded[function]["Properties"]["Handler"]
            found[route["RouteKey"]] = (handler.partition(".")[0], route["AuthorizationType"] == "JWT")
    return found


@cache
def _example(function: str) -> str:
    return (EVENTS / f"{function}.json").read_text()


def _event(request: str, *, decodes_paths: bool) -> tuple[str, dict[str, Any]]:
    target, _, query = request.partition("?")
    route, parameters = _route(target)
    function, has_token = routes()[route]
    event = json.loads(_example(function))
    for name in ("body", "pathParameters", "queryStringParameters"):
        event.pop(name, None)
    event["headers"].pop("content-type", None)
    method, _, path = target.partition(" ")
    read = unquote if decodes_paths else str
    event |= {"routeKey": route, "rawPath": read(path), "rawQueryString": query}
    event["requestContext"]["routeKey"] = route
    event["requestContext"]["http"] |= {"method": method, "path": read(path)}
    assert has_token == ("authorizer" in event["requestContext"]), f"events/{function}.json has no right token"
    if parameters:
        event["pathParameters"] = {name: read(value) for name, value in parameters.items()}
    if query:
        arguments: dict[str, str] = {}
        for name, value in parse_qsl(query, keep_blank_values=True):
            arguments[name] = f"{arguments[name]},{value}" if name in arguments else value
        event["queryStringParameters"] = arguments
    return function, event


def _require_described(route: str, answer: Answer) -> None:
    """Nothing is answered that the API's description does not say."""
    method, _, path = route.partition(" ")
    described = description()["paths"][path][method.lower()]["responses"][str(answer.status)]["content"]
    assert set(described) == ({answer.content_type} if answer.content_type else set()), route
    if isinstance(answer.body, bytes):
        return
    for schema in (content["schema"] for content in described.values()):
        name = _component(schema, answer.body)
        fields = description()["components"]["schemas"][name] if name else schema
        assert fields["properties"].keys() <= answer.body.keys(), route
        assert not name or fields["properties"].keys() == answer.body.keys(), route


def _component(schema: Mapping[str, Any], body: Any) -> str:
    """The name of what describes the body; of several kinds, that of its own kind. Empty if it is described there."""
    kinds = schema.get("discriminator")
    reference: str = kinds["mapping"][body[kinds["propertyName"]]] if kinds else schema.get("$ref", "")
    return reference.rpartition("/")[2]


@cache
def _by_precedence() -> list[str]:
    """The routes; what stands there word for word comes before a parameter."""
    return sorted(routes(), key=lambda each: "{" in each)


def _route(target: str) -> tuple[str, dict[str, str]]:
    """The route that API Gateway chooses, and what stands in the place of its parameters."""
    for route in _by_precedence():
        pairs = list(zip(route.split("/"), target.split("/"), strict=False))
        fits = all(pattern == part or (pattern.startswith("{") and part) for pattern, part in pairs)
        if fits and route.count("/") == target.count("/"):
            return route, {pattern.strip("{}"): part for pattern, part in pairs if pattern.startswith("{")}
    raise LookupError(f"API Gateway answers {target} with 404 itself")


def answered(answer: dict[str, Any]) -> Answer:
    """What the client gets of a function's answer."""
    headers = {name.lower(): value for name, value in answer.get("headers", {}).items()}
    body = answer.get("body")
    kind = headers.get("content-type")
    assert body is None or isinstance(body, str)
    if answer.get("isBase64Encoded"):
        return Answer(answer["statusCode"], b64decode(body or ""), kind, headers)
    return Answer(answer["statusCode"], json.loads(body) if body and "json" in (kind or "") else body, kind, headers)
