"""Go types as `go-schema` reads them from their source, and as encoding/json sees them when they run."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from differences import Difference, accepted, idle, resolved, unexpected
from pytest_resources.plugin import named_files

ROWS = accepted("encoding/json")


def dotted(name: str) -> str:
    """The name in the schema: `github.com/a/b.Pair[string,c/d.Mode]` is `com.github.a.b.Pair_string_Mode`."""
    name, *arguments = re.split(r"[\[\],]", name.removesuffix("]"))
    path, _, local = name.rpartition(".")
    host, *rest = path.split("/")
    local = "_".join([local, *(argument.rpartition(".")[2] for argument in arguments)])
    return ".".join([*reversed(host.split(".")), *rest, local])


def kind(definitions: dict, schema: dict) -> str:
    """The JSON type of a schema's values."""
    schema = resolved(definitions, schema)
    if "oneOf" in schema:
        (only,) = {kind(definitions, part) for part in schema["oneOf"]}
        return only
    return schema.get("type", "any")


class Both:
    """What both say, by the names of the schema."""

    def __init__(self, files: dict[str, Path]) -> None:
        self.ours = {name: schema for file in ("frp", "shapes") for name, schema in json.loads(files[file].read_text())["$defs"].items()}
        theirs = json.loads(subprocess.run([files["reflector"]], check=True, capture_output=True, text=True).stdout)
        self.structs = {dotted(name): struct for name, struct in theirs["structs"].items()}
        self.unions = {dotted(name): [dotted(part) for part in parts] for name, parts in theirs["unions"].items()}

    def differences(self, name: str) -> list[Difference]:
        if name in self.unions:
            return self.of_union(name)
        if name not in self.ours:
            return [Difference(name, "type", "struct", "none")]
        return self.of_struct(name)

    def of_union(self, name: str) -> list[Difference]:
        parts = sorted(part["$ref"].rpartition("/")[2] for part in self.ours[name]["oneOf"])
        theirs = sorted(self.unions[name])
        return [] if parts == theirs else [Difference(name, "implementations", ", ".join(theirs), ", ".join(parts))]

    def of_struct(self, name: str) -> list[Difference]:
        ours, theirs = self.ours[name], self.structs[name]
        properties, found = ours["properties"], []
        for only in sorted(set(properties) ^ set(theirs["properties"])):
            found.append(Difference(name, only, theirs["properties"].get(only, "none"), "none" if only not in properties else "there"))
        for both in sorted(set(properties) & set(theirs["properties"])):
            their_kind, our_kind = theirs["properties"][both], kind(self.ours, properties[both])
            if our_kind not in (their_kind, "any"):
                found.append(Difference(name, both, their_kind, our_kind))
        required = set(ours.get("required", []))
        for only in sorted(required ^ set(theirs["required"])):
            found.append(Difference(name, f"required {only}", *("yes", "no") if only not in required else ("no", "yes")))
        return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "name" in metafunc.fixturenames:
        both = Both(named_files(metafunc.config))
        metafunc.parametrize("name", sorted({*both.structs, *both.unions}))


@pytest.fixture(scope="module")
def both(files: dict[str, Path]) -> Both:
    return Both(files)


def test_type_has_the_same_properties_types_and_requirements(both: Both, name: str) -> None:
    assert unexpected(both.differences(name), ROWS) == []


def test_every_accepted_difference_is_there(both: Both) -> None:
    found = [difference for name in {*both.structs, *both.unions} for difference in both.differences(name)]
    assert idle(found, ROWS) == []


def test_no_struct_of_ours_is_unknown_to_the_judge(both: Both) -> None:
    structs = {name for name, schema in both.ours.items() if "properties" in schema}
    assert structs - set(both.structs) == set()


def test_names_follow_the_rule() -> None:
    assert dotted("github.com/fatedier/frp/pkg/config/v1.LogConfig") == "com.github.fatedier.frp.pkg.config.v1.LogConfig"
    assert dotted("hermetic/a.Pair[string,hermetic/a.Mode]") == "hermetic.a.Pair_string_Mode"
