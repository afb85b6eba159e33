"""Stands in for a tool: writes the arguments it was given to the outputs it was asked for."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from xml.sax.saxutils import escape

# Where the engine puts outputs, and where the repository lies in another one.
NOT_OURS = re.compile(r"buck-out/\S*?/(?=__\w+__/)|(?<![^=])[^=\s]+/(?=rules/tests)")
REPORT = {
    "schema": "hermetic.dev/test-report/v1",
    "suite": "recorder",
    "cases": [{"name": "was called", "status": "passed"}],
}
JUNIT = '<testsuites><testsuite name="recorder" tests="0"><system-out>\n{}</system-out></testsuite></testsuites>\n'


def write(flag: str, path: Path, text: str) -> None:
    """Writes what the tool would write for this flag."""
    if flag in ("--out", "--tar") and path.suffix:
        path.write_text(text)
    if flag == "--report":
        path.write_text(json.dumps(REPORT))
    if flag == "--junit":
        path.write_text(JUNIT.format(escape(text)))
    if flag in ("--kcl", "--python", "--jsonschema") or flag == "--out" and not path.suffix:
        path.mkdir(parents=True, exist_ok=True)
        (path / "arguments.txt").write_text(text)


def main() -> None:
    arguments = sys.argv[1:]
    text = "".join(NOT_OURS.sub("", argument) + "\n" for argument in arguments)
    for flag, value in zip(arguments, arguments[1:], strict=False):
        write(flag, Path(value), text)
    for argument in arguments:
        if re.match("--out(-observed|-step=[^=]*)?=", argument):
            Path(argument.rpartition("=")[2]).write_text(text)


main()
