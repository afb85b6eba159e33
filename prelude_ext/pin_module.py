"""Pins a Go module at another version: its line of go.mod, its two hashes in go.sum, and nothing else.

Go downloads the release and checks it against its checksum database, as the environment says (GOPROXY,
GOSUMDB). Comments, order and spaces of both files stay as they are, and at no time do they contradict one
another: a run that is killed leaves the old pin or the new one.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from go_pin import REQUIRE, Failure, exit_code

# go.dev/ref/mod#go-mod-file-ident and #versions; a pin names a release or a pseudo-version, no query.
MODULE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/[A-Za-z0-9._~-]+)*")
VERSION = re.compile(r"v(?P<major>\d+)\.\d+\.\d+(-[0-9A-Za-z.-]+)?(?P<incompatible>\+incompatible)?")
MAJOR = re.compile(r"(?:/v|^gopkg\.in/.*\.v)(?P<major>\d+)$")
# How Go words a failed connection.
NETWORK = (
    "dial tcp",
    "no such host",
    "connection refused",
    "i/o timeout",
    "TLS handshake",
    "proxyconnect",
    "network is unreachable",
    "x509:",
    "disabled by GOPROXY=off",
)
USAGE = "say MODULE@VERSION, such as github.com/cert-manager/cert-manager@v1.21.2"


@dataclass(frozen=True)
class Release:
    """A module at a version, with the hashes that go.sum has of it."""

    module: str
    version: str
    zip_hash: str
    mod_hash: str

    def lines(self) -> list[str]:
        return [f"{self.module} {self.version} {self.zip_hash}", f"{self.module} {self.version}/go.mod {self.mod_hash}"]


@dataclass(frozen=True)
class Pins:
    """A go.mod and its go.sum."""

    mod: Path
    sum: Path

    def versions(self) -> dict[str, str]:
        found = (REQUIRE.match(line) for line in self.mod.read_text().splitlines())
        return {line["module"]: line["version"] for line in found if line}


def parse(text: str) -> tuple[str, str]:
    """The module and the version of `MODULE@VERSION`."""
    module, at, version = text.partition("@")
    if not at or not module or not version:
        raise Failure(f"`{text}` is no module at a version: {USAGE}")
    if not MODULE.fullmatch(module):
        raise Failure(f"`{module}` is no module path: it begins with a host's name, as in github.com/fluxcd/helm-controller")
    found = VERSION.fullmatch(version)
    if not found:
        raise Failure(f"`{version}` is no version: say an exact one, as in v1.21.2; a pin is no range and no branch")
    suffix = MAJOR.search(module)
    wanted = int(found["major"])
    have = int(suffix["major"]) if suffix else 1
    if (wanted if wanted > 1 else 1) != have and not found["incompatible"]:
        base = module[: suffix.start()] if suffix else module
        right = base if wanted < 2 else f"{base}/v{wanted}"
        raise Failure(f"{module} has no {version}: since v2 the path tells the major version; that one would be {right}@{version}")
    return module, version


def pins_of(module: str, files: list[Pins]) -> Pins:
    """The files that pin a module."""
    for pins in files:
        if module in pins.versions():
            return pins
    known = sorted({name for pins in files for name in pins.versions()})
    near = difflib.get_close_matches(module, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else "pinned are: " + ", ".join(known)
    names = ", ".join(shown(pins.mod) for pins in files)
    raise Failure(f"{names}: no line requires {module}; {hint}")


def download(module: str, version: str) -> Release:
    """The hashes of a release, which Go downloads."""
    with tempfile.TemporaryDirectory(prefix="pin-", ignore_cleanup_errors=True) as folder:
        Path(folder, "go.mod").write_text("module pin\n")
        done = go(folder, "mod", "download", "-json", f"{module}@{version}")
        try:
            answer = json.loads(done.stdout)
        except ValueError:
            answer = {}
        reason = " ".join((answer.get("Error") or done.stderr).split())
        if done.returncode == 0 and not answer.get("Error"):
            return Release(module, version, answer["Sum"], answer["GoModSum"])
        raise Failure(f"{module}@{version}: {explained(module, reason, folder)}")


def go(folder: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Without a go.sum of ours there is nothing that Go could check but its checksum database.
    env = os.environ | {"GOWORK": "off", "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod"}
    try:
        return subprocess.run(["go", *arguments], cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError as error:
        raise Failure("go is not on PATH; install Go (https://go.dev/dl)") from error


def explained(module: str, reason: str, folder: str) -> str:
    """Go's reason, with what to do about it."""
    if any(words in reason for words in NETWORK):
        return f"the module proxy cannot be reached: {reason}\nCheck the network, GOPROXY and the proxy variables."
    if "checksum mismatch" in reason or "SECURITY ERROR" in reason:
        return f"it is not the release that the checksum database knows: {reason}\nFind out who is right before you pin it."
    listed = go(folder, "list", "-m", "-versions", module).stdout.split()[1:]
    if listed:
        return f"there is no such version: {reason}\nThe newest are {', '.join(listed[-5:])}."
    return f"it cannot be downloaded: {reason}"


def new_mod(text: str, release: Release) -> str:
    """go.mod with another version in the module's line."""
    lines = text.splitlines(keepends=True)
    for index, line in enumerate(lines):
        found = REQUIRE.match(line.rstrip("\r\n"))
        if found and found["module"] == release.module:
            lines[index] = line[: found.start("version")] + release.version + line[found.end("version") :]
    return "".join(lines)


def new_sum(text: str, release: Release, drop: str | None) -> str:
    """go.sum with the release's hashes, and without those of the version to drop."""
    lines = text.splitlines(keepends=True)
    old = {f"{release.module} {drop}", f"{release.module} {drop}/go.mod"} if drop else set()
    key = {line: " ".join(line.split()[:2]) for line in lines}
    for added in release.lines():
        name = " ".join(added.split()[:2])
        place = next((at for at, line in enumerate(lines) if key[line] == name), None)
        if place is not None:
            lines.pop(place)
        else:
            place = next((at for at, line in enumerate(lines) if key[line] > name), len(lines))
        if place and not lines[place - 1].endswith("\n"):
            lines[place - 1] += "\n"
        lines.insert(place, added + "\n")
        key[added + "\n"] = name
    return "".join(line for line in lines if key.get(line) not in old)


def replace(path: Path, text: str) -> None:
    """The file's new text, whole or not at all; its mode stays."""
    real = path.resolve()
    with tempfile.NamedTemporaryFile("w", dir=real.parent, prefix=f".{real.name}.", newline="", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
            file.close()
            temporary.chmod(real.stat().st_mode & 0o777)
            temporary.replace(real)
        finally:
            temporary.unlink(missing_ok=True)


def shown(path: Path) -> str:
    return os.path.relpath(path)


def bump(text: str, files: list[Pins]) -> str:
    """Pins a release; says what changed."""
    module, version = parse(text)
    pins = pins_of(module, files)
    old = pins.versions()[module]
    with pins.sum.open(newline="") as file:
        sums = file.read()
    known = [line.split()[1] for line in sums.splitlines() if line.startswith(f"{module} ")]
    if old == version and {version, f"{version}/go.mod"} <= set(known):
        return f"{shown(pins.mod)}: {module} is at {version} already"
    release = download(module, version)
    with pins.mod.open(newline="") as file:
        mod = file.read()
    # Both hashes are there as long as the other file may name either version.
    replace(pins.sum, new_sum(sums, release, None))
    if old != version:
        replace(pins.mod, new_mod(mod, release))
        replace(pins.sum, new_sum(sums, release, old))
    changed = [f"{shown(pins.mod)}: {module} {old} -> {version}"] if old != version else []
    return "\n".join(changed + [f"{shown(pins.sum)}: {line}" for line in release.lines()])


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="./buck2 run //:pin --",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="Example: ./buck2 run //:pin -- github.com/cert-manager/cert-manager@v1.21.2",
    )
    parser.add_argument("release", metavar="MODULE@VERSION", help="what to pin, and where")
    parser.add_argument("--pins", nargs=2, type=Path, action="append", required=True, metavar=("MOD", "SUM"), help="a go.mod and its go.sum")
    args = parser.parse_args()
    return exit_code(lambda: print(bump(args.release, [Pins(*pins) for pins in args.pins])))


if __name__ == "__main__":
    sys.exit(main())
