"""The routes of the settings."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Body

from addresses.items import settings_item
from addresses.problem import answers
from addresses.settings import Settings
from link_api.app import app, settings, table

TAGS = ["Settings"]


@app.get("/settings", summary="Read the settings", tags=TAGS, responses=answers(200, 422))
def read_settings() -> Settings:
    """The settings; the defaults while nobody has set any."""
    return settings()


@app.put("/settings", summary="Set the settings", tags=TAGS, responses=answers(200, 400, 413, 422))
def write_settings(body: Annotated[Settings, Body()]) -> Settings:
    """The body is the whole of the settings; what it leaves out gets its default."""
    table().put(settings_item(body))
    return body
