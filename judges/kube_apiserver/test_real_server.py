"""A real kube-apiserver says of resources what kube_schema says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.parametrize("group", ["cert_manager", "digitalocean", "traps"])
def test_verdicts_types_and_fields_are_the_same(files: dict[str, Path], tmp_path: Path, group: str) -> None:
    samples = tmp_path / "samples.jsonl"
    generate = [files["kube_samples"], "--crds", files[group], "--max", "60", "--verdicts", "--quiet", "--out", samples]
    subprocess.run(generate, check=True)
    programs = ["--kube-apiserver", files["kube_apiserver"], "--etcd", files["etcd"]]
    command = [sys.executable, HERE / "real_server.py", *programs, "--crds", files[group], "--count", "100", samples]
    compared = subprocess.run(command, capture_output=True, text=True)
    print(compared.stdout)
    assert compared.returncode == 0, compared.stdout + compared.stderr
