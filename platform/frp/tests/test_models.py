"""FRP's configuration and the client's resources as Python models."""

from __future__ import annotations

from typing import Any

import pytest
from frp.v1 import ClientConfig, ServerConfig, TCPProxyConfig, XTCPVisitorConfig
from k8s_models.api.apps.v1 import DaemonSet
from k8s_models.api.core.v1 import ConfigMap
from pydantic import ValidationError


@pytest.mark.parametrize(("render", "model"), [("frpc", ClientConfig), ("frps", ServerConfig)])
def test_what_is_rendered_comes_back_as_it_was(resources: Any, render: str, model: Any) -> None:
    [config] = resources[render]
    assert model.model_validate(config).model_dump(by_alias=True, exclude_unset=True, mode="json") == config


def test_the_clients_resources_fit_their_models(resources: Any) -> None:
    [config_map] = resources.typed("client", ConfigMap)
    [daemon_set] = resources.typed("client", DaemonSet)
    assert daemon_set.spec.template.spec.volumes[0].config_map.name == config_map.metadata.name


def test_a_proxy_is_what_its_type_says() -> None:
    read = ClientConfig.model_validate({"proxies": [{"type": "tcp", "name": "git", "localPort": 22}]})
    assert read.proxies == [TCPProxyConfig(name="git", local_port=22)]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"proxies": [{"type": "tpc", "name": "git"}]}, "does not match any of the expected tags"),
        ({"proxies": [{"type": "tcp"}]}, "Field required"),
        ({"proxies": [{"type": "tcp", "name": "git", "subdomain": "git"}]}, "Extra inputs are not permitted"),
        ({"proxies": [{"type": "http", "name": "git"}]}, "every schema of allOf"),
        ({"proxies": [{"type": "tcp", "name": "git", "annotations": {"-": ""}}]}, "a name that is not permitted"),
        ({"transport": {"heartbeatInterval": 30, "heartbeatTimeout": 10}}, "must not be less than heartbeatInterval"),
        ({"serverPort": 70000}, "less than or equal to 65535"),
    ],
)
def test_what_frp_excludes_is_refused(config: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ClientConfig.model_validate(config)


def test_a_visitor_needs_a_server() -> None:
    with pytest.raises(ValidationError, match="Field required"):
        XTCPVisitorConfig(name="git", bind_port=6000)
