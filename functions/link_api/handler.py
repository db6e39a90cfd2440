"""The function behind the API for administrators."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.correlation_paths import API_GATEWAY_HTTP
from aws_lambda_powertools.utilities.typing import LambdaContext

from addresses.api import resolve
from addresses.caller import ADDRESS_ADMINS, DELEGATION_ADMINS
from link_api.app import own_pool
from link_api.routes import app

logger = Logger()


@logger.inject_lambda_context(correlation_id_path=API_GATEWAY_HTTP)
def handle(event: dict[str, Any], context: LambdaContext) -> Any:
    """Answer one request of an administrator; who may delegate archives is not who may link addresses."""
    group = DELEGATION_ADMINS if "/delegates" in event["routeKey"] else ADDRESS_ADMINS
    return resolve(app, event, context, own_pool=own_pool(), group=group)
