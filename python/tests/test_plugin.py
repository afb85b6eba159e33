"""The plugin, run by itself: what its report says of tests that pass, fail and are skipped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

TESTS = """
import pytest

def test_passes(resources):
    assert resources["main"][0]["day"] == "2020-01-01"

def test_sees_files(files):
    assert files["other"].read_text() == "day: 2020-01-01\\n"

def test_fails():
    assert object() is None

@pytest.mark.skip(reason="not here")
def test_is_skipped(): pass

@pytest.mark.xfail(reason="known")
def test_fails_as_expected(): assert False

def test_wants_an_unknown_fixture(nothing): pass

@pytest.fixture
def breaks():
    yield
    raise ValueError("after <the> test \\x01")

def test_breaks_afterwards(breaks): pass
"""


def run(folder: Path, tests: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_inner.py").write_text(tests)
    (folder / "main.yaml").write_text("day: 2020-01-01\n")
    command = [sys.executable, "-S", "-m", "pytest", "-p", "pytest_resources.plugin", "-p", "no:cacheprovider", "--rootdir=."]
    command += ["-c", os.devnull, "--resources=main=main.yaml", "--file=other=main.yaml"]
    command += ["--suite=inner", "--report=report.json", "--junit=junit.xml", "test_inner.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def cases(folder: Path) -> dict[str, dict[str, str]]:
    report = json.loads((folder / "report.json").read_text())
    assert (report["schema"], report["suite"]) == ("hermetic.dev/test-report/v1", "inner")
    return {case["name"].removeprefix("test_inner.py::"): case for case in report["cases"]}


def test_every_verdict_is_reported(tmp_path: Path) -> None:
    done = run(tmp_path, TESTS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: case["status"] for name, case in cases(tmp_path).items()} == {
        "test_passes": "passed",
        "test_sees_files": "passed",
        "test_fails": "failed",
        "test_is_skipped": "skipped",
        "test_fails_as_expected": "skipped",
        "test_wants_an_unknown_fixture": "failed",
        "test_breaks_afterwards": "failed",
    }


def test_a_failure_says_where(tmp_path: Path) -> None:
    run(tmp_path, TESTS)
    failure = cases(tmp_path)["test_fails"]
    assert failure["location"] == "test_inner.py:11"
    assert "assert <object object at 0x…> is None" in failure["message"]


def test_a_test_that_passes_may_have_something_to_say(tmp_path: Path) -> None:
    run(tmp_path, "def test_counts(record_property):\n    record_property('message', '7 < 8\\n')\n")
    assert cases(tmp_path)["test_counts"] == {"name": "test_inner.py::test_counts", "status": "passed", "message": "7 < 8"}
    case = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite/testcase/system-out")
    assert case is not None and case.text == "7 < 8"


def test_junit_is_well_formed_and_counts(tmp_path: Path) -> None:
    run(tmp_path, TESTS)
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert {name: suite.get(name) for name in ("tests", "failures", "skipped")} == {"tests": "7", "failures": "3", "skipped": "2"}


def test_the_same_verdicts_give_the_same_bytes(tmp_path: Path) -> None:
    reports = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        run(folder, TESTS)
        reports.append([(folder / file).read_bytes() for file in ("report.json", "junit.xml")])
    assert reports[0] == reports[1]


@pytest.mark.parametrize("tests", ["def broken(:\n", "import nowhere\n"])
def test_a_file_that_cannot_be_read_is_a_failed_case(tmp_path: Path, tests: str) -> None:
    done = run(tmp_path, tests)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [case["status"] for case in cases(tmp_path).values()] == ["failed"]


def test_no_tests_are_an_empty_report(tmp_path: Path) -> None:
    assert run(tmp_path, "").returncode == 0
    assert cases(tmp_path) == {}
