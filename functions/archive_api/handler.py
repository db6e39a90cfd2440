"""The function behind the API for mail users."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_HTTP
from aws_lambda_powertools.utilities.typing import LambdaContext

from addresses.api import resolve
from archive_api.app import own_pool
from archive_api.routes import app

logger = Logger()


@logger.inject_lambda_context(correlation_id_path=API_GATEWAY_HTTP)
def handle(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer one request of a mail user."""
    return resolve(app, event, context, own_pool=own_pool())
