"""The verdict of each test, written as JSON (hermetic.dev/test-report/v1) and as JUnit.

No times, no addresses, no temporary paths: the same verdicts give the same bytes.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest

SCHEMA = "hermetic.dev/test-report/v1"
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Case:
    """The verdict of one test: passed, failed or skipped."""

    name: str
    status: str
    message: str | None = None
    location: str | None = None

    def to_json(self) -> dict[str, str]:
        fields = {"name": self.name, "status": self.status, "message": self.message, "location": self.location}
        return {name: value for name, value in fields.items() if value is not None}


class Recorder:
    """Listens to pytest and keeps one case a test, in the order of the run."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.cases: dict[str, Case] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        known = self.cases.get(report.nodeid)
        if known is not None and (known.status == "failed" or report.passed):
            return
        if report.when == "call" or not report.passed:
            self.cases[report.nodeid] = self._case(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self.cases[report.nodeid] = self._case(report)

    def _case(self, report: pytest.TestReport | pytest.CollectReport) -> Case:
        if report.passed:
            return Case(report.nodeid, "passed", self._told(report))
        if report.skipped:
            return Case(report.nodeid, "skipped", self._clean(self._reason(report)), self._location(report))
        return Case(report.nodeid, "failed", self._clean(report.longreprtext), self._location(report))

    def _told(self, report: pytest.TestReport | pytest.CollectReport) -> str | None:
        """What the test has to say though it passed: `record_property("message", …)`."""
        properties = dict(report.user_properties) if isinstance(report, pytest.TestReport) else {}
        message = properties.get("message")
        return None if message is None else self._clean(str(message))

    def _reason(self, report: pytest.TestReport | pytest.CollectReport) -> str:
        if hasattr(report, "wasxfail"):
            return f"fails as expected: {report.wasxfail}".rstrip(": ")
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
        return reason.removeprefix("Skipped: ")

    def _location(self, report: pytest.TestReport | pytest.CollectReport) -> str | None:
        if isinstance(report.longrepr, tuple):
            path, line = report.longrepr[0], report.longrepr[1]
        elif crash := getattr(report.longrepr, "reprcrash", None):
            path, line = crash.path, crash.lineno
        elif getattr(report, "location", None):
            path, line = report.location[0], (report.location[1] or 0) + 1
        else:
            return None
        return f"{os.path.relpath(self.root / path, self.root)}:{line}"

    def _clean(self, text: str) -> str:
        text = text.replace(f"{self.root}/", "").replace(os.environ.get("TMPDIR", "\0"), "$TMPDIR")
        return _ADDRESS.sub("0x…", text).strip()

    def write_json(self, suite: str, path: Path) -> None:
        report = {"schema": SCHEMA, "suite": suite, "cases": [case.to_json() for case in self.cases.values()]}
        _write(path, json.dumps(report, indent=2, ensure_ascii=False) + "\n")

    def write_junit(self, suite: str, path: Path) -> None:
        cases = list(self.cases.values())
        counts = {status: sum(case.status == status for case in cases) for status in ("failed", "skipped")}
        head = f'<testsuite name={_attribute(suite)} tests="{len(cases)}" failures="{counts["failed"]}" errors="0" skipped="{counts["skipped"]}">'
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", f"  {head}"]
        lines += [_junit_case(suite, case) for case in cases]
        _write(path, "\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n")


def _junit_case(suite: str, case: Case) -> str:
    head = f"    <testcase classname={_attribute(suite)} name={_attribute(case.name)}"
    message = case.message or ""
    first = message.splitlines()[-1] if message else case.status
    if case.status == "failed":
        return f"{head}><failure message={_attribute(first)}>{escape(_xml(message))}</failure></testcase>"
    if case.status == "skipped":
        return f"{head}><skipped message={_attribute(message)}/></testcase>"
    if message:
        return f"{head}><system-out>{escape(_xml(message))}</system-out></testcase>"
    return f"{head}/>"


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def _attribute(text: str) -> str:
    return quoteattr(_xml(text), {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
