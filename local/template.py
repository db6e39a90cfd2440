"""Reads template.yaml as CloudFormation does, with every short form written out: `!Ref x` becomes `{"Ref": "x"}`."""

from collections.abc import Iterator
from typing import Any

import yaml

from local import ROOT

type Template = dict[str, Any]
type Resource = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Plain YAML and CloudFormation's tags."""


def _written_out(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _written_out)


def load() -> Template:
    """The project's template."""
    loader = _Loader((ROOT / "template.yaml").read_text())
    try:
        template: Template = loader.get_single_data()
    finally:
        loader.dispose()
    return template


def of_type(template: Template, kind: str) -> Iterator[tuple[str, Resource]]:
    """Each resource of a type such as `AWS::SQS::Queue`, with its logical name."""
    return ((name, resource) for name, resource in template["Resources"].items() if resource["Type"] == kind)
