"""Reads users with Microsoft's own client and prints what it makes of them; run where that client is installed."""

import asyncio
import json
import sys
from typing import Any

from kiota_abstractions.authentication import (  # type: ignore[import-not-found] # installed in .venv-vendors only
    AuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import (  # type: ignore[import-not-found] # the same
    RequestConfiguration,
)
from msgraph import GraphRequestAdapter, GraphServiceClient  # type: ignore[import-not-found] # the same
from msgraph.generated.models.o_data_errors.o_data_error import (  # type: ignore[import-not-found] # the same
    ODataError,
)
from msgraph.generated.users.delta.delta_request_builder import (  # type: ignore[import-not-found] # the same
    DeltaRequestBuilder,
)
from msgraph.generated.users.item.user_item_request_builder import (  # type: ignore[import-not-found] # the same
    UserItemRequestBuilder,
)

SELECT = ["id", "mail", "proxyAddresses", "displayName", "accountEnabled", "userType"]


class _Given(AuthenticationProvider):  # type: ignore[misc] # its base is installed elsewhere
    """A token that is there already."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def authenticate_request(self, request: Any, *_: Any, **__: Any) -> None:
        """Put the token on a request."""
        request.headers.try_add("Authorization", f"Bearer {self._token}")


def _told(user: Any) -> dict[str, Any]:
    """What the client's model of a user says."""
    return {
        "id": user.id,
        "mail": user.mail,
        "proxyAddresses": user.proxy_addresses,
        "displayName": user.display_name,
        "accountEnabled": user.account_enabled,
        "userType": user.user_type,
        "removed": "@removed" in user.additional_data,
    }


async def _read(url: str, token: str, ids: list[str]) -> dict[str, Any]:
    adapter = GraphRequestAdapter(_Given(token))
    adapter.base_url = f"{url}/v1.0"
    client = GraphServiceClient(request_adapter=adapter)
    query = RequestConfiguration(
        query_parameters=DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(select=SELECT)
    )
    page = await client.users.delta.get(request_configuration=query)
    users = [_told(user) for user in page.value]
    while page.odata_next_link:
        page = await client.users.delta.with_url(page.odata_next_link).get()
        users += [_told(user) for user in page.value]
    changes = await client.users.delta.with_url(page.odata_delta_link).get()
    one = RequestConfiguration(
        query_parameters=UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(select=SELECT)
    )
    by_id: dict[str, Any] = {}
    for user_id in ids:
        try:
            by_id[user_id] = _told(await client.users.by_user_id(user_id).get(request_configuration=one))
        except ODataError as refusal:
            by_id[user_id] = refusal.error.code
    return {"users": users, "changes": [_told(user) for user in changes.value], "by_id": by_id}


if __name__ == "__main__":
    json.dump(asyncio.run(_read(sys.argv[1], sys.argv[2], sys.argv[3:])), sys.stdout)
