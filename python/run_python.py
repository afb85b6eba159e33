"""Runs pytest, or a script, on declared inputs only: the pinned packages and the given folders.

Nothing that the host's Python has installed can be imported, and nothing of the caller's environment
but PATH is seen. Arguments after `--` go to pytest or the script.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tarfile
import tempfile
from pathlib import Path

OPTIONS = ["-p", "no:cacheprovider", "-p", "pytest_resources.plugin", "--color=no", "-q", "-ra"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, required=True, help="the packages, as one tar")
    parser.add_argument("--path", action="append", default=[], help="a folder to import from")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--root", help="the folder that the tests are in")
    what.add_argument("--script", help="what to run instead of pytest")
    parser.add_argument("arguments", nargs="*", help="for pytest, or the script")
    args = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="pytest-", dir=os.environ.get("BUCK_SCRATCH_PATH"))).absolute()
    try:
        return run(args, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def run(args: argparse.Namespace, scratch: Path) -> int:
    packages, temporary = scratch / "packages", scratch / "tmp"
    temporary.mkdir()
    with tarfile.open(args.packages) as tar:
        tar.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
        tar.extractall(packages)
    folders = [*([args.root] if args.root else []), *args.path, packages]
    environment = {
        "HOME": str(temporary),
        "LC_ALL": "C.UTF-8",
        "PATH": os.environ.get("PATH", ""),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join(os.path.abspath(folder) for folder in folders),
        "TMPDIR": str(temporary),
        "TZ": "UTC",
    }
    pytest = ["-m", "pytest", *OPTIONS, f"--rootdir={args.root}", f"--confcutdir={args.root}", "-c", os.devnull]
    # -S: no site-packages of the host's Python.
    command = [sys.executable, "-S", *([args.script] if args.script else pytest), *args.arguments]
    return os.spawnve(os.P_WAIT, sys.executable, command, environment)


if __name__ == "__main__":
    sys.exit(main())
