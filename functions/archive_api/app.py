"""The API for mail users: its resolver, and what it reads."""

import os
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from addresses.api import resolver
from addresses.table import Table, connected

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# One query per address of the mailbox is under way at a time.
QUERIES_AT_ONCE = 16

app = resolver()


@cache
def table() -> Table:
    """The table, connected once per container."""
    return connected(os.environ["TABLE_NAME"], QUERIES_AT_ONCE)


@cache
def store() -> "S3Client":
    """The store of raw messages, to sign addresses of objects for."""
    # Without these, botocore still signs S3 addresses the old way, for the global host: wrong in most regions.
    return boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "auto"}))


def own_pool() -> bool:
    """Whether the tokens are of the stack's own user pool, and not of another issuer."""
    return os.environ["USER_POOL"] == "own"
