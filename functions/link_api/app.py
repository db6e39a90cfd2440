"""The API for administrators: its resolver, and what it works on."""

import os
from functools import cache

import boto3

from addresses.api import resolver
from addresses.items import SETTINGS_KEY, settings_from
from addresses.launch import Launcher
from addresses.plan_store import PlanStore
from addresses.settings import Settings
from addresses.table import Table

app = resolver()


@cache
def table() -> Table:
    """The table, connected once per container."""
    return Table(boto3.client("dynamodb"), os.environ["TABLE_NAME"])


@cache
def plans() -> PlanStore:
    """The bucket of plans."""
    return PlanStore(boto3.client("s3"), os.environ["PLAN_BUCKET"])


@cache
def launcher() -> Launcher:
    """The state machine that carries out plans."""
    return Launcher(boto3.client("stepfunctions"), os.environ["STATE_MACHINE"], os.environ["PLAN_BUCKET"])


def settings() -> Settings:
    """The settings as they are now: a domain that was just added counts at once."""
    return settings_from(table().get(SETTINGS_KEY))
