"""The states of the gateway as fixtures: a test with the argument `state` runs once a state."""

from __future__ import annotations

from typing import Any

import pytest
from tests.states import State


def _names(config: pytest.Config) -> list[str]:
    renders = [option.partition("=")[0] for option in config.getoption("--resources")]
    return [render.removesuffix("-observed") for render in renders if render.endswith("-observed")]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "state" in metafunc.fixturenames:
        metafunc.parametrize("state", _names(metafunc.config), indirect=True)


@pytest.fixture
def state(request: pytest.FixtureRequest, resources: Any) -> State:
    return State.read(request.param, resources)


@pytest.fixture
def states(pytestconfig: pytest.Config, resources: Any) -> dict[str, State]:
    return {name: State.read(name, resources) for name in _names(pytestconfig)}
