"""Compares two text files and reports the lines that differ as one test case."""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

LONGEST_DIFF = 200


def difference(actual: Path, expected: Path) -> str | None:
    """A unified diff, or nothing if the files are equal."""
    if actual.read_bytes() == expected.read_bytes():
        return None
    old, new = (path.read_text(encoding="utf-8", errors="replace").splitlines() for path in (expected, actual))
    lines = list(difflib.unified_diff(old, new, "expected", "actual", lineterm=""))
    if not lines:
        return "they differ in line ends only"
    return "\n".join(lines[:LONGEST_DIFF] + (["…"] if len(lines) > LONGEST_DIFF else []))


def one_file(path: Path) -> Path:
    """The file itself, or the only one in the directory."""
    files = sorted(child for child in path.rglob("*") if child.is_file()) if path.is_dir() else [path]
    if len(files) != 1:
        raise SystemExit(f"error: {path} holds {len(files)} files; golden_test compares one")
    return files[0]


def json_report(suite: str, case: str, location: str, message: str | None) -> str:
    verdict = {"name": case, "status": "passed"}
    if message is not None:
        verdict = {"name": case, "status": "failed", "message": message, "location": location}
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("actual", "expected", "report", "junit"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--suite", required=True)
    args = parser.parse_args()
    case = f"equals {args.expected.name}"
    message = difference(one_file(args.actual), args.expected)
    args.report.write_text(json_report(args.suite, case, f"{args.expected}:1", message), encoding="utf-8")
    args.junit.write_text(junit_report(args.suite, case, message), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
