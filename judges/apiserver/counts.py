#!/usr/bin/env python3
"""Counts samples by what they show: how many of each kind, and how many break each constraint.

    kube-samples --crds CRDS --count 50 --each 200 --out samples.jsonl
    counts.py samples.jsonl other.jsonl

Prints a table; exits 1 if there are fewer than the least that the API server's verdicts are compared on.
"""

from __future__ import annotations

import argparse
import collections
import json
import pathlib
from collections.abc import Iterable
from dataclasses import dataclass, field

TOTAL = 10_000
EACH_KIND = 50
EACH_CONSTRAINT = 200
# What a sample may break. A CRD may not ask for unique items; sets and maps among lists do.
CONSTRAINTS = [
    "additionalProperties", "allOf", "anyOf", "enum", "exclusiveMaximum", "exclusiveMinimum", "format", "maxItems", "maxLength",
    "maxProperties", "maximum", "metadata", "minItems", "minLength", "minProperties", "minimum", "multipleOf", "not", "nullable", "oneOf",
    "pattern", "required", "scale", "type", "unknown field", "x-kubernetes-embedded-resource", "x-kubernetes-list-type",
    "x-kubernetes-validations",
]  # fmt: skip


@dataclass
class Counts:
    """How many samples there are."""

    valid: collections.Counter[str] = field(default_factory=collections.Counter)
    """By kind."""
    broken: collections.Counter[str] = field(default_factory=collections.Counter)
    """By kind, in exactly one place."""
    constraints: collections.Counter[str] = field(default_factory=collections.Counter)

    @classmethod
    def of(cls, files: Iterable[pathlib.Path]) -> Counts:
        counts = cls()
        for path in files:
            # Not splitlines(), which also splits at separators that may stand in a string.
            for line in filter(None, path.read_text().split("\n")):
                counts.add(json.loads(line))
        return counts

    def add(self, sample: dict) -> None:
        kind = f"{sample['apiVersion']} {sample['kind']}"
        if sample["valid"]:
            self.valid[kind] += 1
        else:
            self.broken[kind] += 1
            self.constraints[sample["breaks"]["constraint"]] += 1

    def kinds(self) -> list[str]:
        return sorted({*self.valid, *self.broken})

    def too_few(self) -> list[str]:
        """What falls short, a line each."""
        valid, broken = self.valid.total(), self.broken.total()
        found = []
        if valid + broken < TOTAL:
            found.append(f"{valid + broken} samples, fewer than {TOTAL}")
        if broken < valid:
            found.append(f"{broken} broken samples, fewer than the {valid} valid ones")
        for kind in self.kinds():
            count = self.valid[kind] + self.broken[kind]
            if count < EACH_KIND:
                found.append(f"{count} samples of {kind}, fewer than {EACH_KIND}")
        for constraint in CONSTRAINTS:
            if self.constraints[constraint] < EACH_CONSTRAINT:
                found.append(f"{self.constraints[constraint]} samples break {constraint}, fewer than {EACH_CONSTRAINT}")
        return found

    def table(self) -> str:
        rows = [f"{self.valid[kind]:7} valid {self.broken[kind]:6} broken  {kind}" for kind in self.kinds()]
        rows += [f"{count:7} break {constraint}" for constraint, count in sorted(self.constraints.items())]
        rows.append(f"{self.valid.total():7} valid {self.broken.total():6} broken in one place, of {len(self.kinds())} kinds")
        return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("samples", type=pathlib.Path, nargs="+", metavar="SAMPLES", help="JSON lines, as kube-samples writes them")
    counts = Counts.of(parser.parse_args().samples)
    print(counts.table())
    for line in counts.too_few():
        print(f"too few: {line}")
    return 1 if counts.too_few() else 0


if __name__ == "__main__":
    raise SystemExit(main())
