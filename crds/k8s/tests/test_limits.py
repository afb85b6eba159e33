"""What it may cost to read all of Kubernetes' own types."""

from __future__ import annotations

import json
import resource
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# CPU time, so that a busy machine does not fail the test.
MOST_SECONDS = 2.0
MOST_MIB = 300


def test_all_groups_are_read_within_limits(files: Mapping[str, Path], tmp_path: Path) -> None:
    document = tmp_path / "types.json"
    command = [
        files["go-schema"],
        f"--module-dir={files['api']}",
        f"--module=k8s.io/apimachinery={files['apimachinery']}",
        "--package=./...",
        "--out",
        document,
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(json.loads(document.read_text())["$defs"]) > 1000
    assert used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime < MOST_SECONDS
    assert used.ru_maxrss / 1024 < MOST_MIB
