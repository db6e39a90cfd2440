"""The API for administrators: its resolver, and the table that it works on."""

import os
from functools import cache

import boto3

from addresses.api import resolver
from addresses.items import SETTINGS_KEY, settings_from
from addresses.settings import Settings
from addresses.table import Table

app = resolver()


@cache
def table() -> Table:
    """The table, connected once per container."""
    return Table(boto3.client("dynamodb"), os.environ["TABLE_NAME"])


def settings() -> Settings:
    """The settings as they are now: a domain that was just added counts at once."""
    return settings_from(table().get(SETTINGS_KEY))
