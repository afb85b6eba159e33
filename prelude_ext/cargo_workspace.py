"""Drives cargo for a locked workspace: `fetch`, `build` and `binary`.

fetch   every registry crate of a lock file into one tar, each checked against its hash there
build   the workspace's binaries and test executables, offline, from that tar
binary  one binary straight from a checkout; for the launcher, before there is any build engine

The work folder lies in the user's cache, one for each compiler and set of flags, and is shared by
both engines, the launcher and every checkout, whatever its lock file: crates of another one lie
beside those that are used, so that a changed lock compiles only what it changes. Sources are copied there only where their
content differs, so that cargo, which looks at time stamps, rebuilds what changed and nothing else.
All paths that rustc sees are mapped to fixed ones: the bytes do not tell where they were made.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REGISTRY = "registry+https://github.com/rust-lang/crates.io-index"
KEEP_UNUSED_SECONDS = 30 * 24 * 3600
# Raise it when the flags or the layout of the work folder change.
SCHEME = "2"


class Failure(Exception):
    """What went wrong, in words for the user. `code` is the exit code: 1 did not compile, 3 bad input."""

    def __init__(self, message: str, code: int = 3) -> None:
        super().__init__(message)
        self.code = code


# ---- the lock file and its crates


@dataclass(frozen=True, order=True)
class Crate:
    """A crate that a lock file pins."""

    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        return f"{self.name}-{self.version}.crate"


def locked_crates(lock: Path) -> list[Crate]:
    """The registry crates of a lock file; the workspace's own are left out."""
    try:
        packages = tomllib.loads(lock.read_text()).get("package", [])
    except (OSError, ValueError) as error:
        raise Failure(f"{lock}: not a readable lock file: {error}") from error
    crates = []
    for package in packages:
        name, version = package["name"], package["version"]
        source, sha256 = package.get("source"), package.get("checksum")
        if source is None:
            continue
        if source != REGISTRY:
            raise Failure(f"{lock}: {name} {version} comes from {source}; only crates.io can be pinned by hash: depend on a released version")
        if sha256 is None:
            raise Failure(f"{lock}: {name} {version} has no checksum; run `cargo update -p {name}@{version}` to lock it anew")
        crates.append(Crate(name, version, sha256))
    return sorted(crates)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cargo_home() -> Path:
    home = os.environ.get("CARGO_HOME")
    return Path(home) if home else Path.home() / ".cargo"


def downloaded(crates: Iterable[Crate]) -> tuple[dict[Crate, Path], dict[Crate, Path]]:
    """The crates in cargo's download cache: those with the right hash, and those with another."""
    good: dict[Crate, Path] = {}
    bad: dict[Crate, Path] = {}
    caches = sorted(cargo_home().glob("registry/cache/*"))
    for crate in crates:
        for path in (cache / crate.file for cache in caches):
            if path.is_file():
                (good if sha256_of(path) == crate.sha256 else bad)[crate] = path
    return good, {crate: path for crate, path in bad.items() if crate not in good}


def fetch_crates(lock: Path, manifests: list[Path]) -> dict[Crate, Path]:
    """The file of every crate of the lock file, downloaded by cargo where it has none yet."""
    crates = locked_crates(lock)
    good, bad = downloaded(crates)
    if not bad and len(good) < len(crates):
        download(lock, manifests)
        good, bad = downloaded(crates)
    for crate, path in sorted(bad.items()):
        raise Failure(
            f"{lock}: {crate.name} {crate.version} is pinned as sha256 {crate.sha256}, "
            f"but {path.name} from the registry is {sha256_of(path)}.\n"
            f"Either the lock file was changed (restore it, or run `cargo update -p {crate.name}` and review), "
            f"or the download is damaged (delete {path} and build again)."
        )
    for crate in crates:
        if crate not in good:
            raise Failure(f"{lock}: cargo did not download {crate.name} {crate.version}; is it in the registry that CARGO_HOME configures?")
    return good


def download(lock: Path, manifests: list[Path]) -> None:
    """Runs `cargo fetch` on a skeleton of the workspace: its manifests and lock file, with empty sources."""
    with tempfile.TemporaryDirectory(prefix="cargo-fetch-") as folder:
        root = Path(folder)
        for manifest in manifests:
            copy = root / manifest.relative_to(lock.parent)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(manifest, copy)
            for source in target_files(tomllib.loads(manifest.read_text())):
                (copy.parent / source).parent.mkdir(parents=True, exist_ok=True)
                (copy.parent / source).touch()
        shutil.copyfile(lock, root / "Cargo.lock")
        command = ["cargo", "fetch", "--locked", "--quiet", "--manifest-path", str(root / "Cargo.toml")]
        done = run(command, cwd=root, capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(
                f"{lock}: cargo could not fetch the crates:\n{done.stderr.strip()}\n"
                "A checksum that changed means that the lock file was edited: restore it. A lock file that needs "
                "an update is one `cargo update --workspace` away. Else see that the registry can be reached."
            )


def target_files(manifest: dict) -> list[str]:
    """Where cargo looks for the sources that a manifest names; they only have to exist."""
    if "package" not in manifest:
        return []
    files = ["src/lib.rs", manifest.get("lib", {}).get("path", "src/lib.rs")]
    for kind, folder in (("bin", "src/bin"), ("test", "tests"), ("example", "examples"), ("bench", "benches")):
        for target in manifest.get(kind, []):
            files.append(target.get("path", f"{folder}/{target['name']}.rs"))
    return files


def write_tar(files: dict[str, Path], out: Path) -> None:
    """One tar with the same bytes for the same files."""
    with atomic(out) as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, path in sorted(files.items()):
            data = path.read_bytes()
            member = tarfile.TarInfo(name)
            member.size = len(data)
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(data))


# ---- the work folder


def run(command: list[str], **options) -> subprocess.CompletedProcess:
    try:
        return subprocess.run(command, **options)
    except FileNotFoundError as error:
        raise Failure(f"{command[0]} is not on PATH; install Rust (https://rustup.rs)") from error


@contextmanager
def atomic(path: Path) -> Iterator[io.BufferedWriter]:
    """A file that appears under its name when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def cache_folder(given: str | None) -> Path:
    if given or (given := os.environ.get("HERMETIC_CACHE")):
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hermetic"


def output_of(*command: str) -> str:
    done = run(list(command), capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


@dataclass(frozen=True)
class Work:
    """The folder that cargo works in, and the compiler it runs there."""

    folder: Path
    sysroot: Path
    commit: str

    @staticmethod
    def of(cache: Path) -> Work:
        version = output_of("rustc", "-vV")
        compilers = "\n".join([version, output_of("cargo", "-V"), output_of("cc", "--version").splitlines()[0]])
        digest = hashlib.sha256("\0".join([SCHEME, compilers]).encode()).hexdigest()
        commit = next((line.removeprefix("commit-hash: ") for line in version.splitlines() if line.startswith("commit-hash: ")), "")
        return Work((cache / "cargo" / digest[:16]).absolute(), Path(output_of("rustc", "--print", "sysroot")), commit)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the folder; a second build waits."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                print("waiting for another build of the tools to end", file=sys.stderr, flush=True)
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def environment(self) -> dict[str, str]:
        """All that cargo sees: no setting of the user's that could change a byte."""
        kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith("NIX_")}
        maps = [
            (self.folder, "/hermetic"),
            (self.sysroot, "/sysroot"),
            (self.sysroot / "lib/rustlib/src/rust", f"/rustc/{self.commit}"),
        ]
        flags = [f"--remap-path-prefix={path}={name}" for path, name in maps]
        c_flags = f"-ffile-prefix-map={self.folder}=/hermetic"
        return kept | {
            "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
            "CARGO_HOME": str(self.folder / "cargo-home"),
            "CARGO_INCREMENTAL": "0",
            "CARGO_TARGET_DIR": str(self.folder / "target"),
            "CARGO_TERM_COLOR": "never",
            "CFLAGS": c_flags,
            "CXXFLAGS": c_flags,
            "LC_ALL": "C",
            "SOURCE_DATE_EPOCH": "0",
            "ZERO_AR_DATE": "1",
        }


# HOME and RUSTUP_* are for rustup's stand-ins of cargo and rustc.
KEPT = {"HOME", "PATH", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR"}


def unpacked(work: Work, crate: Crate) -> bool:
    """Whether the crate lies in the vendored source, whole."""
    checksum = work.folder / "vendor" / f"{crate.name}-{crate.version}" / ".cargo-checksum.json"
    return checksum.is_file() and json.loads(checksum.read_text())["package"] == crate.sha256


def unpack_crates(work: Work, crates: Iterable[tuple[str, bytes]], lock: Path) -> None:
    """Lays out what is missing of the crates as cargo's vendored source."""
    vendor, half = work.folder / "vendor", work.folder / "vendor.half"
    vendor.mkdir(exist_ok=True)
    missing = {crate.file: crate.sha256 for crate in locked_crates(lock) if not unpacked(work, crate)}
    for name, data in crates:
        if name not in missing:
            continue
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 != missing.pop(name):
            raise Failure(f"{name} is not the one that {lock} pins: fetch the crates again")
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
            tar.extractall(half)
        folder = name.removesuffix(".crate")
        (half / folder / ".cargo-checksum.json").write_text(json.dumps({"files": {}, "package": sha256}))
        shutil.rmtree(vendor / folder, ignore_errors=True)
        (half / folder).rename(vendor / folder)
    shutil.rmtree(half, ignore_errors=True)
    if missing:
        raise Failure(f"the crates {', '.join(sorted(missing))} of {lock} are missing: fetch the crates again")


def tar_members(path: Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is not None:
                yield member.name, file.read()


def sync(source: Path, files: Iterable[str], target: Path) -> None:
    """Makes `target` hold exactly these files, writing only those that differ."""
    wanted = set(files)
    for name in sorted(wanted):
        data, copy = (source / name).read_bytes(), target / name
        if not copy.is_file() or copy.read_bytes() != data:
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(data)
    for folder, _, names in os.walk(target, topdown=False):
        for name in names:
            path = Path(folder, name)
            if path.relative_to(target).as_posix() not in wanted:
                path.unlink()
        if folder != str(target) and not os.listdir(folder):
            os.rmdir(folder)


def checkout_files(source: Path) -> list[str]:
    """What `glob(["**/*"])` gives in tools/BUCK: no hidden files, no target folder, no BUCK file."""
    found = []
    for folder, folders, names in os.walk(source):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "target"]
        found += [Path(folder, name).relative_to(source).as_posix() for name in names if name != "BUCK" and not name.startswith(".")]
    return found


def remove_unused(work: Work) -> None:
    """Deletes work folders that no build has used for a month."""
    os.utime(work.folder)
    for folder in work.folder.parent.iterdir():
        if folder != work.folder and folder.is_dir() and time.time() - folder.stat().st_mtime > KEEP_UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


# ---- cargo


@dataclass(frozen=True)
class Built:
    """Executables of the workspace, binaries by name, tests by `<package>.<test>`."""

    binaries: dict[str, Path]
    tests: dict[str, Path]


def cargo_build(work: Work, arguments: list[str], quiet: bool) -> Built:
    """Builds, showing what rustc says as it says it."""
    source = work.folder / "src"
    command = ["cargo", "build", "--release", "--frozen", "--workspace", "--message-format=json-render-diagnostics"]
    command += ["--manifest-path", str(source / "Cargo.toml")]
    command += ["--config", 'source.crates-io.replace-with="vendored"']
    command += ["--config", f"source.vendored.directory={json.dumps(str(work.folder / 'vendor'))}"]
    command += arguments + (["--quiet"] if quiet else [])
    # From the root, so that no .cargo/config.toml above the work folder is read.
    done = run(command, cwd="/", env=work.environment(), stdout=subprocess.PIPE, text=True)
    if done.returncode < 0:
        raise Failure(f"cargo was killed by signal {-done.returncode}; build again", 1)
    if done.returncode != 0:
        raise Failure("the tools did not compile; rustc's messages are above, with paths below tools/", 1)
    built = Built({}, {})
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("reason") == "compiler-artifact" and message.get("executable"):
            add(built, message)
    return built


def add(built: Built, message: dict) -> None:
    """Files an executable under its name."""
    target, executable = message["target"], Path(message["executable"])
    if not message["profile"]["test"]:
        if "bin" in target["kind"]:
            built.binaries[target["name"]] = executable
        return
    package = tomllib.loads(Path(message["manifest_path"]).read_text())["package"]["name"]
    kind = target["kind"][0]
    if kind == "test":
        name = target["name"]
    elif kind == "bin":
        name = "bin" if target["name"] == package else target["name"]
    else:
        name = "lib"
    name = f"{package}.{name}"
    if name in built.tests:
        raise Failure(f"two test executables would be named {name}: rename the integration test")
    built.tests[name] = executable


def copy_out(executables: dict[str, Path], wanted: dict[str, Path], what: str) -> None:
    for name, out in wanted.items():
        if name not in executables:
            raise Failure(f"cargo makes no {what} {name}; it makes {', '.join(sorted(executables)) or 'none'}")
        with atomic(out) as file:
            file.write(executables[name].read_bytes())
            os.fchmod(file.fileno(), 0o755)


def check_tests_are_named(built: Built, wanted: Iterable[str]) -> None:
    """No test may go unrun because nobody named its executable."""
    for name in sorted(built.tests.keys() - set(wanted)):
        listed = output_of(str(built.tests[name]), "--list", "--format=terse")
        if listed:
            example = listed.splitlines()[0].removesuffix(": test")
            raise Failure(f"{name} has tests (such as {example}) but is no target: take it off `untested` in the BUCK file")


def command_fetch(args: argparse.Namespace) -> None:
    crates = fetch_crates(args.lock, args.manifests)
    write_tar({crate.file: path for crate, path in crates.items()}, args.out)


def command_build(args: argparse.Namespace) -> None:
    lock = args.src / "Cargo.lock"
    work = Work.of(cache_folder(args.cache))
    source = args.src.absolute()
    files = [Path(os.path.abspath(line)).relative_to(source).as_posix() for line in args.files.read_text().splitlines()]
    with work.locked():
        if not all(unpacked(work, crate) for crate in locked_crates(lock)):
            unpack_crates(work, tar_members(args.crates), lock)
        sync(args.src, files, work.folder / "src")
        built = cargo_build(work, ["--bins", "--tests"], quiet=True)
        check_tests_are_named(built, (name for name, _ in args.test))
        copy_out(built.binaries, {name: Path(out) for name, out in args.bin}, "binary")
        copy_out(built.tests, {name: Path(out) for name, out in args.test}, "test executable")
        remove_unused(work)


def command_binary(args: argparse.Namespace) -> None:
    lock = args.src / "Cargo.lock"
    work = Work.of(cache_folder(args.cache))
    files = checkout_files(args.src)
    with work.locked():
        if not all(unpacked(work, crate) for crate in locked_crates(lock)):
            manifests = [args.src / name for name in files if Path(name).name == "Cargo.toml"]
            crates = fetch_crates(lock, manifests)
            unpack_crates(work, ((crate.file, path.read_bytes()) for crate, path in crates.items()), lock)
        sync(args.src, files, work.folder / "src")
        built = cargo_build(work, ["--bin", args.name], quiet=args.quiet)
        copy_out(built.binaries, {args.name: args.out}, "binary")


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(prog="cargo_workspace.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = main.add_subparsers(required=True, metavar="COMMAND")
    cache = argparse.ArgumentParser(add_help=False)
    cache.add_argument("--cache", help="the cache folder; else $HERMETIC_CACHE, else hermetic/ in the user's cache")
    cache.add_argument("--src", type=Path, required=True, help="the workspace's folder")

    fetch = commands.add_parser("fetch", help="the crates of a lock file, as one tar")
    fetch.add_argument("--lock", type=Path, required=True)
    fetch.add_argument("--out", type=Path, required=True)
    fetch.add_argument("manifests", type=Path, nargs="*", help="each Cargo.toml of the workspace")
    fetch.set_defaults(run=command_fetch)

    build = commands.add_parser("build", parents=[cache], help="binaries and test executables")
    build.add_argument("--files", type=Path, required=True, help="a file that names each source file, one a line")
    build.add_argument("--crates", type=Path, required=True, help="the tar that `fetch` made")
    build.add_argument("--bin", nargs=2, metavar=("NAME", "OUT"), action="append", default=[])
    build.add_argument("--test", nargs=2, metavar=("NAME", "OUT"), action="append", default=[])
    build.set_defaults(run=command_build)

    binary = commands.add_parser("binary", parents=[cache], help="one binary, from a checkout")
    binary.add_argument("--name", required=True)
    binary.add_argument("--out", type=Path, required=True)
    binary.add_argument("--quiet", action="store_true", help="show no progress")
    binary.set_defaults(run=command_binary)
    return main


def main() -> int:
    args = parser().parse_args()
    try:
        args.run(args)
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return failure.code
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
