"""pytest's hooks: the options, the fixtures and the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from .report import Case, Recorder
from .resources import Resources


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("resources", "rendered resources and their report")
    group.addoption("--resources", metavar="NAME=FILE", action="append", default=[], help="a render, by the name that tests use")
    group.addoption("--file", metavar="NAME=FILE", action="append", default=[], help="any other file or folder, by the name that tests use")
    group.addoption("--suite", metavar="NAME", default="pytest", help="the suite's name in the report")
    group.addoption("--report", metavar="FILE", type=Path, help="write report.json here, and exit with 0 when tests fail")
    group.addoption("--junit", metavar="FILE", type=Path, help="write junit.xml here")


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Recorder(config.rootpath), "recorder")


@pytest.fixture(scope="session")
def resources(pytestconfig: pytest.Config) -> Resources:
    """The rendered resources, by the names in the BUCK file."""
    pairs = (option.partition("=") for option in pytestconfig.getoption("--resources"))
    return Resources({name: Path(file) for name, _, file in pairs})


@pytest.fixture(scope="session")
def files(pytestconfig: pytest.Config) -> dict[str, Path]:
    """The other files, by the names in the BUCK file."""
    return named_files(pytestconfig)


def named_files(config: pytest.Config) -> dict[str, Path]:
    """The same for `pytest_generate_tests`, which runs before there are fixtures."""
    pairs = (option.partition("=") for option in config.getoption("--file"))
    return {name: Path(file).absolute() for name, _, file in pairs}


# Last of all, so that no other plugin changes the exit code after it.
@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    config = session.config
    recorder: Recorder = config.pluginmanager.get_plugin("recorder")
    report, junit, suite = (config.getoption(name) for name in ("--report", "--junit", "--suite"))
    if exitstatus == pytest.ExitCode.INTERRUPTED and not recorder.cases:
        recorder.cases["session"] = Case("session", "failed", "the run was interrupted")
    if report:
        recorder.write_json(suite, report)
    if junit:
        recorder.write_junit(suite, junit)
    verdict_is_in_report = exitstatus in (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.INTERRUPTED)
    if report and verdict_is_in_report:
        session.exitstatus = pytest.ExitCode.OK
