"""octoDNS: what differs between a zone as it is and as it should be.

Of an address and its mailbox it makes a name that is an alias of the mailbox's.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.row import cpu

_ZONE = "example.com."


def available() -> bool:
    """Whether it is installed here."""
    return find_spec("octodns") is not None


def dry_run(existing: Iterable[tuple[str, str]], desired: Iterable[tuple[str, str]]) -> float:
    """Seconds of CPU for all that a run does that changes nothing: start, read both zones' files, find the changes."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for directory, pairs in (("existing", existing), ("desired", desired)):
            (folder / directory).mkdir()
            # It sorts names in a way of its own, and reads JSON, which is YAML.
            records = {_name(address): _record(mailbox) for address, mailbox in pairs}
            (folder / directory / f"{_ZONE}yaml").write_text(json.dumps(records))
        provider = {"class": "octodns.provider.yaml.YamlProvider", "enforce_order": False}
        config = {
            "providers": {each: {**provider, "directory": f"{folder}/{each}"} for each in ("existing", "desired")},
            "zones": {_ZONE: {"sources": ["desired"], "targets": ["existing"]}},
        }
        (folder / "config.yaml").write_text(json.dumps(config))
        before = os.times()
        command = [f"{Path(sys.executable).parent}/octodns-sync", "--config-file", f"{folder}/config.yaml", "--force"]
        subprocess.run(command, check=True, capture_output=True)
        after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def changes(existing: Iterable[tuple[str, str]], desired: Iterable[tuple[str, str]]) -> tuple[float, int]:
    """Seconds of CPU to find the changes between two zones that are in memory, and how many there are."""
    from octodns.record import Record  # noqa: PLC0415 - it may be missing
    from octodns.zone import Zone  # noqa: PLC0415

    zones = []
    for pairs in (existing, desired):
        zone = Zone(_ZONE, [])
        for address, mailbox in pairs:
            zone.add_record(Record.new(zone, _name(address), _record(mailbox)), lenient=True)
        zones.append(zone)
    found: list[object] = []
    took = cpu(lambda: found.extend(zones[0].changes(zones[1], _Takes())))
    return took, len(found)


def _name(address: str) -> str:
    return address.replace("@", "-").replace(".", "-")


def _record(mailbox: str) -> dict[str, object]:
    return {"type": "CNAME", "ttl": 300, "value": f"{mailbox}.example.org."}


class _Takes:
    """Whom the changes are for: it takes records of any kind."""

    id = "takes"
    SUPPORTS_DYNAMIC = False

    def supports(self, _record: object) -> bool:
        """All of them."""
        return True
