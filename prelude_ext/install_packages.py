"""Installs pinned Python packages with pip and packs what they are into one tar.

The same pins and the same Python give the same bytes: no compiled files, no records of the
installation, no scripts (their first line holds a path), sorted names, no times.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

# What pip writes about the installation and not the package's author.
INSTALLATION_RECORDS = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
OLDEST_PYTHON = (3, 11)


class Failure(Exception):
    """What went wrong, in words for the user."""


def install(pins: Path, target: Path) -> None:
    """Installs exactly the pinned wheels; pip checks each hash."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "--only-binary=:all:", "--no-compile", "--no-warn-script-location"]
    command += ["--ignore-installed", "--target", str(target), "--requirement", str(pins)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode == 0:
        return
    if "No module named pip" in done.stderr:
        raise Failure(f"{sys.executable} has no pip; install it (Debian: apt install python3-pip)")
    raise Failure(
        f"pip could not install the packages of {pins}:\n{done.stderr.strip()}\n"
        "Hashes that do not match: restore the file, or review the new release and pin it. "
        "No matching distribution: there is no wheel for this Python, or the package index cannot be reached."
    )


def files_of(installed: Path) -> Iterator[Path]:
    """The files to keep, in a fixed order."""
    for path in sorted(installed.rglob("*")):
        relative = path.relative_to(installed)
        if relative.parts[0] == "bin" or "__pycache__" in relative.parts or not path.is_file():
            continue
        if relative.parts[0].endswith(".dist-info") and relative.name in INSTALLATION_RECORDS:
            continue
        yield relative


def pack(installed: Path, out: Path) -> None:
    temporary = out.with_name(f".{out.name}.part")
    with tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as tar:
        for relative in files_of(installed):
            data = (installed / relative).read_bytes()
            member = tarfile.TarInfo(relative.as_posix())
            member.size = len(data)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(data))
    temporary.replace(out)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pins", type=Path, required=True, help="pip requirements with hashes")
    parser.add_argument("--out", type=Path, required=True, help="the tar")
    args = parser.parse_args()
    try:
        if sys.version_info < OLDEST_PYTHON:
            raise Failure(f"Python {sys.version.split()[0]} is too old: 3.11 or newer is needed")
        os.makedirs(args.out.parent, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="packages-", ignore_cleanup_errors=True) as folder:
            install(args.pins, Path(folder))
            pack(Path(folder), args.out)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
