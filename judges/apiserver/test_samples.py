"""What kube_schema says of resources is what the API server says, over the pinned CRDs and the traps."""

from __future__ import annotations

import collections
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import counts
import pytest
from judging import GROUPS, HERE, compare, judge

# As many formats of strings the server checks, one of them also beside a pattern.
FORMATS = 28

Samples = Callable[[str], Path]
Tell = Callable[[str, object], None]


@pytest.fixture(scope="session")
def samples(files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """A group's samples with our verdicts, made once."""
    folder = tmp_path_factory.mktemp("samples")

    def of(group: str) -> Path:
        made = folder / f"{group}.jsonl"
        if not made.exists():
            generator = [files["kube_samples"], "--crds", files[group], "--quiet", "--verdicts", "--out", made]
            # The traps state every constraint there is.
            each = ["--each", str(counts.EACH_CONSTRAINT)] if group == "traps" else []
            subprocess.run([*generator, "--count", str(counts.EACH_KIND), "--max", "150", *each], check=True)
        return made

    return of


@pytest.mark.parametrize("group", GROUPS)
def test_verdicts_error_types_fields_and_stored_objects_are_the_servers(files: dict[str, Path], samples: Samples, group: str) -> None:
    compare(files, group, samples(group))


def test_there_are_enough_samples_of_each_kind_and_each_constraint(samples: Samples, record_property: Tell) -> None:
    """The report has the table."""
    counted = counts.Counts.of(samples(group) for group in GROUPS)
    record_property("message", counted.table())
    assert counted.too_few() == []


@pytest.mark.parametrize("group", GROUPS)
def test_updates_and_statuses_are_judged_as_by_the_server(files: dict[str, Path], samples: Samples, tmp_path: Path, group: str) -> None:
    updates, judged = (tmp_path / f"{name}.jsonl" for name in ("updates", "judged"))
    written_by("updates.py", updates, samples(group))
    judge(files, group, updates, judged)
    compare(files, group, judged)


@pytest.mark.parametrize("group", GROUPS)
def test_resources_that_are_broken_anyhow_are_judged_as_by_the_server(files: dict[str, Path], samples: Samples, tmp_path: Path, group: str) -> None:
    mutations, judged = (tmp_path / f"{name}.jsonl" for name in ("mutations", "judged"))
    written_by("mutations.py", mutations, "--each", "2", samples(group))
    judge(files, group, mutations, judged)
    compare(files, group, judged)


def test_hard_values_in_every_field_are_judged_as_by_the_server(files: dict[str, Path], tmp_path: Path, record_property: Tell) -> None:
    odd, judged = (tmp_path / f"{name}.jsonl" for name in ("odd", "judged"))
    written_by("odd_instances.py", odd)
    judge(files, "traps", odd, judged)
    compare(files, "traps", judged)
    values = collections.Counter(fields_of(judged, "Format"))
    formats = {field: count for field, count in sorted(values.items()) if count >= counts.EACH_CONSTRAINT}
    record_property("message", "\n".join(f"{count:7} values of {field}" for field, count in formats.items()))
    assert len(formats) >= FORMATS


def fields_of(judged: Path, kind: str) -> list[str]:
    """The field that each resource of the kind is about."""
    resources = [json.loads(line)["object"] for line in judged.read_text().split("\n") if line]
    specs = [resource["spec"] for resource in resources if resource["kind"] == kind]
    return [field for spec in specs if isinstance(spec, dict) for field in spec]


def written_by(script: str, out: Path, *arguments: str | Path) -> None:
    with out.open("wb") as lines:
        subprocess.run([sys.executable, HERE / script, *arguments], stdout=lines, check=True)
