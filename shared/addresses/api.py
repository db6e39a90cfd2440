"""What both HTTP APIs have in common: their resolver, the caller, and addresses in paths and bodies."""

from typing import Annotated, Any
from urllib.parse import quote, unquote

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from pydantic import AfterValidator

from addresses.address import Address, parse
from addresses.caller import Caller, caller
from addresses.errors import AddressesError, BodyTooLarge, MalformedBody
from addresses.problem import answer_problems, problem

LARGEST_BODY = 256 * 1024

BodyAddress = Annotated[Address, AfterValidator(parse)]
PathAddress = Annotated[Address, AfterValidator(lambda text: parse(unquote(text)))]


def resolver() -> APIGatewayHttpResolver:
    """A resolver that validates what comes in, and answers broken rules with problems."""
    app = APIGatewayHttpResolver(enable_validation=True)
    answer_problems(app)
    return app


def resolve(
    app: APIGatewayHttpResolver, event: dict[str, Any], context: Any, *, own_pool: bool, group: str | None = None
) -> Any:
    """The answer to one request, if its caller is in the group that the API is for; ``own_pool`` as in ``caller``.

    Who asks is settled before anything of the request is looked at, so that a stranger learns nothing from its faults.
    """
    try:
        asking = _caller(APIGatewayProxyEventV2(event), group, own_pool=own_pool)
        _require_readable_body(APIGatewayProxyEventV2(event))
    except AddressesError as broken:
        answer = problem(broken)
        return {"statusCode": answer.status_code, "headers": {"Content-Type": answer.content_type}, "body": answer.body}
    app.context["caller"] = asking
    answered = app.resolve(_with_encoded_path(event), context)
    # An answer without content has no body, rather than a null one, which not every gateway takes.
    return {name: value for name, value in answered.items() if value is not None}


def caller_of(app: APIGatewayHttpResolver) -> Caller:
    """Who sent the request that is being answered."""
    found: Caller = app.context["caller"]
    return found


def _caller(event: APIGatewayProxyEventV2, group: str | None, *, own_pool: bool) -> Caller:
    authorizer = event.request_context.authorizer
    found = caller((authorizer.jwt_claim if authorizer else None) or {}, own_pool=own_pool)
    if group:
        found.require(group)
    return found


def _require_readable_body(event: APIGatewayProxyEventV2) -> None:
    if len(event.body or "") > LARGEST_BODY:
        raise BodyTooLarge(f"The body is larger than {LARGEST_BODY // 1024} KiB. Send it in parts.")
    if event.body and not event.headers.get("content-type", "application/json").startswith("application/json"):
        raise MalformedBody("Send the body as JSON, with the content type application/json.")
    try:
        told = event.json_body
    except UnicodeDecodeError as damage:
        raise MalformedBody("The body is not UTF-8 text.") from damage
    # Powertools would let only JSONDecodeError be the client's fault; a number of 5,000 digits raises something else.
    except (ValueError, RecursionError) as damage:
        raise MalformedBody("The body is not JSON, or nothing that this API takes is so deep or so long.") from damage
    # Powertools would take it for no body, and give what may be left out its default.
    if event.body and told is None:
        raise MalformedBody("The body is null. Send an object, or no body where the description lets you.")


def _with_encoded_path(event: dict[str, Any]) -> dict[str, Any]:
    """The event with its path as the client wrote it.

    API Gateway's HTTP APIs decode ``rawPath``, so an address with a slash, a question mark or a quote in its local part
    would match another route or none. The route that API Gateway matched, and its parameters, say what was meant.
    """
    _method, _, path = event.get("routeKey", "").partition(" ")
    for name, value in (event.get("pathParameters") or {}).items():
        path = path.replace(f"{{{name}}}", quote(value, safe="%@"))
    return {**event, "rawPath": path} if path else event
