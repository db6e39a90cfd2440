"""The function that serves the description of the API: as OpenAPI for programs, and as a page for people."""

import json
from functools import cache
from importlib.resources import files
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi import swagger_ui
from aws_lambda_powertools.event_handler.openapi.merge import OpenAPIMerge
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer, Server
from aws_lambda_powertools.utilities.typing import LambdaContext

import archive_api.routes
import link_api.routes

logger = Logger()
app = APIGatewayHttpResolver()


@app.get("/openapi.json")
def openapi() -> Response[str]:
    """The description of both APIs, for programs."""
    return Response(200, "application/json", description())


@app.get("/docs")
def docs() -> Response[str]:
    """The description of both APIs, for people. Everything that the page needs is in it: nothing is fetched."""
    assets = files(swagger_ui)
    script = (assets / "swagger-ui-bundle.min.js").read_text(encoding="utf-8")
    style = (assets / "swagger-ui.min.css").read_text(encoding="utf-8")
    # "</" would end the page's script from inside a string of the description.
    safe = description().replace("</", "<\\/")
    return Response(200, "text/html", swagger_ui.generate_swagger_html(safe, script, style, "", None))


@logger.inject_lambda_context
def handle(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one request for the description."""
    return app.resolve(event, context)


@cache
def description() -> str:
    """The OpenAPI document, as JSON."""
    merged = OpenAPIMerge(
        title="Alias Addresses",
        version="1",
        description="One archive for every address that a person is reached on. Send the ID token as bearer token.",
        security_schemes={"token": HTTPBearer(bearerFormat="JWT")},
        security=[{"token": []}],
        # Relative to this document, since not every gateway serves the API at its root.
        servers=[Server(url=".")],
        on_conflict="error",
    )
    for each in (link_api.routes.app, archive_api.routes.app):
        merged.add_schema(json.loads(each.get_openapi_json_schema()))
    return merged.get_openapi_json_schema()
