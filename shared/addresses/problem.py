"""What an API answers when a rule is broken: a problem (RFC 9457) that names the rule and says what to do."""

import json
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.exceptions import (
    RequestUnsupportedContentType,
    RequestValidationError,
)
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from botocore.exceptions import ClientError, HTTPClientError

from addresses.errors import (
    AddressesError,
    AwsBusy,
    Conflicting,
    Forbidden,
    Invalid,
    InvalidRequest,
    Malformed,
    MalformedBody,
    NotFound,
    TooLarge,
    Unavailable,
)

STATUS: dict[type[AddressesError], HTTPStatus] = {
    Malformed: HTTPStatus.BAD_REQUEST,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflicting: HTTPStatus.CONFLICT,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

# What DynamoDB, S3, Lambda and Step Functions call it when they have too much to do, or fail for a moment. Botocore has
# asked several times by then.
PASSING = {
    *("ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded", "SlowDown"),
    *("TooManyRequestsException", "InternalServerError", "InternalError", "ServiceUnavailable", "ServiceException"),
    *("TransactionInProgressException", "TransactionConflictException", "RequestTimeout", "ThrottledException"),
}

logger = Logger()

# A body of nothing but faults must not be answered with a larger one.
MOST_FAULTS = 20
LONGEST_WORDS = 300
_NO_TOKEN: OpenAPIResponse = {
    "description": "Unauthorized: the gateway takes no token, or not this one",
    "content": {"application/json": {"schema": {"type": "object", "properties": {"message": {"type": "string"}}}}},
}


def problem(error: AddressesError, **extra: Any) -> Response[str]:
    """The answer for a broken rule."""
    status = next(status for group, status in STATUS.items() if isinstance(error, group))
    title = (type(error).__doc__ or "").strip().splitlines()[0]
    body = {"type": error.slug(), "title": title, "status": status.value, "detail": str(error), **extra}
    return Response(status.value, "application/problem+json", json.dumps(body))


def answers(*statuses: int) -> dict[int, OpenAPIResponse]:
    """The answers of a route, for the API's description: what it says when it succeeds, and its problems otherwise.

    Everybody may be forbidden to ask, and the table may be busy, so those two problems are every route's. Without a
    token that it takes, the gateway itself answers, in a form of its own.
    """
    told = {
        each: _answer(HTTPStatus(each)) for each in (*statuses, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)
    }
    return told | {HTTPStatus.UNAUTHORIZED.value: _NO_TOKEN}


def file_answer(content_type: str) -> dict[int, OpenAPIResponse]:
    """The answer of a route that gives a file, for the API's description."""
    content: Any = {content_type: {"schema": {"type": "string", "format": "binary"}}}
    return {HTTPStatus.OK.value: {"description": HTTPStatus.OK.phrase, "content": content}}


def answer_problems(app: APIGatewayHttpResolver) -> None:
    """Have the API answer broken rules with problems. Anything else fails loudly, as what it is: a fault of ours."""
    app.exception_handler(list(STATUS))(problem)
    app.exception_handler(RequestValidationError)(_invalid_request)
    app.exception_handler(RequestUnsupportedContentType)(_not_json)
    app.exception_handler([ClientError, HTTPClientError])(_busy)
    app.not_found(_no_route)


def _answer(status: HTTPStatus) -> OpenAPIResponse:
    if status is HTTPStatus.NO_CONTENT:
        return {"description": status.phrase, "content": {}}
    if status.is_success:
        # Without a word on its content, Powertools describes what the route's function returns.
        return {"description": status.phrase}
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in ("type", "title", "detail")}}
    return {
        "description": f"{status.phrase}: a problem (RFC 9457) whose type names the broken rule",
        "content": {"application/problem+json": {"schema": schema}},
    }


def _invalid_request(error: RequestValidationError) -> Response[str]:
    faults = error.errors()[:MOST_FAULTS]
    return problem(InvalidRequest(_in_words(faults)), errors=[_fault(fault) for fault in faults])


def _not_json(_error: RequestUnsupportedContentType) -> Response[str]:
    return problem(MalformedBody("Send the body as application/json."))


def _busy(error: ClientError | HTTPClientError) -> Response[str]:
    """What AWS refuses for now; what it refuses for good is a fault of ours, and fails as such."""
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else type(error).__name__
    if isinstance(error, ClientError) and code not in PASSING:
        raise error
    logger.warning("AWS was busy.", code=code, error=str(error))
    return problem(
        AwsBusy(
            f"AWS was too busy to answer ({code}). Send the request again in a moment: what was done of it is not done "
            "twice. If it was to begin a run, look at GET /runs first."
        )
    )


def _no_route(_error: NotFoundError) -> Response[str]:
    return problem(NotFound("There is nothing here. GET /openapi.json lists what there is."))


def _fault(fault: dict[str, Any]) -> dict[str, str]:
    return {"field": _short(".".join(map(str, fault["loc"]))), "reason": _short(fault["msg"])}


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_WORDS else f"{text[:LONGEST_WORDS]}..."


def _in_words(faults: Sequence[dict[str, Any]]) -> str:
    return "; ".join(f"{fault['field']}: {fault['reason']}" for fault in map(_fault, faults))
