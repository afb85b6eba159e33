"""A state of the gateway: what was observed, and what the steps desire then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

STEPS = ("image", "droplet", "dns")
COMPOSITE = "FrpGateway"
DESIRED_NAME = "krm.kcl.dev/composition-resource-name"
DESIRED_READY = "krm.kcl.dev/ready"
OBSERVED_NAME = "crossplane.io/composition-resource-name"

Resource = dict[str, Any]


def _by_name(resources: list[Resource], annotation: str) -> dict[str, Resource]:
    """The composed resources by name; no name may come twice."""
    named = {resource["metadata"]["annotations"][annotation]: resource for resource in resources}
    assert len(named) == len(resources), "two resources have one composition resource name"
    return named


@dataclass(frozen=True)
class State:
    """What was observed, and what all steps together desire then."""

    name: str
    composite: Resource
    observed: dict[str, Resource]
    desired: dict[str, Resource]
    status: dict[str, Any]

    @classmethod
    def read(cls, name: str, renders: Any) -> State:
        composite, *observed = renders[f"{name}-observed"]
        items = [item for step in STEPS for item in renders[f"{name}-{step}"]]
        statuses = [item["status"] for item in items if item["kind"] == COMPOSITE]
        return cls(
            name=name,
            composite=composite,
            observed=_by_name(observed, OBSERVED_NAME),
            desired=_by_name([item for item in items if item["kind"] != COMPOSITE], DESIRED_NAME),
            status={field: value for status in statuses for field, value in status.items()},
        )
