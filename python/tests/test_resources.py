"""Rendered resources are read as Kubernetes reads YAML, and found by kind, name and model."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field
from pytest_resources.resources import Resources

STREAM = """\
apiVersion: example.org/v1
kind: Widget
metadata: {name: first}
spec: {switch: on, really: true, day: 2020-01-01, port: 8080}
---
apiVersion: example.org/v1
kind: Gadget
metadata: {name: first}
---
---
apiVersion: example.org/v2
kind: Widget
metadata: {name: second}
"""


class Widget(BaseModel):
    api_version: Literal["example.org/v1"] = Field(default="example.org/v1", alias="apiVersion")
    kind: Literal["Widget"] = "Widget"
    spec: dict[str, object]


@pytest.fixture
def rendered(tmp_path: Path) -> Resources:
    (tmp_path / "main.yaml").write_text(STREAM)
    return Resources({"main": tmp_path / "main.yaml"})


def test_only_true_and_false_are_booleans_and_a_date_is_text(rendered: Resources) -> None:
    assert rendered["main"][0]["spec"] == {"switch": "on", "really": True, "day": "2020-01-01", "port": 8080}


def test_an_empty_document_is_no_resource(rendered: Resources) -> None:
    assert len(rendered["main"]) == 3


def test_find_goes_by_kind_and_name(rendered: Resources) -> None:
    assert [found["metadata"]["name"] for found in rendered.find("main", "Widget")] == ["first", "second"]
    assert rendered.find("main", "Widget", "second")[0]["apiVersion"] == "example.org/v2"


def test_typed_takes_the_models_version_only(rendered: Resources) -> None:
    assert [widget.spec["port"] for widget in rendered.typed("main", Widget)] == [8080]


def test_an_unknown_render_is_named_with_those_there_are(rendered: Resources) -> None:
    with pytest.raises(KeyError, match="no render is named 'mian'; the BUCK file names main"):
        rendered["mian"]


def test_a_model_of_no_kind_is_refused(rendered: Resources) -> None:
    class Other(BaseModel):
        spec: dict[str, object]

    with pytest.raises(TypeError, match="model of no Kubernetes kind"):
        rendered.typed("main", Other)
