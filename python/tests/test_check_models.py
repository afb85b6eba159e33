"""What is said of a model that refuses a sample, changes it, or takes it as it is."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field


class Gear(BaseModel):
    model_config = ConfigDict(extra="forbid")

    teeth: int = Field(ge=3)
    metals: list[str] = []
    ratio: float | None = None


@pytest.fixture
def check_models(files: dict[str, Path]) -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_models", files["check_models"])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("resource", "verdict"),
    [
        ({"teeth": 3, "metals": ["brass"]}, (None, True)),
        ({"teeth": 3, "ratio": None}, (None, True)),
        ({"teeth": 2}, ("teeth: Input should be greater than or equal to 3", False)),
        ({"teeth": 3, "metals": [1]}, ("metals.0: Input should be a valid string", False)),
        ({"teeth": 3, "extra": 1}, ("extra: Extra inputs are not permitted", False)),
        ({"teeth": "3"}, ('it comes back as {"teeth": 3}', True)),
        ({"teeth": 3, "ratio": 1}, ('it comes back as {"teeth": 3, "ratio": 1.0}', True)),
    ],
)
def test_a_sample_is_taken_refused_or_changed(check_models: ModuleType, resource: dict[str, Any], verdict: tuple[str | None, bool]) -> None:
    assert check_models.judge(Gear, resource) == verdict


@pytest.mark.parametrize(
    ("given", "dumped", "same"),
    [
        ({"a": None}, {}, True),
        ({"a": None}, {"a": "default"}, True),
        ({"a": 1}, {}, False),
        ({}, {"a": 1}, False),
        ([1, 2], [2, 1], False),
        ([1], [1, 2], False),
        (1, 1.0, False),
        (1, True, False),
        ({"a": [{"b": "c"}]}, {"a": [{"b": "c"}]}, True),
    ],
)
def test_only_a_null_may_change(check_models: ModuleType, given: Any, dumped: Any, same: bool) -> None:
    assert check_models.is_same(given, dumped) is same
