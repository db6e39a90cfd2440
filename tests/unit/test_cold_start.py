"""A function loads nothing at its start that few events need. `make bench OF=cold_start` shows what it takes."""

import os
import subprocess
import sys

import pytest

from local import ROOT

# Needed for an address that is not plain, for one kind of directory, for archives that were kept elsewhere, or never.
LATE = {
    "email_validator": ["apply_plan", "archive_api", "directory_sync", "link_api", "mail_ingest", "spreadsheet_import"],
    "ldap3": ["directory_sync"],
    "httpx": ["directory_sync"],
    "cryptography": ["directory_sync"],
    "mail_ingest.load.loading": ["mail_ingest"],
    "asyncio": ["apply_plan", "directory_sync", "mail_ingest"],
}


@pytest.mark.parametrize("function", sorted({function for functions in LATE.values() for function in functions}))
def test_a_function_starts_without_what_few_events_need(function: str) -> None:
    """In an interpreter of its own, where nothing else has loaded anything."""
    code = f"import sys, {function}.handler; print(*sys.modules)"
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}/functions:{ROOT}/shared", "AWS_DEFAULT_REGION": "eu-west-1"}
    done = subprocess.run([sys.executable, "-c", code], check=True, env=environment, capture_output=True, text=True)
    late = {module for module, functions in LATE.items() if function in functions}
    assert set() == late & set(done.stdout.split())
