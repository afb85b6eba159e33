"""Kinds as `go-schema` reads them from their Go types, and as controller-gen wrote them into CRDs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from differences import Difference, accepted, idle, resolved, unexpected
from pytest_resources.plugin import named_files

ROWS = accepted("controller-gen")
KINDS = "x-kubernetes-group-version-kind"
KEYWORDS = (
    *("pattern", "format", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "default"),
    *("minProperties", "maxProperties", "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type"),
    *("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string"),
)


def crds(folder: Path) -> Iterator[tuple[str, dict[str, str], dict]]:
    """The name, the kind and the schema of each version of each CRD."""
    for file in sorted(folder.rglob("*.yaml")):
        for crd in yaml.load_all(file.read_text(), Loader=yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
            spec = crd["spec"]
            for version in spec["versions"]:
                kind = {"group": spec["group"], "kind": spec["names"]["kind"], "version": version["name"]}
                yield f"{kind['kind']}/{kind['version']}", kind, version["schema"]["openAPIV3Schema"]


def words(text: str | None) -> str:
    return " ".join((text or "").split())


def listed(values: object) -> str:
    return ", ".join(sorted(str(value) for value in values or [])) or "none"


class Both:
    def __init__(self, files: dict[str, Path]) -> None:
        self.ours = json.loads(files["types"].read_text())["$defs"]
        self.theirs = {name: (kind, schema) for name, kind, schema in crds(files["crds"])}

    def differences(self, name: str) -> list[Difference]:
        kind, theirs = self.theirs[name]
        ours = [schema for schema in self.ours.values() if kind in schema.get(KINDS, [])]
        return list(self.compare(name, "", ours[0], theirs)) if len(ours) == 1 else [Difference(name, "kind", "one", str(len(ours)))]

    def flat(self, schema: dict) -> dict:
        """A schema with what it refers to, as controller-gen writes it."""
        return resolved(self.ours, schema) | {keyword: value for keyword, value in schema.items() if keyword != "$ref"}

    def compare(self, name: str, path: str, ours: dict, theirs: dict) -> Iterator[Difference]:
        # A CRD never says what metadata holds.
        if path == ".metadata":
            return
        ours = self.flat(ours)
        yield from self.differs(name, f"{path} type", theirs.get("type"), ours.get("type"))
        yield from self.differs(name, f"{path} description", words(theirs.get("description")), words(ours.get("description")))
        yield from self.differs(name, f"{path} enum", listed(theirs.get("enum")), listed(ours.get("enum")))
        yield from self.differs(name, f"{path} required", listed(theirs.get("required")), listed(ours.get("required")))
        yield from self.differs(name, f"{path} rules", theirs.get("x-kubernetes-validations"), ours.get("x-kubernetes-validations"))
        for keyword in KEYWORDS:
            yield from self.differs(name, f"{path} {keyword}", theirs.get(keyword), ours.get(keyword))
        yield from self.parts(name, path, ours, theirs)

    def parts(self, name: str, path: str, ours: dict, theirs: dict) -> Iterator[Difference]:
        mine, yours = ours.get("properties", {}), theirs.get("properties", {})
        yield from self.differs(name, f"{path} properties", listed(yours), listed(mine))
        for field in sorted({*mine} & {*yours}):
            yield from self.compare(name, f"{path}.{field}", mine[field], yours[field])
        for keyword, sign in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(ours.get(keyword), dict) and isinstance(theirs.get(keyword), dict):
                yield from self.compare(name, path + sign, ours[keyword], theirs[keyword])

    def differs(self, name: str, what: str, theirs: object, ours: object) -> Iterator[Difference]:
        if theirs != ours:
            yield Difference(name, what, str(theirs), str(ours))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(Both(named_files(metafunc.config)).theirs))


@pytest.fixture(scope="module")
def both(files: dict[str, Path]) -> Both:
    return Both(files)


def test_kind_is_as_controller_gen_wrote_it(both: Both, name: str) -> None:
    assert unexpected(both.differences(name), ROWS) == []


def test_every_accepted_difference_is_there(both: Both) -> None:
    found = [difference for name in both.theirs for difference in both.differences(name)]
    assert idle(found, ROWS) == []
