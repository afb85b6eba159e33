#!/usr/bin/env python3
"""Times `resource-validate` beside kubeconform and flux-schema on the same resources, in the same run.

    bench/resource_validate.py               5,000 resources, then how time and memory grow to 100,000

Peers are taken from PATH: kubeconform (go install github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0), which runs no
CEL, and flux-schema; one that is missing is named, with what was measured of it on 5,000 resources. The resources are
valid samples of the CRDs of this repository with the most rules, a file each, and once all in one file, also from
standard input; peers refuse some of them.
Figures are the least of several runs; memory is the largest process's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import yaml

ROOT = Path(__file__).resolve().parent.parent
CRDS = "//crds/digitalocean:crds"
# Wall seconds on 5,000 resources, on an idle 2-core x86-64 machine.
RECORDED = {"kubeconform": 0.26, "flux-schema": 0.375}


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    cpu: float
    wall: float
    mebibytes: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000, help="how many resources are compared")
    parser.add_argument("--runs", type=int, default=5, help="how often each command runs")
    parser.add_argument("--validate", help="resource-validate, if it is not to be built")
    parser.add_argument("--samples", help="kube-samples, if it is not to be built")
    parser.add_argument("--crds", type=Path, help=f"the CRDs, if not those of {CRDS}")
    arguments = parser.parse_args()
    validate = arguments.validate or built("//tools:resource-validate")
    samples = arguments.samples or built("//tools:kube-samples")
    crds = arguments.crds or Path(built(CRDS))
    texts = resources(samples, crds)
    for measured in (compare, growth):
        with tempfile.TemporaryDirectory() as folder:
            measured(arguments, validate, crds, texts, Path(folder))


def built(target: str) -> str:
    done = subprocess.run([ROOT / "buck2", "build", target, "--show-full-output"], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.split()[-1]


def resources(samples: str, crds: Path) -> list[str]:
    command = [samples, "--crds", crds, "--quiet", "--max", "150"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    # Not splitlines(), which also splits at separators that may stand in a string.
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    # As JSON, so that no name is read as a boolean.
    return [json.dumps(one["object"], indent=1, ensure_ascii=False) + "\n" for one in found if one["valid"]]


def write(texts: list[str], count: int, folder: Path) -> tuple[Path, Path]:
    """A folder with a file each, and a file with all of them."""
    files, stream = folder / f"files-{count}", folder / f"{count}.yaml"
    files.mkdir()
    with stream.open("w") as out:
        for number in range(count):
            text = texts[number % len(texts)]
            (files / f"{number:06}.yaml").write_text(text)
            out.write(f"---\n{text}")
    return files, stream


def compare(arguments: argparse.Namespace, validate: str, crds: Path, texts: list[str], folder: Path) -> None:
    files, stream = write(texts, arguments.count, folder)
    schemas = json_schemas(crds, folder / "schemas")
    peers = {
        "kubeconform": [
            "-schema-location",
            f"{schemas}/{{{{.ResourceKind}}}}_{{{{.Group}}}}_{{{{.ResourceAPIVersion}}}}.json",
            "-n",
            str(os.cpu_count()),
        ],
        "flux-schema": ["validate", "--schema-location", str(schemas)],
    }
    for title, path in (("a file each", files), ("one file", stream)):
        print(f"{arguments.count} resources, {title}:")
        ours = measure([validate, "--crds", str(crds), str(path)], arguments.runs)
        show("resource-validate", ours)
        for peer, flags in peers.items():
            if shutil.which(peer) is None:
                print(f"  {peer:18} not found; recorded {RECORDED[peer]} s wall on 5,000 resources")
                continue
            theirs = measure([peer, *flags, str(path)], arguments.runs, (0, 1))
            show(peer, theirs)
            print(f"  {'':18} {theirs.wall / ours.wall:.1f} times our wall time, {theirs.cpu / ours.cpu:.1f} times our CPU time")


def growth(arguments: argparse.Namespace, validate: str, crds: Path, texts: list[str], folder: Path) -> None:
    print("growth:")
    for count in (5_000, 20_000, 100_000):
        files, stream = write(texts, count, folder)
        ways = {"files": [str(files)], "one file": [str(stream)], "stdin": ["-"], "stdin, as JSON": ["--format", "json", "-"]}
        for title, flags in ways.items():
            with stream.open("rb") as given:
                cost = once([validate, "--crds", str(crds), *flags], (0,), given)
            print(f"  {count:7} {title:15} {cost.wall:6.2f} s wall {cost.cpu:6.2f} s CPU {cost.mebibytes:5.0f} MiB")
        shutil.rmtree(files)
        stream.unlink()


def json_schemas(crds: Path, folder: Path) -> Path:
    folder.mkdir()
    for file in crds.rglob("*.yaml") if crds.is_dir() else [crds]:
        for crd in filter(None, yaml.safe_load_all(file.read_text())):
            spec = crd["spec"]
            for version in spec["versions"]:
                name = f"{spec['names']['kind'].lower()}_{spec['group']}_{version['name']}.json"
                (folder / name).write_text(json.dumps(version["schema"]["openAPIV3Schema"]))
    return folder


def measure(command: list[str], runs: int, statuses: tuple[int, ...] = (0,)) -> Cost:
    costs = [once(command, statuses) for _ in range(runs)]
    return Cost(min(cost.cpu for cost in costs), min(cost.wall for cost in costs), costs[-1].mebibytes)


def once(command: list[str], statuses: tuple[int, ...], given: BinaryIO | None = None) -> Cost:
    start = time.perf_counter()
    process = subprocess.Popen(command, stdin=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in statuses:
        raise SystemExit(f"error: {' '.join(command)}: exit code {os.waitstatus_to_exitcode(status)}")
    return Cost(usage.ru_utime + usage.ru_stime, time.perf_counter() - start, usage.ru_maxrss / 1024)


def show(name: str, cost: Cost) -> None:
    print(f"  {name:18} {cost.wall:6.3f} s wall {cost.cpu:6.3f} s CPU {cost.mebibytes:5.0f} MiB")


if __name__ == "__main__":
    main()
