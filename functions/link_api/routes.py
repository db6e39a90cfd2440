"""All routes of the API for administrators, on its one resolver."""

from link_api import known_addresses, mailboxes, settings_routes
from link_api.app import app

__all__ = ["app", "known_addresses", "mailboxes", "settings_routes"]
