#!/usr/bin/env python3
"""Times `composition-render` beside the crossplane CLI on the same compositions, in the same run.

    bench/composition_render.py                 one reconcile of one XR, then many in one invocation

The CLI (`judges//crossplane:cli`) drives core (`judges//crossplane:core`); its functions are ours, served at an
address and warm. What these servers take is shown beside what the CLI takes. Wall times are the median, CPU times
the least of all runs; memory is the largest process's.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GATEWAY = "//compositions/frp_gateway"
FUNCTIONS = ["kcl", "auto-ready"]
TARGETS = [
    "//tools:composition-render",
    "toolchains//:libkcl",
    "judges//crossplane:core",
    "judges//crossplane:cli",
    f"{GATEWAY}:composition",
    f"{GATEWAY}:lib",
    f"{GATEWAY}:models[kcl]",
    "//compositions/lib:lib",
    "//crds/digitalocean:models[kcl]",
    "//crds/k8s:k8s[kcl]",
]
XR = {"apiVersion": "garden.example.org/v1", "kind": "Orchard", "metadata": {"name": "pear"}, "spec": {"rows": 3}}
SMALL = """_rows = option("params").oxr.spec.rows
items = [{
    apiVersion = "garden.example.org/v1alpha1"
    kind = "Bed"
    metadata.annotations = {"krm.kcl.dev/composition-resource-name" = "bed-${i}"}
    spec.rows = _rows
} for i in range(_rows)]
"""
WHOLE = """import k8s.api.core.v1 as core
_xr = option("params").oxr
items = [core.ConfigMap {
    metadata.name = _xr.metadata.name
    data.rows = str(_xr.spec.rows)
}]
"""


@dataclass(frozen=True)
class Case:
    """A composition, an XR of it with what it observes, and flags."""

    name: str
    composition: Path
    xr: dict
    observed: list[dict]
    flags: list[str]
    packages: list[str]


@dataclass(frozen=True)
class Cost:
    """What one run took, in milliseconds and mebibytes."""

    wall: float
    cpu: float
    memory: float


def cost(command: list[str]) -> Cost:
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read() if process.stderr else ""
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command[:4])} … fails with {process.returncode}:\n{said[-2000:]}")
    return Cost(wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024)


def typical(costs: list[Cost]) -> Cost:
    walls = sorted(found.wall for found in costs)
    return Cost(walls[len(walls) // 2], min(found.cpu for found in costs), max(found.memory for found in costs))


def built() -> dict[str, Path]:
    command = [str(ROOT / "buck2"), "build", *TARGETS, "--show-full-output"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    lines = [line.split(" ", 1) for line in done.stdout.splitlines() if " " in line]
    return {target.removeprefix("hermetic"): Path(path) for target, path in lines}


# ---- what is rendered


def composition(source: str, dependencies: str = "") -> dict:
    kcl = {"apiVersion": "krm.kcl.dev/v1alpha1", "kind": "KCLInput", "spec": {"source": source, "dependencies": dependencies}}
    return {
        "apiVersion": "apiextensions.crossplane.io/v1",
        "kind": "Composition",
        "metadata": {"name": "orchard"},
        "spec": {
            "compositeTypeRef": {key: XR[key] for key in ("apiVersion", "kind")},
            "mode": "Pipeline",
            "pipeline": [
                {"step": "bed", "functionRef": {"name": "function-kcl"}, "input": kcl},
                {"step": "ready", "functionRef": {"name": "function-auto-ready"}},
            ],
        },
    }


def write(path: Path, *documents: dict) -> Path:
    path.write_text("".join(f"---\n{json.dumps(document)}\n" for document in documents))
    return path


def gateway(targets: dict[str, Path], work: Path) -> Case:
    """frp_gateway with all that it composes observed."""
    folder = ROOT / GATEWAY.strip("/")
    packages = [
        f"--package={name}={targets[target]}"
        for name, target in {
            "frp_gateway": f"{GATEWAY}:lib",
            "frp_gateway_kcl": f"{GATEWAY}:models[kcl]",
            "compositions": "//compositions/lib:lib",
            "digitalocean_kcl": "//crds/digitalocean:models[kcl]",
            "k8s": "//crds/k8s:k8s[kcl]",
        }.items()
    ]
    program = str(targets["//tools:composition-render"])
    made, observed = targets[f"{GATEWAY}:composition"], work / "observed.json"
    state = [program, str(folder / "states/complete.yaml"), str(made), *packages, f"--libkcl={targets['toolchains//:libkcl']}"]
    subprocess.run([*state, f"--out-observed={observed}"], check=True, stdout=subprocess.DEVNULL)
    xr, *rest = json.loads(observed.read_text())["items"]
    return Case("frp_gateway, 3 steps", made, xr, rest, [f"--xrd={folder / 'xrd.yaml'}"], packages)


def cases(targets: dict[str, Path], work: Path) -> list[Case]:
    whole = write(work / "k8s.yaml", composition(WHOLE, 'k8s = "1"'))
    return [
        Case("one step", write(work / "small.yaml", composition(SMALL)), XR, [], [], []),
        gateway(targets, work),
        Case("k8s.api.core.v1 whole", whole, XR, [], [], [f"--package=k8s={targets['//crds/k8s:k8s[kcl]']}"]),
    ]


# ---- the CLI's functions


@dataclass(frozen=True)
class Server:
    """A served function."""

    process: subprocess.Popen
    address: str

    def cpu(self) -> float:
        """Milliseconds so far, ended children included."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) * 1000 / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """The most that the server itself held."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@contextmanager
def served(targets: dict[str, Path], packages: list[str]) -> Iterator[list[Server]]:
    servers = []
    try:
        for function in FUNCTIONS:
            command = [str(targets["//tools:composition-render"]), "serve", "--insecure", "--address=127.0.0.1:0"]
            command += [f"--function={function}", f"--libkcl={targets['toolchains//:libkcl']}", *packages]
            process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
            line = process.stderr.readline() if process.stderr else ""
            servers.append(Server(process, line.strip().removeprefix("serving at ")))
        yield servers
    finally:
        for server in servers:
            server.process.kill()
            server.process.wait()


def functions(servers: list[Server], path: Path) -> Path:
    return write(
        path,
        *(
            {
                "apiVersion": "pkg.crossplane.io/v1",
                "kind": "Function",
                "metadata": {
                    "name": f"function-{function}",
                    "annotations": {
                        "render.crossplane.io/runtime": "Development",
                        "render.crossplane.io/runtime-development-target": server.address,
                    },
                },
                "spec": {"package": function},
            }
            for function, server in zip(FUNCTIONS, servers, strict=True)
        ),
    )


# ---- what is measured


def one(case: Case, targets: dict[str, Path], work: Path, runs: int) -> None:
    xr, observed = write(work / "xr.yaml", case.xr), write(work / "observed.yaml", *case.observed)
    flags = [*case.flags, *([f"--observed-resources={observed}"] if case.observed else [])]
    files = [str(xr), str(case.composition)]
    ours = [str(targets["//tools:composition-render"]), *files, *flags, *case.packages, f"--libkcl={targets['toolchains//:libkcl']}"]
    with served(targets, case.packages) as servers:
        cli = [str(targets["judges//crossplane:cli"]), "composition", "render", *files, str(functions(servers, work / "functions.yaml"))]
        cli += [*flags, f"--crossplane-binary={targets['judges//crossplane:core']}"]
        mine, theirs = [], []
        cost(cli)  # compiles the steps in the server
        before = sum(server.cpu() for server in servers)
        for _ in range(runs):
            mine.append(cost(ours))
            theirs.append(cost(cli))
        serving = (sum(server.cpu() for server in servers) - before) / runs
        memory = sum(server.memory() for server in servers)
    us, them = typical(mine), typical(theirs)
    print(f"{case.name:<24} {us.wall:>8.1f} {us.cpu:>8.1f} {us.memory:>6.0f}   {them.wall:>8.1f} {them.cpu:>8.1f} {them.memory:>6.0f} ", end="")
    print(f"{serving:>9.1f} {memory:>6.0f}   {them.wall / us.wall:>5.1f}× {them.cpu / us.cpu:>5.1f}×")


def many(case: Case, targets: dict[str, Path], work: Path) -> None:
    command = [str(targets["//tools:composition-render"]), str(work / "xrs.yaml"), str(case.composition), *case.flags, *case.packages]
    for count in (10, 100, 1000):
        states = []
        for number in range(count):
            xr = {**case.xr, "metadata": {**case.xr["metadata"], "name": f"{case.xr['metadata']['name']}-{number}"}}
            name = "crossplane.io/composition-resource-name"
            states.append({"oxr": xr, "ocds": {r["metadata"]["annotations"][name]: {"Resource": r} for r in case.observed}})
        write(work / "xrs.yaml", *states)
        found = cost([*command, f"--libkcl={targets['toolchains//:libkcl']}"])
        print(f"{case.name:<24} {count:>6} {found.wall / count:>8.2f} {found.cpu / count:>8.2f} {found.memory:>6.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="how often each is run (default: 20)")
    args = parser.parse_args()
    targets = built()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        found = cases(targets, work)
        print(
            f"{'one XR':<24} {'wall ms':>8} {'CPU ms':>8} {'MiB':>6}   {'CLI wall':>8} {'CLI CPU':>8} {'MiB':>6}"
            f"  {'serve CPU':>8} {'MiB':>6}   ratios"
        )
        for case in found:
            one(case, targets, work, args.runs)
        print(f"\n{'many XRs, each':<24} {'XRs':>6} {'wall ms':>8} {'CPU ms':>8} {'MiB':>6}")
        for case in found:
            many(case, targets, work)


if __name__ == "__main__":
    main()
