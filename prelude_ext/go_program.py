"""Drives Go for a program whose modules are pinned by a go.sum: `fetch` and `build`.

fetch  the sources of every package that the program imports, as one tar, each module checked against go.sum
build  the program, offline, from that tar

Go's build cache lies in the user's cache, one for each version of Go; the same sources give the same
bytes from a cold one.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Failure(Exception):
    """What went wrong, in words for the user. `code` is the exit code: 1 did not compile, 3 bad input."""

    def __init__(self, message: str, code: int = 3) -> None:
        super().__init__(message)
        self.code = code


@contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="go-", dir=os.environ.get("BUCK_SCRATCH_PATH")))
    try:
        yield folder.absolute()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def lay_out(args: argparse.Namespace, module: Path) -> None:
    """The program's module: go.mod, go.sum and the sources at their places beside them."""
    module.mkdir()
    root = args.mod.parent
    for file in [args.mod, args.sum, *args.srcs]:
        target = module / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())


def go(arguments: list[str], module: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    common = {"GOFLAGS": "-modcacherw", "GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
    return subprocess.run(["go", *arguments], cwd=module, env={**os.environ, **common, **env}, capture_output=True, text=True)


# ---- fetch


def proxies() -> str:
    """What Go already has comes first: its download cache has the layout of a proxy, and what comes from there is checked too."""
    asked = subprocess.run(["go", "env", "GOMODCACHE", "GOPROXY"], capture_output=True, text=True, check=True).stdout.splitlines()
    downloaded = Path(asked[0]) / "cache/download"
    return f"file://{downloaded},{asked[1]}" if downloaded.is_dir() else asked[1]


def explain(args: argparse.Namespace, said: str) -> str:
    if "checksum mismatch" in said or "SECURITY ERROR" in said:
        hint = f"A published version never changes: restore the hash in {args.sum}, or find out what the module proxy serves."
    elif "go.sum" in said:
        hint = f"Review the new modules, then run `go mod tidy` in {args.mod.parent}: it adds their lines to {args.sum.name}."
    else:
        hint = "The module proxy could not be asked, or does not have this version."
    return f"the modules of {args.mod} cannot be had:\n{said.strip()}\n{hint}"


def only_lacks_embeds(said: str) -> bool:
    """Whether all that is missing are files to embed: the compiler's matter, as a tag may leave their package out."""
    complaints = [line for line in said.splitlines() if not line.startswith("go: downloading ")]
    return all(line.startswith("go: resolving embeds in ") for line in complaints)


def fetch(args: argparse.Namespace) -> None:
    with scratch() as folder:
        module = folder / "module"
        lay_out(args, module)
        before = {name: (module / name).read_bytes() for name in ("go.mod", "go.sum")}
        env = {"GOPROXY": proxies(), "GOMODCACHE": str(folder / "modules"), "GOCACHE": str(folder / "cache")}
        vendor = ["mod", "vendor", "-o", str(folder / "vendor")]
        done = go(vendor, module, env)
        if done.returncode != 0 and only_lacks_embeds(done.stderr):
            done = go([*vendor, "-e"], module, env)
        if done.returncode != 0:
            raise Failure(explain(args, done.stderr))
        for name, text in before.items():
            if (module / name).read_bytes() != text:
                raise Failure(explain(args, f"Go would change {name}: lines of go.sum are missing"))
        (folder / "vendor").mkdir(exist_ok=True)
        pack(folder / "vendor", args.out)


def pack(folder: Path, out: Path) -> None:
    temporary = out.with_name(f".{out.name}.part")
    with tarfile.open(temporary, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                data = path.read_bytes()
                member = tarfile.TarInfo(path.relative_to(folder).as_posix())
                member.size, member.mode = len(data), 0o644
                tar.addfile(member, io.BytesIO(data))
    temporary.replace(out)


# ---- build


def build_cache() -> Path:
    cache = os.environ.get("HERMETIC_CACHE")
    base = os.environ.get("XDG_CACHE_HOME")
    root = Path(cache) if cache else (Path(base) if base else Path.home() / ".cache") / "hermetic"
    version = subprocess.run(["go", "env", "GOVERSION"], capture_output=True, text=True, check=True).stdout.strip()
    return root / "go" / version


def build(args: argparse.Namespace) -> None:
    with scratch() as folder:
        module = folder / "module"
        lay_out(args, module)
        with tarfile.open(args.modules) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # since Python 3.11.4
            tar.extractall(module / "vendor")
        cache = build_cache()
        cache.mkdir(parents=True, exist_ok=True)
        env = {"GOPROXY": "off", "GOCACHE": str(cache), "GOPATH": str(folder / "path"), "HOME": str(folder)}
        flags = ["-mod=vendor", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid="]
        flags += [f"-tags={','.join(args.tag)}"] if args.tag else []
        made = folder / "program"
        done = go(["build", *flags, "-o", str(made), args.package], module, env)
        if done.returncode != 0:
            raise Failure(f"{args.package} of {args.mod.parent} does not compile:\n{done.stderr.strip()}", code=1)
        temporary = args.out.with_name(f".{args.out.name}.part")
        shutil.copyfile(made, temporary)
        temporary.chmod(0o755)
        temporary.replace(args.out)


def parser() -> argparse.ArgumentParser:
    main = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    module = argparse.ArgumentParser(add_help=False)
    module.add_argument("--mod", type=Path, required=True, help="go.mod; the sources lie beside and below it")
    module.add_argument("--sum", type=Path, required=True, help="go.sum")
    module.add_argument("--out", type=Path, required=True)
    module.add_argument("srcs", type=Path, nargs="*", help="the program's own sources")
    commands = main.add_subparsers(required=True, metavar="COMMAND")

    fetching = commands.add_parser("fetch", parents=[module], help="the modules' sources, as one tar")
    fetching.set_defaults(run=fetch)

    building = commands.add_parser("build", parents=[module], help="the program")
    building.add_argument("--modules", type=Path, required=True, help="the tar that `fetch` made")
    building.add_argument("--package", default=".", help="the package to build")
    building.add_argument("--tag", action="append", default=[], help="a build tag")
    building.set_defaults(run=build)
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
