#!/usr/bin/env python3
"""Prints resources that are broken in any way, for `kube-samples --judge` and compare.py: samples with some
part replaced, removed, repeated, renamed or moved, as JSON lines.

    kube-samples --crds CRDS --out samples.jsonl
    mutations.py --each 10 samples.jsonl > mutations.jsonl
    kube-samples --crds CRDS --judge mutations.jsonl --out judged.jsonl
    compare.py --judge ./apiserver-judge --crds CRDS judged.jsonl
"""

from __future__ import annotations

import argparse
import copy
import json
import math
import pathlib
import random
from collections.abc import Callable, Iterator

Container = dict | list
Place = tuple[Container, object]

VALUES: list = [
    None, True, False, 0, 1, -1, 7, 1.0, 1.5, -0.0, 1e20, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, 1e-7, "", "a", "A", "é", "🙂🙂",
    "1", "1.5", "true", "null", "a b", "a\nb", "a" * 70, "-", ".", "a.b", "10.0.0.1", "2026-01-01T00:00:00Z", "1h", "YQ==", [], {}, [None],
    [[]], [{}], [1, 1], ["a", "a"], {"a": None}, {"": ""}, {"a": {"b": []}}, {"metadata": {"name": "A"}}, {"apiVersion": "v1", "kind": "Pod"},
]  # fmt: skip
NAMES = ["", "a", "A", "name", "metadata", "apiVersion", "kind", "spec", "é", "a.b", "a/b", "$ref", "0", "notDeclared"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other mutations")
    parser.add_argument("--each", type=int, default=5, metavar="N", help="how many of each sample")
    parser.add_argument("samples", type=pathlib.Path, metavar="SAMPLES", help="JSON lines with `id` and `object`")
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    # Not splitlines(), which also splits at separators that may stand in a string.
    for line in filter(None, arguments.samples.read_text().split("\n")):
        sample = json.loads(line)
        for number in range(arguments.each):
            mutation = mutated(sample["object"], source)
            print(json.dumps({"id": f"{sample['id']}/{number}", "object": mutation}, ensure_ascii=False))


def mutated(resource: dict, source: random.Random) -> dict:
    result = copy.deepcopy(resource)
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        places = list(places_of(result))
        # The identity stays, or there is nothing to judge.
        places = [place for place in places if place[0] is not result or place[1] not in ("apiVersion", "kind")]
        if places:
            container, key = source.choice(places)
            source.choice(CHANGES)(container, key, places, source)
    return result


def places_of(value: object) -> Iterator[Place]:
    """Every field and element, with what holds it."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places_of(value[key])


def replace(container: Container, key: object, _places: list[Place], source: random.Random) -> None:
    container[key] = copy.deepcopy(source.choice(VALUES))


def remove(container: Container, key: object, _places: list[Place], _source: random.Random) -> None:
    del container[key]


def add(container: Container, key: object, _places: list[Place], source: random.Random) -> None:
    inner, value = container[key], copy.deepcopy(source.choice(VALUES))
    if isinstance(inner, dict):
        inner[source.choice([*NAMES, *inner])] = value
    elif isinstance(inner, list):
        inner.insert(source.randint(0, len(inner)), value)


def repeat(container: Container, key: object, _places: list[Place], source: random.Random) -> None:
    inner = container[key]
    if isinstance(inner, list) and inner:
        inner.insert(source.randint(0, len(inner)), copy.deepcopy(source.choice(inner)))
    elif isinstance(container, dict):
        container[f"{key}{source.choice(['', ' ', '2', 'X'])}"] = copy.deepcopy(inner)


def rename(container: Container, key: object, _places: list[Place], source: random.Random) -> None:
    if isinstance(container, dict):
        container[source.choice([*NAMES, str(key).upper(), str(key).lower()])] = container.pop(key)


def move(container: Container, key: object, places: list[Place], source: random.Random) -> None:
    other, other_key = source.choice(places)
    container[key] = copy.deepcopy(other[other_key])


def wrap(container: Container, key: object, _places: list[Place], source: random.Random) -> None:
    container[key] = source.choice([[container[key]], {"a": container[key]}, {str(key): container[key]}])


def nudge(container: Container, key: object, _places: list[Place], source: random.Random) -> None:
    """A little more or less, or another type that looks the same."""
    value = container[key]
    if isinstance(value, bool):
        container[key] = source.choice([not value, str(value).lower(), int(value)])
    elif isinstance(value, int | float):
        # What is no JSON is left as it is.
        changed = source.choice([value + 1, value - 1, -value, value + 0.5, float(value), str(value), value * 1000])
        container[key] = value if changed in (math.inf, -math.inf) else changed
    elif isinstance(value, str):
        at = source.randint(0, len(value))
        added = source.choice([" ", "é", "-", "0", "A", "\n", "🙂"])
        container[key] = source.choice([value[:at] + added + value[at:], value[:at], value[at:], value.upper(), value * 2])


CHANGES: list[Callable[[Container, object, list[Place], random.Random], None]] = [
    replace, replace, replace, remove, add, add, repeat, rename, move, wrap, nudge, nudge, nudge,
]  # fmt: skip


if __name__ == "__main__":
    main()
