"""What the tests share: the groups of CRDs, our verdicts, and the comparison with the API server's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
GROUPS = ["cert_manager", "crossplane", "digitalocean", "function_kcl", "helm", "infisical", "kustomize", "source", "traefik", "traps"]


def judge(files: dict[str, Path], group: str, asked: Path, judged: Path) -> None:
    subprocess.run([files["kube_samples"], "--crds", files[group], "--judge", asked, "--out", judged], check=True)


def compare(files: dict[str, Path], group: str, judged: Path, *flags: str) -> None:
    succeeds("compare.py", *flags, "--judge", files["judge"], "--crds", files[group], judged)


def succeeds(script: str, *arguments: str | Path) -> str:
    """What a script of this folder prints."""
    done = subprocess.run([sys.executable, HERE / script, *arguments], capture_output=True, text=True)
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
