"""Rendered Kubernetes resources, as plain data and as typed models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml

Resource = dict[str, Any]
Model = TypeVar("Model")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as Kubernetes reads it: only true and false are booleans, and a date is a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


def read_resources(path: Path) -> list[Resource]:
    """The documents of a YAML stream."""
    with path.open(encoding="utf-8") as file:
        return [document for document in yaml.load_all(file, Loader=_Loader) if document is not None]


class Resources(Mapping[str, list[Resource]]):
    """The resources of each render by its name in the BUCK file; a render is read when it is asked for."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(files)
        self._read: dict[str, list[Resource]] = {}

    def __getitem__(self, name: str) -> list[Resource]:
        if name not in self._files:
            raise KeyError(f"no render is named {name!r}; the BUCK file names {', '.join(sorted(self._files)) or 'none'}")
        if name not in self._read:
            self._read[name] = read_resources(self._files[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._files))

    def __len__(self) -> int:
        return len(self._files)

    def find(self, render: str, kind: str, name: str | None = None) -> list[Resource]:
        """The resources of this kind, and of this metadata.name if one is given."""
        return [
            resource
            for resource in self[render]
            if resource.get("kind") == kind and (name is None or resource.get("metadata", {}).get("name") == name)
        ]

    def typed(self, render: str, model: type[Model]) -> list[Model]:
        """The resources that are of the model's apiVersion and kind, checked and typed by it."""
        fields = model.model_fields
        identity = {alias: _constant(fields, name, alias) for name, alias in (("api_version", "apiVersion"), ("kind", "kind"))}
        return [model.model_validate(resource) for resource in self[render] if all(resource.get(alias) == value for alias, value in identity.items())]


def _constant(fields: Mapping[str, Any], name: str, alias: str) -> Any:
    field = fields.get(name) or fields.get(alias)
    if field is None or field.default is None:
        raise TypeError(f"the model has no constant field {name}: it is the model of no Kubernetes kind")
    return field.default
