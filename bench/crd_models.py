#!/usr/bin/env python3
"""Times `crd-models` and its peers on the same CRDs, in the same run.

    bench/crd_models.py                      the CRDs of this repository
    bench/crd_models.py --crds DIR           any others
    bench/crd_models.py --growth             ours alone, on 1, 10 and 50 copies of them

Peers are taken from PATH: cloudcoil-model-codegen (pip install 'cloudcoil[codegen]'), kcl, flux-schema.
One that is missing is named, with what was measured of it on 82 CRDs (3.9 MB) on a 2-core x86-64 machine.
Figures are CPU seconds of whole process trees, the least of several runs; memory is the largest process's.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLES = [
    "//crds/cert_manager:crds",
    "//crds/crossplane:crds",
    "//crds/digitalocean:crds",
    "//crds/flux:helm",
    "//crds/flux:kustomize",
    "//crds/flux:source",
    "//crds/function_kcl:crds",
    "//crds/infisical:crds",
    "//crds/traefik:crds",
]
OUTPUTS = ["kcl", "python", "jsonschema"]


@dataclass(frozen=True)
class Peer:
    """Another generator of one of our outputs."""

    output: str
    program: str
    recorded: float
    wanted: float
    run: Callable[[str, list[Path], Path], list[list[str]]]


@dataclass(frozen=True)
class Cost:
    """What a command took."""

    cpu: float
    wall: float
    mebibytes: float


def cloudcoil(program: str, crds: list[Path], out: Path) -> list[list[str]]:
    listed = ", ".join(f'"{crd}"' for crd in crds)
    config = out / "cloudcoil.toml"
    config.write_text(f'[[tool.cloudcoil.codegen.models]]\nnamespace = "peer"\ncrd-namespace = "io"\ninput = [{listed}]\noutput = "{out}"\n')
    return [[program, "--config", str(config), "--log-level", "ERROR"]]


def kcl(program: str, crds: list[Path], out: Path) -> list[list[str]]:
    folders = sorted({crd.parent for crd in crds})
    return [
        [program, "import", "-m", "crd", "-s", "-f", "-o", str(out / folder.name), *map(str, sorted(folder.glob("*.y*ml")))] for folder in folders
    ]


def flux_schema(program: str, crds: list[Path], out: Path) -> list[list[str]]:
    return [[program, "extract", "crd", *map(str, crds), "-d", str(out)]]


PEERS = [
    Peer("python", "cloudcoil-model-codegen", 143.0, 200, cloudcoil),
    Peer("kcl", "kcl", 13.4, 40, kcl),
    Peer("jsonschema", "flux-schema", 0.5, 2, flux_schema),
]


def cost(commands: Iterable[list[str]], env: dict[str, str] | None = None) -> Cost:
    """Of commands run one after the other; the first one that fails ends the benchmark."""
    cpu = mebibytes = 0.0
    start = time.monotonic()
    for command in commands:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env, text=True)
        said = process.stdout.read() if process.stdout else ""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command[:4])} … fails with {process.returncode}:\n{said[-2000:]}")
        cpu += usage.ru_utime + usage.ru_stime
        mebibytes = max(mebibytes, usage.ru_maxrss / 1024)
    return Cost(cpu, time.monotonic() - start, mebibytes)


def least(runs: int, measure: Callable[[], Cost]) -> Cost:
    return min((measure() for _ in range(runs)), key=lambda found: found.cpu)


def built(*targets: str) -> dict[str, Path]:
    command = [str(ROOT / "buck2"), "build", *targets, "--show-full-output"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    lines = (line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    return {target: Path(path) for target, path in lines}


def files(paths: Iterable[Path]) -> list[Path]:
    found: set[Path] = set()
    for path in paths:
        found |= {path} if path.is_file() else {file for file in path.rglob("*") if file.suffix in {".yaml", ".yml"}}
    if not found:
        raise SystemExit("no CRDs: --crds names a folder with .yaml files, or such a file")
    return sorted(found)


def ours(program: Path, crds: list[Path], outputs: list[str]) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        wanted = [word for output in outputs for word in (f"--{output}", f"{folder}/{output}")]
        return cost([[str(program), "--package", "bench", *wanted, "--crds", *map(str, crds)]])


def peer_cost(peer: Peer, crds: list[Path], out: Path) -> Cost | None:
    program = shutil.which(peer.program)
    if program is None:
        return None
    out.mkdir()
    return cost(peer.run(program, crds, out))


def compare(program: Path, crds: list[Path], runs: int, theirs_out: Path) -> None:
    """What a peer makes stays in the folder of its name."""
    print(f"{'output':<12} {'ours CPU s':>10} {'MiB':>6}   {'peer':<24} {'CPU s':>8} {'MiB':>6} {'ratio':>7}  wanted")
    for peer in PEERS:
        mine = least(runs, lambda peer=peer: ours(program, crds, [peer.output]))
        theirs = peer_cost(peer, crds, theirs_out / peer.program)
        shown = f"{peer.output:<12} {mine.cpu:>10.2f} {mine.mebibytes:>6.0f}   {peer.program:<24}"
        if theirs is None:
            print(f"{shown} not on PATH; on the 82 CRDs it took {peer.recorded} CPU s (wanted there: {peer.wanted:.0f}×)")
        else:
            print(f"{shown} {theirs.cpu:>8.2f} {theirs.mebibytes:>6.0f} {theirs.cpu / mine.cpu:>6.1f}×  {peer.wanted:.0f}×")
    everything = least(runs, lambda: ours(program, crds, OUTPUTS))
    print(f"{'all three':<12} {everything.cpu:>10.2f} {everything.mebibytes:>6.0f}   (wanted on the 82 CRDs: under 0.7 CPU s and 150 MiB)")


# ---- growth


def copies(crds: list[Path], count: int, folder: Path) -> list[Path]:
    """The CRDs `count` times, each time with other groups."""
    made = []
    for number in range(count):
        for index, crd in enumerate(crds):
            text = crd.read_text()
            for group in set(re.findall(r"^\s+group: (\S+)$", text, re.MULTILINE)):
                text = text.replace(f"group: {group}\n", f"group: c{number}.{group}\n")
            copy = folder / f"{number:03}-{index:04}.yaml"
            copy.write_text(text)
            made.append(copy)
    return made


def growth(program: Path, crds: list[Path], runs: int) -> None:
    print(f"{'copies':>6} {'CPU s':>8} {'a copy':>8} {'MiB':>6}   (wanted: a copy's time within 15 %, memory that does not grow with the copies)")
    for count in (1, 10, 50):
        with tempfile.TemporaryDirectory() as folder:
            made = copies(crds, count, Path(folder))
            found = least(runs if count < 50 else 1, lambda made=made, folder=folder: ours(program, [Path(folder)], OUTPUTS))
            print(f"{count:>6} {found.cpu:>8.2f} {found.cpu / count:>8.3f} {found.mebibytes:>6.0f}")


# ---- importing what was generated

IMPORT_ALL = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
lookup = importlib.import_module(sys.argv[3])
for instance in json.load(open(sys.argv[2])):
    lookup.get_model(instance["kind"], api_version=instance["apiVersion"]).model_validate(instance)
"""
IMPORT_ALL_OF_CLOUDCOIL = """
import importlib, json, pathlib, sys
sys.path.insert(0, sys.argv[1])
from cloudcoil.resources import Resource
from pydantic import ValidationError
# Not all of its folders are packages.
for module in pathlib.Path(sys.argv[1]).rglob("*.py"):
    importlib.import_module(".".join(module.relative_to(sys.argv[1]).with_suffix("").parts).removesuffix(".__init__"))
found = [model for model in Resource.__subclasses__() if model.__module__.startswith("peer.")]
default = lambda model, field: model.model_fields[field].default
models = {(default(model, "kind"), default(model, "api_version")): model for model in found}
known = [instance for instance in json.load(open(sys.argv[2])) if (instance["kind"], instance["apiVersion"]) in models]
for instance in known:
    try:
        models[instance["kind"], instance["apiVersion"]].model_validate(instance)
    except ValidationError:
        pass  # they refuse some that the API server takes
print(len(known))
"""
ALONE = "import cloudcoil.resources"
ONE = """
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
[first, *_] = json.load(open(sys.argv[2]))
importlib.import_module(sys.argv[3]).get_model(first["kind"], api_version=first["apiVersion"]).model_validate(first)
"""


def python_packages(tar: Path, folder: Path) -> dict[str, str]:
    with tarfile.open(tar) as packages:
        packages.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
        packages.extractall(folder)
    return {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": ""}


def one_of_each_kind(samples: Path) -> list[object]:
    kinds: dict[tuple[str, str], object] = {}
    with samples.open() as lines:
        for line in lines:
            sample = json.loads(line)
            if sample["valid"]:
                kinds.setdefault((sample["kind"], sample["apiVersion"]), sample["object"])
    return list(kinds.values())


def imports(program: Path, samples: Path, packages: Path, crds: list[Path], runs: int, theirs: Path) -> None:
    """`theirs` is what cloudcoil made, if it is there."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        env = python_packages(packages, work / "packages")
        cost([[str(program), "--package", "bench_models", "--python", str(work / "ours"), "--crds", *map(str, crds)]])
        cost([[str(samples), "--count", "1", "--out", str(work / "samples.jsonl"), "--crds", *map(str, crds)]])
        (work / "instances.json").write_text(json.dumps(one_of_each_kind(work / "samples.jsonl")))

        def timed(script: str, models: Path) -> Cost:
            command = [sys.executable, "-c", script, str(models), str(work / "instances.json"), "bench_models"]
            cost([command], env)  # compiles the modules
            return least(runs, lambda: cost([command], env))

        alone, one, found = (timed(script, work / "ours") for script in (ALONE, ONE, IMPORT_ALL))
        print(f"importing cloudcoil alone: {alone.cpu:.2f} CPU s; one kind of ours, with an instance: {one.cpu - alone.cpu:.2f} more (wanted: 0.1)")
        print(f"importing our models of every kind and validating an instance of each: {found.cpu:.2f} CPU s, {found.mebibytes:.0f} MiB")
        if not theirs.exists():
            print("  (cloudcoil's own models of the 82 CRDs: 4.5 to 5.2 s for the import alone; wanted: a quarter)")
            return
        for module in theirs.rglob("*.py"):
            # It imports itself from where it is not.
            module.write_text(re.sub(r"^from \.+cloudcoil", "from cloudcoil", module.read_text(), flags=re.MULTILINE))
        whole = timed(IMPORT_ALL_OF_CLOUDCOIL, theirs)
        ratio = found.cpu / whole.cpu
        print(f"the same of cloudcoil's own models: {whole.cpu:.2f} CPU s, {whole.mebibytes:.0f} MiB; ours take {ratio:.2f} of it (wanted: 0.25)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--crds", type=Path, action="append", help="a folder of CRDs, or a file; may be repeated (default: this repository's)")
    parser.add_argument("--runs", type=int, default=5, help="how often each of ours is run (default: 5)")
    parser.add_argument("--growth", action="store_true", help="time copies instead of peers")
    args = parser.parse_args()
    tools = built("//tools:crd-models", "//tools:kube-samples", "toolchains//:python_packages", *([] if args.crds else BUNDLES))
    crds = files(args.crds or [path for target, path in tools.items() if target.startswith("hermetic//crds/")])
    print(f"{len(crds)} files, {sum(crd.stat().st_size for crd in crds) / 1e6:.1f} MB")
    program = tools["hermetic//tools:crd-models"]
    if args.growth:
        growth(program, crds, args.runs)
        return
    with tempfile.TemporaryDirectory() as folder:
        theirs = Path(folder)
        compare(program, crds, args.runs, theirs)
        samples, packages = tools["hermetic//tools:kube-samples"], tools["toolchains//:python_packages"]
        imports(program, samples, packages, crds, args.runs, theirs / "cloudcoil-model-codegen")


if __name__ == "__main__":
    main()
