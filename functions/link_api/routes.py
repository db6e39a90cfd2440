"""All routes of the API for administrators, on its one resolver."""

from link_api import delegates, directories, imports, known_addresses, loads, mailboxes, runs, settings_routes
from link_api.app import app

__all__ = [
    "app",
    "delegates",
    "directories",
    "imports",
    "known_addresses",
    "loads",
    "mailboxes",
    "runs",
    "settings_routes",
]
