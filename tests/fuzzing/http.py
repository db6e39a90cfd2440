"""`make fuzz-http`: requests that schemathesis makes out of the API's own description, against the deployed stack.

What is asked: each operation with values at the edges of its schema, and beyond them; with any values, right ones and
wrong ones; and in sequences, in which what one answers is asked for by the next. What is looked at: that nothing is a
server error, that each answer is one that the description has, with that type and in that form, that what is wrong is
refused, and that nothing is told without a token.
"""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from local import aws, people
from local.outputs import Outputs
from local.stack import running
from tests.invariants import check_invariants
from tests.table import address_book, everything

_CONFIG = Path(__file__).with_name("http.toml")
_SETTINGS = {"internal_domains": ["example.com", "example.net"]}
_EXAMPLES = 200


@dataclass
class Found:
    """What a run has shown: how many requests there were, and each kind of failure with what shows it first."""

    requests: int = 0
    failures: dict[str, str] = field(default_factory=dict)


def fuzzed(url: str, token: str, examples: int, seed: int = 1) -> Found:
    """Ask the API that is there, with this token; ``examples`` for each operation and way of asking.

    Without any, only what lies at the edges of the schemas and beyond them is asked for.
    """
    config = SchemathesisConfig.from_path(_CONFIG)
    config.update(seed=seed, max_failures=None)
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json", config=config)
    # The description names its server relative to itself.
    schema.config.update(base_url=url, headers={"Authorization": f"Bearer {token}"})
    schema.config.phases.update(phases=["coverage", *(["fuzzing", "stateful"] if examples else [])])
    schema.config.generation.update(max_examples=examples or 1)
    found = Found()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            found.requests += len(event.recorder.interactions)
            for checks in event.recorder.checks.values():
                for check in checks:
                    if check.failure_info:
                        shown = f"{check.failure_info.failure}\n{check.failure_info.code_sample}"
                        found.failures.setdefault(f"{check.name} of {event.recorder.label}", shown)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.failures[type(event).__name__] = str(event)
    return found


def main() -> int:
    """Deploy, ask as an administrator and as a person, look at the table; 0 if nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=_EXAMPLES, help="for each operation and way of asking")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="alias-addresses-fuzzing-") as folder, running(Path(folder)) as stack:
        for who, groups, examples in (("alice", people.GROUPS, asked.examples), ("bob", (), asked.examples // 10)):
            begun = time.monotonic()
            token = people.token(stack, f"{who}@example.com", groups)
            _begin(stack, people.token(stack, "admin@example.com", people.GROUPS))
            found = fuzzed(stack.api_url, token, examples, asked.seed)
            print(f"{who}: {found.requests:,} requests in {time.monotonic() - begun:.0f} s", flush=True)
            for what, shown in found.failures.items():
                print(f"\n{what}: {shown}")
            failed |= bool(found.failures)
        _require_invariants(stack)
    return failed


def _begin(stack: Outputs, token: str) -> None:
    """Alice with an alias, and Bob."""
    with httpx.Client(base_url=stack.api_url, headers={"Authorization": f"Bearer {token}"}, timeout=30) as api:
        api.put("/settings", json=_SETTINGS).raise_for_status()
        for name in ("alice", "bob"):
            api.put(f"/mailboxes/{name}@example.com")


def _require_invariants(stack: Outputs) -> None:
    client: Any = aws.session().client("dynamodb", endpoint_url=stack.endpoint_url, config=aws.DIRECT)
    check_invariants(address_book(everything(client, stack.table_name)))


if __name__ == "__main__":
    sys.exit(main())
