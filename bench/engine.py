#!/usr/bin/env python3
"""Times the embedded engine, and real Buck2 beside it, on the same synthetic repository in the same run.

    bench/engine.py --engine FILE              the embedded engine alone, or with the buck2 on PATH or $BUCK2
    bench/engine.py --engine FILE --targets N  another number of targets
    bench/engine.py --engine FILE --here       a no-op of this checkout, too, which has to be built

Each target copies a source of its own, and every fiftieth runs a command over the fifty before it. Figures are
wall seconds, the least of several runs, and the largest process's memory. Buck2's daemon has been started and
has built before anything is timed; the embedded engine has none.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
A_PACKAGE = 50
CONFIG = """[cells]
  synthetic = .
  platforms = platforms

[parser]
  target_platform_detector_spec = target:synthetic//...->platforms//:default \\
    target:platforms//...->platforms//:default

[build]
  execution_platforms = platforms//:execution
"""
RULES = """
def _piece_impl(ctx: AnalysisContext) -> list[Provider]:
    return [DefaultInfo(default_output = ctx.actions.copy_file(ctx.label.name + ".txt", ctx.attrs.src))]

piece = rule(impl = _piece_impl, attrs = {"src": attrs.source()})

def _whole_impl(ctx: AnalysisContext) -> list[Provider]:
    out = ctx.actions.declare_output("whole.txt")
    pieces = [dep[DefaultInfo].default_outputs[0] for dep in ctx.attrs.deps]
    ctx.actions.run(
        cmd_args("sh", "-c", "out=$1; shift; cat \\"$@\\" > \\"$out\\"", "sh", out.as_output(), pieces),
        category = "whole",
    )
    return [DefaultInfo(default_output = out)]

whole = rule(impl = _whole_impl, attrs = {"deps": attrs.list(attrs.dep())})
"""
BUCK = """load("//:rules.bzl", "piece", "whole")

[piece(name = "p{}".format(n), src = "{}.txt".format(n)) for n in range(%d)]

whole(name = "whole", deps = [":p{}".format(n) for n in range(%d)])
"""


@dataclass
class Cost:
    seconds: float
    mebibytes: float


def cost(command: list[str], folder: Path, env: dict[str, str]) -> Cost:
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = process.stderr.read() if process.stderr else ""
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    if status:
        raise SystemExit(f"failed: {' '.join(command)}\n{said}")
    return Cost(seconds, used.ru_maxrss / 1024)


def least(runs: int, work: Callable[[], Cost]) -> Cost:
    costs = [work() for _ in range(runs)]
    return Cost(min(one.seconds for one in costs), max(one.mebibytes for one in costs))


def write_repository(folder: Path, targets: int) -> Path:
    """A repository of so many targets; gives a source of it."""
    (folder / "platforms").mkdir(parents=True)
    (folder / ".buckroot").touch()
    (folder / ".buckconfig").write_text(CONFIG)
    (folder / "rules.bzl").write_text(RULES)
    platforms = (ROOT / "prelude_ext/platforms.bzl").read_text()
    (folder / "platforms/platforms.bzl").write_text(platforms)
    (folder / "platforms/BUCK").write_text(
        'load(":platforms.bzl", "execution_platforms", "target_platform")\n\n'
        'target_platform(name = "default", visibility = ["PUBLIC"])\n\n'
        'execution_platforms(name = "execution", platform = ":default")\n'
    )
    for package in range(targets // (A_PACKAGE + 1)):
        here = folder / f"packages/{package // 20}/{package}"
        here.mkdir(parents=True)
        (here / "BUCK").write_text(BUCK % (A_PACKAGE, A_PACKAGE))
        for number in range(A_PACKAGE):
            (here / f"{number}.txt").write_text(f"{package} {number}\n")
    return folder / "packages/0/0/0.txt"


@dataclass
class Timed:
    """What one engine takes for each kind of build."""

    load: Cost
    no_op: Cost
    edit: Cost


def measure(program: str, folder: Path, source: Path, env: dict[str, str], runs: int) -> Timed:
    build = [program, "build", "//packages/..."]
    cost(build, folder, env)
    time.sleep(0.2)
    cost(build, folder, env)
    edits = iter(range(runs))

    def edited() -> Cost:
        source.write_text(f"edit {next(edits)} of {program}\n")
        return cost(build, folder, env)

    return Timed(
        load=least(runs, lambda: cost([program, "targets", "//packages/..."], folder, env)),
        no_op=least(runs, lambda: cost(build, folder, env)),
        edit=least(runs, edited),
    )


def show(name: str, timed: Timed) -> None:
    for what, cost_ in (("load", timed.load), ("no-op", timed.no_op), ("one-file edit", timed.edit)):
        print(f"{name:<12} {what:<14} {cost_.seconds:7.3f} s {cost_.mebibytes:6.0f} MiB")


def compare(ours: Timed, theirs: Timed) -> bool:
    """Prints ratios; whether ours takes at most as long."""
    good = True
    for what, one, other in (("no-op", ours.no_op, theirs.no_op), ("one-file edit", ours.edit, theirs.edit)):
        ratio = one.seconds / other.seconds
        good &= ratio <= 1
        print(f"{what:<14} embedded / Buck2 = {ratio:.2f}{'' if ratio <= 1 else '  slower'}")
    return good


def buck2() -> str | None:
    """Real Buck2: $BUCK2, or a buck2 on PATH that is not the launcher."""
    given = os.environ.get("BUCK2") or shutil.which("buck2")
    return given if given and Path(given).resolve() != ROOT / "buck2" else None


def this_checkout(runs: int) -> None:
    """The no-op of this repository, by the launcher."""
    env = {name: value for name, value in os.environ.items() if name != "BUCK2"}
    build = [str(ROOT / "buck2"), "build", "//..."]
    cost(build, ROOT, env)
    print(f"this checkout, no-op by the launcher: {least(runs, lambda: cost(build, ROOT, env)).seconds:.3f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", type=Path, required=True, help="the embedded engine's program")
    parser.add_argument("--targets", type=int, default=10_000, help="how many targets")
    parser.add_argument("--runs", type=int, default=7, help="how often each is timed")
    parser.add_argument("--here", action="store_true", help="time this checkout as well")
    args = parser.parse_args()
    real = buck2()
    good = True
    with tempfile.TemporaryDirectory(prefix="engine-bench-") as scratch:
        env = os.environ | {"HERMETIC_CACHE": f"{scratch}/cache"}
        ours, theirs = Path(scratch, "ours"), Path(scratch, "theirs")
        print(f"{args.targets // (A_PACKAGE + 1) * (A_PACKAGE + 1)} targets")
        timed = measure(str(args.engine.resolve()), ours, write_repository(ours, args.targets), env, args.runs)
        show("embedded", timed)
        if real is None:
            print("real Buck2 is not here: set BUCK2 or put it on PATH to compare")
        else:
            version = subprocess.run([real, "--version"], capture_output=True, text=True, check=True).stdout.strip()
            print(re.sub(r"\s*<build-id>", "", version))
            try:
                beside = measure(real, theirs, write_repository(theirs, args.targets), env, args.runs)
            finally:
                subprocess.run([real, "kill"], cwd=theirs, capture_output=True, check=False)
            show("Buck2", beside)
            good = compare(timed, beside)
    if args.here:
        this_checkout(args.runs)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
