"""How the configurations of directories lie in the table: all in one partition."""

import json
from decimal import Decimal

from pydantic import TypeAdapter

from addresses.directory import Directory
from addresses.table import Item, Key, Table

# In one partition, because every run asks which directories there are: authority is among all of them.
DIRECTORIES = "DIRECTORIES"
_directory: TypeAdapter[Directory] = TypeAdapter(Directory)


def directory_key(name: str) -> Key:
    """Where the directory's configuration lies."""
    return DIRECTORIES, name


def directory_item(name: str, directory: Directory) -> Item:
    """The directory's configuration; the secret is a name in Secrets Manager."""
    pk, sk = directory_key(name)
    # DynamoDB has no binary fractions.
    return {"pk": pk, "sk": sk, **json.loads(directory.model_dump_json(), parse_float=Decimal)}


def directory_from(item: Item) -> Directory:
    """The configuration that the item holds."""
    return _directory.validate_python({name: value for name, value in item.items() if name not in {"pk", "sk"}})


def directories(table: Table) -> dict[str, Directory]:
    """Every directory that is configured, by name."""
    return {item["sk"]: directory_from(item) for item in table.partition(DIRECTORIES, "")}
