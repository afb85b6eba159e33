"""What kube_schema says of definitions, and of rules that cost much, is what the API server says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from judging import GROUPS, HERE, compare, judge, succeeds


def test_rules_that_would_run_long_end_where_the_servers_do(files: dict[str, Path], tmp_path: Path) -> None:
    """Just below and just above what an expression, and all of a resource, may cost."""
    asked, judged = (tmp_path / f"{name}.jsonl" for name in ("asked", "judged"))
    specs = [{"pairs": [1] * size} for size in (10, 300, *range(370, 385), 1000)]
    specs += [{"many": [[1] * 300] * size} for size in range(1, 11)]
    resource = {"apiVersion": "traps.example.org/v1", "kind": "Cost", "metadata": {"name": "a", "namespace": "default"}}
    lines = [json.dumps({"id": str(i), "object": {**resource, "spec": spec}}) for i, spec in enumerate(specs)]
    asked.write_text("\n".join(lines) + "\n")
    judge(files, "costs", asked, judged)
    compare(files, "costs", judged, "--messages")


@pytest.mark.parametrize("group", ["traps"])
def test_the_server_takes_the_definitions(files: dict[str, Path], group: str) -> None:
    checked = subprocess.run([files["judge"], "-check-crds", "-crds", files[group]], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(("group", "each"), [*((group, 3) for group in GROUPS if group != "traps"), ("traps", 20)])
def test_definitions_are_judged_as_by_the_server(files: dict[str, Path], group: str, each: int) -> None:
    compare_definitions(files, each, files[group])


def test_rules_are_refused_for_what_they_may_cost_as_by_the_server(files: dict[str, Path], tmp_path: Path) -> None:
    """At the limit of an expression and of all, and wherever drawn rules end; estimate by estimate."""
    subprocess.run([sys.executable, HERE / "costs.py", "--count", "250", tmp_path], check=True)
    said = compare_definitions(files, 0, tmp_path)
    counts = {name: int(number) for number, name in (line.split(maxsplit=1) for line in said.splitlines())}
    assert counts["estimates beyond what an expression may cost"] >= 200
    assert counts["valid"] >= 100


def compare_definitions(files: dict[str, Path], each: int, crds: Path) -> str:
    programs = ["--judge", files["judge"], "--validate", files["resource_validate"]]
    return succeeds("definitions.py", *programs, "--each", str(each), crds)
