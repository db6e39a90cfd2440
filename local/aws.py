"""Clients of the embedded AWS, with the one account it has."""

from typing import Final

import boto3
from botocore.config import Config

REGION: Final = "eu-west-1"


def session() -> boto3.Session:
    """Credentials `test`/`test`, which the embedded AWS takes for its administrator; never those of the environment."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)  # noqa: S106


# A real AWS account behind a proxy must not be asked for what is on this machine.
DIRECT = Config(proxies={}, retries={"total_max_attempts": 2, "mode": "standard"})
