"""The gateway through its typed models: what is desired, and what the API takes and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from digitalocean_kcl.io.crossplane.m.digitalocean.custom.v1alpha1 import Image
from digitalocean_kcl.io.crossplane.m.digitalocean.dns.v1alpha1 import Domain, Record
from digitalocean_kcl.io.crossplane.m.digitalocean.droplet.v1alpha1 import Droplet
from digitalocean_kcl.io.crossplane.m.digitalocean.networking.v1alpha1 import Firewall
from frp_gateway_kcl.dev.hermetic.gateway.v1alpha1 import FrpGateway
from pydantic import ValidationError

MODELS = {model.__name__: model for model in (Domain, Droplet, Firewall, FrpGateway, Image, Record)}
SSH = "22"


def test_every_observed_resource_fits_its_model(state: Any) -> None:
    for resource in (state.composite, *state.observed.values()):
        MODELS[resource["kind"]].model_validate(resource)


def test_every_desired_resource_fits_its_model(state: Any) -> None:
    for resource in state.desired.values():
        MODELS[resource["kind"]].model_validate(resource)


def test_the_droplet_starts_from_the_number_of_the_image(resources: Any) -> None:
    [droplet] = resources.typed("image-ready-droplet", Droplet)
    [image] = resources.typed("image-ready-observed", Image)
    assert droplet.spec.for_provider.image == str(int(image.status.at_provider.image_id))


def test_image_and_droplet_share_a_region(resources: Any) -> None:
    [droplet] = resources.typed("complete-droplet", Droplet)
    [image] = resources.typed("complete-image", Image)
    assert image.spec.for_provider.regions == [droplet.spec.for_provider.region]


def test_records_are_those_that_were_asked_for(resources: Any) -> None:
    [gateway] = resources.typed("complete-observed", FrpGateway)
    [droplet] = resources.typed("complete-observed", Droplet)
    records = resources.typed("complete-dns", Record)
    assert [r.spec.for_provider.name for r in records] == gateway.spec.records
    assert {r.spec.for_provider.value for r in records} == {droplet.status.at_provider.ipv4_address}
    assert {r.spec.for_provider.domain for r in records} == {gateway.spec.domain}


def test_ssh_is_open_only_to_the_networks_of_the_request(resources: Any) -> None:
    [gateway] = resources.typed("complete-observed", FrpGateway)
    [firewall] = resources.typed("complete-dns", Firewall)
    ssh = [rule for rule in firewall.spec.for_provider.inbound_rule if rule.port_range == SSH]
    assert [rule.source_addresses for rule in ssh] == [gateway.spec.ssh.allow_from]


def test_ssh_is_closed_unless_the_request_opens_it(resources: Any) -> None:
    [firewall] = resources.typed("least-request-dns", Firewall)
    assert SSH not in [rule.port_range for rule in firewall.spec.for_provider.inbound_rule]


def _request(**changes: Any) -> dict[str, Any]:
    spec = {
        "region": "fra1",
        "image": {"url": "https://images.example.org/disk.raw"},
        "domain": "tunnel.example.org",
        "records": ["www"],
        "ssh": {"keyIds": ["7"]},
    }
    return {"metadata": {"name": "edge"}, "spec": spec | changes}


def test_the_least_request_gets_the_defaults() -> None:
    spec = FrpGateway.model_validate(_request()).spec
    assert (spec.size, spec.ttl, spec.image.distribution, spec.ssh.allow_from) == ("s-1vcpu-1gb", 300, "Unknown", [])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("region", "mars1"),
        ("region", None),
        ("size", "Large"),
        ("image", {"url": "http://images.example.org/disk.raw"}),
        ("image", {"url": "https://images.example.org"}),
        ("image", {"url": "https://images.example.org/disk.raw", "distribution": "Windows"}),
        ("image", {}),
        ("domain", "localhost"),
        ("domain", "Tunnel.example.org"),
        ("records", []),
        ("records", ["www", "www"]),
        ("records", ["a.b"]),
        ("records", "www"),
        ("ssh", {"keyIds": ["ops"]}),
        ("ssh", {"keyNames": []}),
        ("frp", {"bindPort": 0}),
        ("frp", {"bindPort": "7000"}),
        ("frp", {"tcpPorts": [65536]}),
        ("ttl", 29),
        ("providerConfigRef", {"kind": "Config"}),
        ("regoin", "fra1"),
    ],
)
def test_a_wrong_request_is_refused_at_its_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        FrpGateway.model_validate(_request(**{field: value}))
    assert {error["loc"][:2] for error in refusal.value.errors()} == {("spec", field)}


def test_a_request_without_a_required_field_is_refused() -> None:
    for field in ("region", "image", "domain", "records", "ssh"):
        request = _request()
        del request["spec"][field]
        with pytest.raises(ValidationError, match=f"spec.{field}"):
            FrpGateway.model_validate(request)
