#!/usr/bin/env python3
"""Prints updates of resources, for `kube-samples --judge` and compare.py, as JSON lines: samples with some
part changed, or replaced by another sample of their kind; some through the status's own endpoint.

    kube-samples --crds CRDS --out samples.jsonl
    updates.py --each 3 samples.jsonl > updates.jsonl
    kube-samples --crds CRDS --judge updates.jsonl --out judged.jsonl
    compare.py --judge ./apiserver-judge --crds CRDS judged.jsonl
"""

from __future__ import annotations

import argparse
import collections
import copy
import json
import pathlib
import random
from collections.abc import Callable

import mutations

STORED = {
    "resourceVersion": "7",
    "uid": "1f0c8a6e-4f3b-4a52-9d54-0a8d4c2f7a11",
    "creationTimestamp": "2026-01-02T03:04:05Z",
    "generation": 3,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0, help="another seed gives other updates")
    parser.add_argument("--each", type=int, default=2, metavar="N", help="how many of each sample")
    parser.add_argument("samples", type=pathlib.Path, metavar="SAMPLES", help="JSON lines with `id` and `object`")
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    lines = arguments.samples.read_text().split("\n")
    samples = [json.loads(line) for line in lines if line]
    kinds: dict[tuple[str, str], list[dict]] = collections.defaultdict(list)
    for sample in samples:
        kinds[identity(sample)].append(sample)
    for sample in samples:
        for number in range(arguments.each):
            update = updated(sample, kinds[identity(sample)], source)
            print(json.dumps({"id": f"{sample['id']}/{number}", **update}, ensure_ascii=False))


def identity(sample: dict) -> tuple[str, str]:
    return sample["object"]["apiVersion"], sample["object"]["kind"]


def updated(sample: dict, others: list[dict], source: random.Random) -> dict:
    # What is stored could once be decoded.
    is_stray = bool(sample["breaks"]) and sample["breaks"]["path"].startswith("metadata")
    old = stored(sample["object"], {} if is_stray else sample["object"].get("metadata"))
    if source.random() < 0.4:
        other = source.choice(others)["object"]
        new = stored(other, other.get("metadata"))
        keep = {key: value for key, value in old["metadata"].items() if key in ("name", "namespace")}
        new["metadata"] = {**{k: v for k, v in new["metadata"].items() if k not in ("name", "namespace")}, **keep}
    elif source.random() < 0.8:
        new = {**mutations.mutated(old, source), "metadata": copy.deepcopy(old["metadata"])}
    else:
        new = copy.deepcopy(old)
    for _ in range(source.choice([0, 0, 0, 1, 2])):
        source.choice(METADATA)(new["metadata"], old["metadata"])
    asked = {"object": new, "old": old}
    has_status = any("status" in other["object"] for other in others)
    return asked | {"subresource": "status"} if has_status and source.random() < 0.3 else asked


def stored(resource: dict, metadata: object) -> dict:
    result = copy.deepcopy(resource)
    metadata = metadata if isinstance(metadata, dict) else {}
    name = metadata.get("name") or "generated"
    result["metadata"] = {**metadata, "name": name, "namespace": metadata.get("namespace") or "default", **STORED}
    return result


def setting(field: str, value: object, old: object = None) -> Callable[[dict, dict], None]:
    """Sets a field of the new metadata, and of the old."""

    def change(new: dict, before: dict) -> None:
        if old is not None:
            before[field] = old
        new[field] = value

    return change


def without(field: str) -> Callable[[dict, dict], None]:
    return lambda new, _before: new.pop(field, None)


METADATA: list[Callable[[dict, dict], None]] = [
    setting("name", "other"),
    setting("namespace", "other"),
    setting("uid", "2f0c8a6e-4f3b-4a52-9d54-0a8d4c2f7a11"),
    setting("creationTimestamp", "2027-01-02T03:04:05Z"),
    setting("deletionTimestamp", "2027-01-02T03:04:05Z"),
    setting("deletionTimestamp", "2027-01-02T03:04:05Z", "2027-01-02T03:04:06Z"),
    setting("deletionGracePeriodSeconds", 3),
    setting("deletionGracePeriodSeconds", 3, 5),
    setting("finalizers", ["a.example.org/b", "c.example.org/d"], ["c.example.org/d"]),
    setting("generation", 1),
    setting("generation", 9),
    setting("resourceVersion", "8"),
    setting("labels", {"a": "not a value!"}),
    setting("labels", {"b": "c"}),
    setting("name", "Not_A_Subdomain", "Not_A_Subdomain"),
    without("resourceVersion"),
    without("uid"),
    without("creationTimestamp"),
    without("name"),
    without("namespace"),
    without("generation"),
]


if __name__ == "__main__":
    main()
