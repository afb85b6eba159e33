"""The built-in kinds as `go-schema` reads them from k8s.io/api, and as Kubernetes publishes them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from differences import Difference, accepted, idle, references, resolved, unexpected
from pytest_resources.plugin import named_files

ROWS = accepted("OpenAPI")
# What our document is about: the rest comes from other modules.
OURS = ("io.k8s.api.", "io.k8s.apimachinery.")
EXTENSIONS = ("x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type")
KINDS = "x-kubernetes-group-version-kind"


class Both:
    def __init__(self, files: dict[str, Path]) -> None:
        swagger = files["kubernetes"] / "api/openapi-spec/swagger.json"
        published = json.loads(swagger.read_text())["definitions"]
        self.theirs = {name: schema for name, schema in published.items() if name.startswith(OURS)}
        self.ours = json.loads(files["types"].read_text())["$defs"]

    def shape(self, definitions: dict, schema: dict) -> str:
        """A type as text: `[]int32`, `map[string]`, or the name of one that both define."""
        while "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            if name in self.theirs:
                return name
            schema = definitions[name]
        if "anyOf" in schema:
            return " or ".join(self.shape(definitions, part) for part in schema["anyOf"])
        match schema.get("type"):
            case "array":
                return "[]" + self.shape(definitions, schema["items"])
            case "object" if isinstance(schema.get("additionalProperties"), dict):
                return "map:" + self.shape(definitions, schema["additionalProperties"])
            case kind:
                return " ".join(str(part) for part in (kind, schema.get("format")) if part)

    def whole(self, definitions: dict, schema: dict) -> str:
        """The same of a definition, where an object stands for all objects."""
        return "object" if "properties" in schema else self.shape(definitions, schema) or "any"

    def differences(self, name: str) -> list[Difference]:
        if name not in self.ours:
            return [Difference(name, "type", "there", "none")]
        if name not in self.theirs:
            return [Difference(name, "type", "none", "there")]
        ours, theirs = self.ours[name], self.theirs[name]
        return [
            *self.of_values(name, "type", self.whole(self.theirs, theirs), self.whole(self.ours, ours)),
            *self.of_values(name, "description", theirs.get("description"), ours.get("description")),
            *self.of_values(name, "kinds", theirs.get(KINDS), ours.get(KINDS)),
            *self.of_sets(name, "property", theirs.get("properties", {}), ours.get("properties", {})),
            *self.of_sets(name, "required", theirs.get("required", []), ours.get("required", [])),
            *self.of_properties(name, theirs.get("properties", {}), ours.get("properties", {})),
        ]

    def of_values(self, name: str, what: str, theirs: object, ours: object) -> list[Difference]:
        return [] if theirs == ours else [Difference(name, what, str(theirs), str(ours))]

    def of_sets(self, name: str, what: str, theirs: object, ours: object) -> list[Difference]:
        only = sorted({*theirs} ^ {*ours})
        return [Difference(name, f"{what} {item}", *("yes", "no") if item in theirs else ("no", "yes")) for item in only]

    def of_properties(self, name: str, theirs: dict, ours: dict) -> list[Difference]:
        found = []
        for item in sorted({*theirs} & {*ours}):
            found += self.of_values(name, item, self.shape(self.theirs, theirs[item]), self.shape(self.ours, ours[item]))
            found += self.of_values(name, f"{item} description", theirs[item].get("description"), ours[item].get("description"))
            for extension in EXTENSIONS:
                found += self.of_values(name, f"{item} {extension}", theirs[item].get(extension), ours[item].get(extension))
        return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", sorted(Both(named_files(metafunc.config)).theirs))


@pytest.fixture(scope="module")
def both(files: dict[str, Path]) -> Both:
    return Both(files)


def test_type_is_as_published(both: Both, name: str) -> None:
    assert unexpected(both.differences(name), ROWS) == []


def test_what_only_we_have_is_accepted(both: Both) -> None:
    objects = [name for name, schema in both.ours.items() if name not in both.theirs and "properties" in schema]
    assert unexpected([difference for name in objects for difference in both.differences(name)], ROWS) == []


def test_every_accepted_difference_is_there(both: Both) -> None:
    found = [difference for name in {*both.ours, *both.theirs} for difference in both.differences(name)]
    assert idle(found, ROWS) == []


def test_every_reference_resolves(both: Both) -> None:
    assert references(both.ours) - set(both.ours) == set()
    assert all(resolved(both.ours, schema) for schema in both.ours.values())
