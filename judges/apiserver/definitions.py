#!/usr/bin/env python3
"""Compares what `resource-validate --check-crds` says of CRDs with the API server's own verdicts.

    definitions.py --judge ./apiserver-judge --validate ./resource-validate --each 20 CRDS…

Beside each CRD so many are judged that have some part replaced, removed, repeated, renamed or moved. Verdict,
error types and fields must be the same, and of what rules may cost the words and every single estimate; of what cannot
be decoded only the verdict. Which rules the server names if several cost the same is left to chance. Prints a table of
counts and every difference; exits 0 if there is none, 1 if there is one.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import yaml

Error = tuple[str, str, str]

# Constructs that definitions hold seldom, to be put anywhere.
PARTS: list[dict] = [
    {"type": "string"},
    {"type": "null"},
    {"type": "strange"},
    {"type": "array"},
    {"type": "object", "nullable": True},
    {"type": "string", "pattern": "("},
    {"uniqueItems": True},
    {"$ref": "#/definitions/a"},
    {"id": "a"},
    {"definitions": {"a": {"type": "string"}}},
    {"patternProperties": {"a": {"type": "string"}}},
    {"dependencies": {"a": ["b"]}},
    {"additionalItems": True},
    {"items": [{"type": "string"}]},
    {"x-kubernetes-preserve-unknown-fields": False},
    {"x-kubernetes-preserve-unknown-fields": True},
    {"x-kubernetes-int-or-string": True},
    {"x-kubernetes-embedded-resource": True},
    {"type": "object", "x-kubernetes-embedded-resource": True},
    {"x-kubernetes-list-type": "map"},
    {"x-kubernetes-list-type": "set"},
    {"x-kubernetes-list-type": "strange"},
    {"x-kubernetes-list-map-keys": ["a"]},
    {"x-kubernetes-map-type": "atomic"},
    {"x-kubernetes-map-type": "strange"},
    {"additionalProperties": False},
    {"additionalProperties": True},
    {"additionalProperties": {"type": "string", "default": "a"}},
    {"default": 5},
    {"default": "a"},
    {"default": {"notDeclared": 1}},
    {"default": None},
    {"oneOf": [{"required": ["a"]}, {"properties": {"absent": {}}}]},
    {"anyOf": [{"type": "string"}]},
    {"allOf": [{"items": {"minimum": 1}}]},
    {"not": {"default": 1}},
    {"not": {"properties": {"metadata": {}}}},
    {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    {"allOf": [{"x-kubernetes-validations": [{"rule": "true"}]}]},
    {"x-kubernetes-validations": [{"rule": "self.absent == 1"}]},
    {"x-kubernetes-validations": [{"rule": "self =="}]},
    {"x-kubernetes-validations": [{"rule": ""}]},
    {"x-kubernetes-validations": [{"rule": "true", "message": " "}]},
    {"x-kubernetes-validations": [{"rule": "true", "message": "a\nb"}]},
    {"x-kubernetes-validations": [{"rule": "true\n&& true"}]},
    {"x-kubernetes-validations": [{"rule": "true", "reason": "Strange"}]},
    {"x-kubernetes-validations": [{"rule": "true", "fieldPath": ".absent"}]},
    {"x-kubernetes-validations": [{"rule": "true", "messageExpression": "1"}]},
    {"x-kubernetes-validations": [{"rule": "true", "messageExpression": " "}]},
    {"x-kubernetes-validations": [{"rule": "1"}]},
    {"x-kubernetes-validations": [{"rule": "oldSelf == self"}]},
    {"x-kubernetes-validations": [{"rule": "true", "optionalOldSelf": True}]},
    {"x-kubernetes-validations": [{"rule": "oldSelf.hasValue()", "optionalOldSelf": True}]},
    {
        "type": "array",
        "items": {"type": "object", "properties": {"a": {"type": "string"}}},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["a"],
    },
    {
        "type": "array",
        "items": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["a", "a", "b"],
    },
    {
        "type": "array",
        "items": {"type": "object", "required": ["a"], "properties": {"a": {"type": "array", "items": {"type": "string"}}}},
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["a"],
    },
    {"type": "array", "items": {"type": "object"}, "x-kubernetes-list-type": "set"},
    {"type": "array", "items": {"type": "string", "nullable": True}, "x-kubernetes-list-type": "set"},
    {"type": "array", "items": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"}, "x-kubernetes-list-type": "set"},
]
TOP: list[dict] = [
    {"scope": "Strange"},
    {"scope": ""},
    {"group": "nodot"},
    {"group": ""},
    {"group": "a.k8s.io"},
    {"group": "Bad.example.org"},
    {"preserveUnknownFields": True},
    {"conversion": {"strategy": "Webhook"}},
    {"conversion": {"strategy": "Strange"}},
    {"conversion": {}},
    {"conversion": {"strategy": "None", "webhook": {"clientConfig": {"url": "https://a"}, "conversionReviewVersions": ["v1"]}}},
    {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {}, "conversionReviewVersions": ["v2"]}}},
    {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "http://u@h/p?q#f"}, "conversionReviewVersions": ["v1", "v1", "V"]}}},
    {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"url": "https://h/p"}, "conversionReviewVersions": ["v1"]}}},
    {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {"service": {"name": "a", "namespace": "", "port": 0, "path": "a//B"}}}}},
    {
        "conversion": {
            "strategy": "Webhook",
            "webhook": {"clientConfig": {"service": {"name": "a", "namespace": "b", "path": "/c/"}}, "conversionReviewVersions": ["v1"]},
        }
    },
    {"names": {}},
    {"names": {"kind": "A", "plural": "as", "listKind": "A"}},
    {"names": {"kind": "A_b", "plural": "As", "shortNames": ["B", "c"], "categories": ["-"]}},
    {"versions": []},
]
VERSION: list[dict] = [
    {"storage": False},
    {"storage": True},
    {"name": "V1"},
    {"name": ""},
    {"name": "v1"},
    {"schema": None},
    {"schema": {}},
    {"deprecationWarning": "a"},
    {"deprecated": True, "deprecationWarning": ""},
    {"deprecated": True, "deprecationWarning": "a\tb"},
    {"deprecated": True, "deprecationWarning": "a" * 257},
    {"subresources": {"status": {}}},
    {"subresources": {}},
    {"subresources": {"scale": {}}},
    {"subresources": {"scale": {"specReplicasPath": "a", "statusReplicasPath": ".spec.a", "labelSelectorPath": ".a"}}},
    {"subresources": {"scale": {"specReplicasPath": ".spec.a", "statusReplicasPath": ".status.a", "labelSelectorPath": ".status.b"}}},
    {"additionalPrinterColumns": [{"name": "", "type": "strange", "jsonPath": "a", "format": "strange"}, {}]},
    {"additionalPrinterColumns": [{"name": "a", "type": "date", "jsonPath": ".a"}]},
    {
        "selectableFields": [
            {"jsonPath": ".spec"},
            {"jsonPath": ""},
            {"jsonPath": ".metadata.name"},
            {"jsonPath": ".spec['a']"},
            {"jsonPath": ".kind"},
            {"jsonPath": ".kind"},
            {"jsonPath": "kind"},
        ]
    },
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--judge", required=True, metavar="FILE", help="the program that this folder builds")
    parser.add_argument("--validate", required=True, metavar="FILE", help="resource-validate")
    parser.add_argument("--each", type=int, default=10, metavar="N", help="how many broken ones of each")
    parser.add_argument("--seed", type=int, default=0, help="another seed gives others")
    parser.add_argument("crds", nargs="+", type=pathlib.Path, metavar="PATH", help="files or folders with CRDs")
    arguments = parser.parse_args()
    definitions = [one for path in arguments.crds for one in read(path)]
    with tempfile.TemporaryDirectory() as folder:
        write(definitions, arguments, pathlib.Path(folder))
        return compare(arguments, pathlib.Path(folder))


def read(path: pathlib.Path) -> list[dict]:
    files = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
    documents = [one for file in files for one in yaml.safe_load_all(file.read_text()) if isinstance(one, dict)]
    return [one for one in documents if one.get("kind") == "CustomResourceDefinition"]


def write(definitions: list[dict], arguments: argparse.Namespace, folder: pathlib.Path) -> None:
    source = random.Random(arguments.seed)
    number = 0
    for definition in definitions:
        definition = json.loads(json.dumps({key: definition[key] for key in ("apiVersion", "kind", "metadata", "spec")}, default=str))
        for changed in (definition, *(broken(definition, source) for _ in range(arguments.each))):
            (folder / f"{number:06}.json").write_text(json.dumps(changed, ensure_ascii=False))
            number += 1


def broken(definition: dict, source: random.Random) -> dict:
    result = json.loads(json.dumps(definition))
    spec = result["spec"]
    for _ in range(source.choice([1, 1, 2])):
        where = source.random()
        versions = [one for one in spec["versions"] if isinstance(one, dict)]
        if where < 0.15 or not versions:
            spec.update(source.choice(TOP))
            if source.random() < 0.5:
                names = spec["names"] if isinstance(spec["names"], dict) else {}
                result["metadata"]["name"] = f"{names.get('plural', '')}.{spec.get('group', '')}"
        elif where < 0.35:
            source.choice(versions).update(source.choice(VERSION))
        elif where < 0.45:
            spec["versions"].append({**source.choice(versions), "name": source.choice(["v9", "v1"]), "storage": False})
        else:
            change_schema(source.choice(versions), source)
    return result


def change_schema(version: dict, source: random.Random) -> None:
    root = (version.get("schema") or {}).get("openAPIV3Schema")
    schemas = list(schemas_of(root)) if isinstance(root, dict) else []
    if not schemas:
        return
    schema = source.choice(schemas)
    if source.random() < 0.6:
        schema.update(json.loads(json.dumps(source.choice(PARTS))))
    elif source.random() < 0.5:
        schema.pop(source.choice(list(schema) or ["type"]), None)
    else:
        schema.setdefault("properties", {})["added"] = json.loads(json.dumps(source.choice(PARTS)))


def schemas_of(schema: dict):  # noqa: ANN201
    yield schema
    below = [*(schema.get("properties") or {}).values(), schema.get("items"), schema.get("additionalProperties"), schema.get("not")]
    for branches in ("allOf", "anyOf", "oneOf"):
        below += schema.get(branches) or []
    for one in below:
        if isinstance(one, dict):
            yield from schemas_of(one)


def compare(arguments: argparse.Namespace, folder: pathlib.Path) -> int:
    theirs = theirs_by_file(arguments.judge, folder)
    ours = ours_by_file(arguments.validate, folder)
    table: collections.Counter[str] = collections.Counter()
    differences = 0
    for file, answer in sorted(theirs.items()):
        count(answer, table)
        found = difference(ours[file], answer)
        if found:
            differences += 1
            show(file, ours[file], answer, found)
    for name, number in sorted(table.items()):
        print(f"{number:8} {name}")
    print(f"{differences:8} differences, of {len(theirs)} CRDs")
    return 1 if differences else 0


def count(answer: dict, table: collections.Counter[str]) -> None:
    table["valid" if answer["valid"] else "not decoded" if answer.get("failed") else "invalid"] += 1
    for error in answer.get("errors", []):
        table[f"errors of type {error['type']}"] += 1
        table["errors by an estimate of costs"] += is_of_costs(error["detail"])
    estimates = their_estimates(answer).values()
    table["estimates"] += len(estimates)
    table["estimates beyond what an expression may cost"] += sum(cost > 10_000_000 for cost in estimates)


def is_of_costs(detail: str) -> bool:
    return re.search("estimated .*cost", detail) is not None


def theirs_by_file(judge: str, folder: pathlib.Path) -> dict[str, dict]:
    done = subprocess.run([judge, "--check-crds", "--estimates", "--crds", folder], stdout=subprocess.PIPE, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {pathlib.Path(answer["id"].rsplit("#", 1)[0]).name: answer for answer in answers}


def ours_by_file(validate: str, folder: pathlib.Path) -> dict[str, dict]:
    command = [validate, "--check-crds", "--rule-costs", "--format", "json", folder]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
    return {pathlib.Path(one["file"]).name: one for one in json.loads(done.stdout)["resources"]}


def difference(ours: dict, answer: dict) -> str:
    if (ours["status"] == "valid") != answer["valid"]:
        return "verdict"
    if answer.get("failed"):
        return ""
    if collections.Counter(our_errors(ours, answer)) != collections.Counter(their_errors(answer)):
        return "errors"
    mine, other = our_estimates(ours), their_estimates(answer)
    if all(is_of_costs(error["detail"]) for error in answer.get("errors", [])) and set(mine) != set(other):
        return "estimates"
    return "estimates" if any(cost != other.get(field, cost) for field, cost in mine.items()) else ""


def our_errors(ours: dict, answer: dict) -> list[Error]:
    errors = ours.get("errors", [])
    return [comparable(error, error["detail"].removeprefix("Forbidden: "), answer) for error in errors]


def their_errors(answer: dict) -> list[Error]:
    unknown = [("UnknownField", text.split('"')[1], "") for text in answer.get("unknown", [])]
    return [comparable(error, error["detail"], answer) for error in answer.get("errors", [])] + unknown


def comparable(error: dict, detail: str, answer: dict) -> Error:
    """Without words, but of costs; and of those among the dearest the cost for the field."""
    field = error["field"].removeprefix("<nil>")
    if detail.startswith("contributed to estimated"):
        field = str(their_estimates(answer).get(field, field))
    return (error["type"], field, detail if is_of_costs(detail) else "")


def our_estimates(ours: dict) -> dict[str, int]:
    return {one["field"]: one["cost"] for one in ours.get("ruleCosts", [])}


def their_estimates(answer: dict) -> dict[str, int]:
    """Go's products end at the largest number."""
    estimates = answer.get("estimates", [])
    return {one["field"]: min(one["once"] * one.get("times", 1), 2**64 - 1) for one in estimates}


def show(file: str, ours: dict, answer: dict, what: str) -> None:
    print(f"{file}: {what} differ")
    mine, other = collections.Counter(our_errors(ours, answer)), collections.Counter(their_errors(answer))
    for error in mine - other:
        print(f"  ours:   {' '.join(error)}")
    for error in other - mine:
        print(f"  server: {' '.join(error)}")
    for error in answer.get("errors", []):
        if not is_of_costs(error["detail"]):
            print(f"  server: {error['field']}: {error['detail'][:300]}")
    costs, their_costs = our_estimates(ours), their_estimates(answer)
    for field in sorted({*costs, *their_costs}):
        if costs.get(field) != their_costs.get(field):
            print(f"  {field}: {costs.get(field)} by us, {their_costs.get(field)} by the server")
    if answer.get("failed"):
        print(f"  server: {answer['failed'][:300]}")


if __name__ == "__main__":
    sys.exit(main())
