"""Kubernetes' own kinds as Python models."""

from __future__ import annotations

from typing import Any

import pytest
from k8s_models import get_model
from k8s_models.api.apps.v1 import Deployment, DeploymentSpec
from k8s_models.api.core.v1 import Container, Pod
from k8s_models.api.rbac.v1 import ClusterRole
from pydantic import ValidationError


def deployment(**container: Any) -> dict[str, Any]:
    """A Deployment with one container."""
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx", **container}]},
            },
        },
    }


def test_a_resource_comes_back_as_it_was() -> None:
    given = deployment(ports=[{"containerPort": 80, "protocol": "TCP"}], resources={"limits": {"cpu": "250m", "memory": 1}})
    dumped = Deployment.model_validate(given).model_dump(by_alias=True, exclude_unset=True, mode="json")
    assert dumped == given


def test_types_are_shared_by_the_kinds_that_use_them() -> None:
    pod = Pod(metadata={"name": "a"}, spec={"containers": [Container(name="a")]})
    spec = DeploymentSpec.model_validate(deployment()["spec"])
    assert type(pod.spec.containers[0]) is type(spec.template.spec.containers[0]) is Container


@pytest.mark.parametrize(
    ("container", "words"),
    [
        ({"imagePullPolicy": "Sometimes"}, "'Always', 'Never' or 'IfNotPresent'"),
        ({"ports": [{"containerPort": "80"}]}, "valid integer"),
        ({"ports": [{}]}, "Field required"),
        ({"resources": {"limits": {"cpu": "250x"}}}, "should match pattern"),
        ({"resources": {"limits": {"cpu": True}}}, "must be a number or a text"),
        ({"unknown": 1}, "Extra inputs are not permitted"),
    ],
)
def test_what_the_types_exclude_is_refused(container: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Deployment.model_validate(deployment(**container))


def test_a_role_is_called_as_it_likes() -> None:
    assert ClusterRole(metadata={"name": "system:node"}).metadata.name == "system:node"


def test_a_kind_is_found_by_its_name() -> None:
    assert get_model("Pod", api_version="v1") is Pod
    assert get_model("Deployment", api_version="apps/v1") is Deployment
