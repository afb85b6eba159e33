"""Makes one check and reports it as one test case: that two files are equal, or that a command succeeds."""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

LONGEST_DIFF = 200
# By our tools' convention: 0 done, 1 a check failed, all else a mistake in how they were called.
VERDICTS = (0, 1)


class Failure(Exception):
    """Why the check could not be made."""


def one_file(path: Path) -> Path:
    """The file itself, or the only one in the directory."""
    files = sorted(child for child in path.rglob("*") if child.is_file()) if path.is_dir() else [path]
    if len(files) != 1:
        raise Failure(f"{path} holds {len(files)} files; golden_test compares one")
    return files[0]


def difference(actual: Path, expected: Path) -> str | None:
    """A unified diff, or nothing if the files are equal."""
    if actual.read_bytes() == expected.read_bytes():
        return None
    old, new = (path.read_text(encoding="utf-8", errors="replace").splitlines() for path in (expected, actual))
    lines = list(difflib.unified_diff(old, new, "expected", "actual", lineterm=""))
    if not lines:
        return "they differ in line ends only"
    return "\n".join(lines[:LONGEST_DIFF] + (["…"] if len(lines) > LONGEST_DIFF else []))


def complaint(command: list[str]) -> str | None:
    """What the command says, or nothing if it succeeds."""
    done = subprocess.run(command, capture_output=True, text=True)
    said = (done.stdout + done.stderr).strip()
    if done.returncode not in VERDICTS:
        raise Failure(f"{Path(command[0]).name} exited with {done.returncode}:\n{said}")
    return said or "the check failed and said nothing" if done.returncode else None


def json_report(suite: str, case: str, location: str | None, message: str | None) -> str:
    verdict = {"name": case, "status": "passed" if message is None else "failed"}
    if message is not None:
        verdict |= {"message": message} | ({"location": location} if location else {})
    report = {"schema": "hermetic.dev/test-report/v1", "suite": suite, "cases": [verdict]}
    return json.dumps(report, indent=2, ensure_ascii=False) + "\n"


def junit_report(suite: str, case: str, message: str | None) -> str:
    head = f"<testcase classname={quoteattr(suite)} name={quoteattr(case)}"
    body = f"{head}/>" if message is None else f'{head}><failure message="not as expected">{escape(message)}</failure></testcase>'
    counts = f'tests="1" failures="{0 if message is None else 1}" errors="0" skipped="0"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
        f"  <testsuite name={quoteattr(suite)} {counts}>\n    {body}\n  </testsuite>\n</testsuites>\n"
    )


def parser() -> argparse.ArgumentParser:
    reports = argparse.ArgumentParser(add_help=False)
    reports.add_argument("--suite", required=True)
    reports.add_argument("--report", type=Path, required=True)
    reports.add_argument("--junit", type=Path, required=True)
    main = argparse.ArgumentParser(description=__doc__)
    checks = main.add_subparsers(dest="check", required=True)
    equal = checks.add_parser("equal", parents=[reports])
    equal.add_argument("--actual", type=Path, required=True)
    equal.add_argument("--expected", type=Path, required=True)
    command = checks.add_parser("command", parents=[reports])
    command.add_argument("--case", required=True, help="what the command checks")
    command.add_argument("command", nargs="+")
    return main


def main() -> int:
    args = parser().parse_args()
    try:
        if args.check == "equal":
            case, location = f"equals {args.expected.name}", f"{args.expected}:1"
            message = difference(one_file(args.actual), args.expected)
        else:
            case, location = args.case, None
            message = complaint(args.command)
        args.report.write_text(json_report(args.suite, case, location, message), encoding="utf-8")
        args.junit.write_text(junit_report(args.suite, case, message), encoding="utf-8")
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 3
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
