#!/usr/bin/env python3
"""Times what an import of Kubernetes' own kinds adds to a render.

    bench/kcl_imports.py            the package of this repository
    bench/kcl_imports.py --runs 50  more runs

Figures are CPU milliseconds of whole processes, the least of several runs: a program without imports, and
what each import adds to it.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {
    "ObjectMeta": 'import k8s.apimachinery.pkg.apis.meta.v1 as meta\na = meta.ObjectMeta {name = "a"}\n',
    "k8s.api.core.v1": 'import k8s.api.core.v1 as core\na = core.Container {name = "a"}\n',
    "k8s.api.apps.v1": "import k8s.api.apps.v1 as apps\na = apps.RollingUpdateDeployment {}\n",
    "k8s.api.networking.v1": "import k8s.api.networking.v1 as networking\na = networking.IngressSpec {}\n",
}


def built(target: str) -> str:
    """The path of a target's output."""
    command = [ROOT / "buck2", "build", target, "--show-full-output"]
    shown = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return shown.split()[1]


def cpu(command: list[str]) -> float:
    """The CPU milliseconds of a command."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return 1000 * (used.ru_utime + used.ru_stime)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="how often each program runs")
    runs = parser.parse_args().runs
    render, libkcl, package = built("//tools:kcl-render"), built("toolchains//:libkcl"), built("//crds/k8s:k8s[kcl]")
    with tempfile.TemporaryDirectory() as folder:

        def least(text: str) -> float:
            program = Path(folder, "main.k")
            program.write_text(text)
            command = [render, str(program), f"--root={folder}", f"--libkcl={libkcl}", f"--package=k8s={package}"]
            return min(cpu(command) for _ in range(runs))

        nothing = least("a = 1\n")
        print(f"{'no import':<24}{nothing:8.1f} ms")
        for name, text in PROGRAMS.items():
            print(f"{name:<24}{least(text) - nothing:+8.1f} ms")


if __name__ == "__main__":
    main()
