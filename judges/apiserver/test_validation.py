"""What kube_schema says of resources is what the API server says, over the pinned CRDs and the traps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "group",
    ["cert_manager", "crossplane", "digitalocean", "function_kcl", "helm", "infisical", "kustomize", "source", "traefik", "traps"],
)
def test_verdicts_error_types_and_fields_are_the_servers(files: dict[str, Path], tmp_path: Path, group: str) -> None:
    samples = tmp_path / "samples.jsonl"
    generate = [files["kube_samples"], "--crds", files[group], "--max", "150", "--verdicts", "--quiet", "--out", samples]
    subprocess.run(generate, check=True)
    compare = [sys.executable, HERE / "compare.py", "--judge", files["judge"], "--crds", files[group], samples]
    compared = subprocess.run(compare, capture_output=True, text=True)
    print(compared.stdout)
    assert compared.returncode == 0, compared.stdout + compared.stderr
    assert samples.read_text().count("\n") >= 20


@pytest.mark.parametrize("group", ["traps"])
def test_the_server_takes_the_definitions(files: dict[str, Path], group: str) -> None:
    checked = subprocess.run([files["judge"], "-check-crds", "-crds", files[group]], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
