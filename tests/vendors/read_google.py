"""Reads users with Google's own client and prints what it makes of them; run where that client is installed.

The service account's key comes in at the standard input, so that the client logs on by itself.
"""

import json
import sys
from typing import Any

import httplib2  # type: ignore[import-untyped, import-not-found, unused-ignore] # installed in .venv-vendors only
from google.oauth2 import service_account  # type: ignore[import-not-found] # the same
from google_auth_httplib2 import AuthorizedHttp  # type: ignore[import-not-found] # the same
from googleapiclient.discovery import build  # type: ignore[import-not-found] # the same
from googleapiclient.errors import HttpError  # type: ignore[import-not-found] # the same


def _read(url: str, customer: str, admin: str, scope: str, *ids: str) -> dict[str, Any]:
    credentials = service_account.Credentials.from_service_account_info(
        json.load(sys.stdin), scopes=[scope], subject=admin
    )
    http = AuthorizedHttp(credentials, http=httplib2.Http(proxy_info=None))
    client = build("admin", "directory_v1", http=http, static_discovery=True, client_options={"api_endpoint": url})
    users: list[dict[str, Any]] = []
    question = client.users().list(customer=customer, maxResults=500, projection="full", orderBy="email")
    while question:
        page = question.execute()
        users += page.get("users", [])
        question = client.users().list_next(question, page)
    by_id: dict[str, Any] = {}
    for user_id in ids:
        try:
            by_id[user_id] = client.users().get(userKey=user_id, projection="full").execute()
        except HttpError as refusal:
            by_id[user_id] = refusal.status_code
    client.close()
    return {"users": users, "by_id": by_id}


if __name__ == "__main__":
    json.dump(_read(*sys.argv[1:]), sys.stdout)
