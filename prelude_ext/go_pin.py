"""Takes the pin of one Go module out of a go.mod and a go.sum that hold many.

What fetches a module then depends on its own pin alone: a bump of another module does not rerun it.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

REQUIRE = re.compile(r"^\s*(?:require\s+)?(?P<module>[^\s/(][^\s(]*)\s+(?P<version>v[^\s]+)\s*(?://.*)?$")
GO = re.compile(r"^go\s+(\S+)", re.MULTILINE)


class Failure(Exception):
    """What is wrong with the pins, in words for the user."""


def version_of(module: str, mod: Path, text: str) -> str:
    if re.search(r"^\s*(?:replace\s+)?" + re.escape(module) + r"(?:\s+v\S+)?\s*=>", text, re.MULTILINE):
        raise Failure(f"{mod}: {module} is replaced; a pin has to be a release: remove the replace line")
    for line in text.splitlines():
        found = REQUIRE.match(line)
        if found and found["module"] == module:
            return found["version"]
    raise Failure(f"{mod}: no line requires {module}; add `{module} VERSION` and its line to go.sum")


def pin(module: str, mod: Path, sums: Path) -> tuple[str, str]:
    """The go.mod and the go.sum of this module alone."""
    text = mod.read_text()
    version = version_of(module, mod, text)
    zip_line = f"{module} {version} h1:"
    lines = [line for line in sums.read_text().splitlines() if line.startswith((zip_line, f"{module} {version}/go.mod h1:"))]
    if not any(line.startswith(zip_line) for line in lines):
        raise Failure(
            f"{sums}: no line holds the hash of {module} {version}\n"
            f"Review that release, then run `go mod download {module}@{version}` in {sums.parent}: it adds the line `{zip_line}…`."
        )
    go = GO.search(text)
    head = "module pin\n" + (f"\ngo {go[1]}\n" if go else "")
    return f"{head}\nrequire {module} {version}\n", "\n".join(lines) + "\n"


def write(out: Path, mod: str, sums: str) -> None:
    out.mkdir(parents=True, exist_ok=True)
    (out / "go.mod").write_text(mod)
    (out / "go.sum").write_text(sums)


def exit_code(work: Callable[[], None]) -> int:
    """Does the work; says what went wrong."""
    try:
        work()
    except (Failure, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--module", required=True, help="the module's path")
    parser.add_argument("--mod", type=Path, required=True, help="go.mod")
    parser.add_argument("--sum", type=Path, required=True, help="go.sum")
    parser.add_argument("--out", type=Path, required=True, help="the directory for the two files")
    args = parser.parse_args()
    return exit_code(lambda: write(args.out, *pin(args.module, args.mod, args.sum)))


if __name__ == "__main__":
    sys.exit(main())
