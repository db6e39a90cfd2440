"""Where things are in a local stack: what `outputs.json` says."""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

FILE = "outputs.json"


@dataclass(frozen=True)
class Outputs:
    """The outputs of the stack, and how to reach the embedded AWS and the SMTP door.

    In the file each name is written as CloudFormation writes it: `api_url` is `ApiUrl`.
    """

    endpoint_url: str
    region: str
    api_url: str
    table_name: str
    mail_bucket: str
    import_bucket: str
    mail_queue_url: str
    mail_dead_letter_queue_url: str
    received_mail_topic_arn: str
    plan_bucket: str
    plan_state_machine_arn: str
    directory_sync_function: str
    order_dead_letter_queue_url: str
    user_pool_id: str
    user_pool_client_id: str
    smtp_host: str = ""
    smtp_port: int = 0

    @classmethod
    def from_names(cls, named: dict[str, Any]) -> Self:
        """From names as CloudFormation writes them; names that it does not know are left out."""
        known = {field.name: _written(field.name) for field in fields(cls)}
        return cls(**{name: named[written] for name, written in known.items() if written in named})

    @classmethod
    def read(cls, directory: Path) -> Self:
        """From a state directory. `FileNotFoundError` where no stack is running."""
        return cls.from_names(json.loads((directory / FILE).read_text()))

    def write(self, directory: Path) -> None:
        """Into a state directory, at once, so that a reader never sees half of it."""
        named = {_written(name): value for name, value in asdict(self).items()}
        draft = directory / f"{FILE}.draft"
        draft.write_text(json.dumps(named, indent=2) + "\n")
        draft.replace(directory / FILE)


def _written(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
