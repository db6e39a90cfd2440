"""The API for administrators: its resolver, and what it works on."""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from addresses.api import resolver
from addresses.items import SETTINGS_KEY, settings_from
from addresses.launch import Launcher
from addresses.plan_store import PlanStore
from addresses.row_store import RowStore
from addresses.settings import Settings
from addresses.table import Table, connected

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

app = resolver()


@cache
def table() -> Table:
    """The table, connected once per container."""
    return connected(os.environ["TABLE_NAME"])


@cache
def plans() -> PlanStore:
    """The bucket of plans."""
    return PlanStore(s3(), os.environ["PLAN_BUCKET"])


@cache
def rows() -> RowStore:
    """The results of imports' rows."""
    return RowStore(s3(), os.environ["PLAN_BUCKET"])


@cache
def s3() -> "S3Client":
    """S3, also to sign links to objects."""
    # Without these, botocore still signs S3 addresses the old way, for the global host: wrong in most regions.
    return boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "auto"}))


@cache
def launcher() -> Launcher:
    """The state machine that carries out plans."""
    return Launcher(boto3.client("stepfunctions"), os.environ["STATE_MACHINE"], os.environ["PLAN_BUCKET"])


def settings() -> Settings:
    """The settings as they are now: a domain that was just added counts at once."""
    return settings_from(table().get(SETTINGS_KEY))


def own_pool() -> bool:
    """Whether the tokens are of the stack's own user pool, and not of another issuer."""
    return os.environ["USER_POOL"] == "own"
