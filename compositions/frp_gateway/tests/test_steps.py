"""What holds for the steps together, whatever the state."""

from __future__ import annotations

from typing import Any

from tests.states import DESIRED_READY, State


def _differences(desired: Any, observed: Any, path: str) -> list[str]:
    """Where a desired value is not in the observed one: maps by subset, lists and values exactly."""
    if isinstance(desired, dict) and isinstance(observed, dict):
        return [difference for key, value in desired.items() for difference in _differences(value, observed.get(key), f"{path}.{key}")]
    return [] if desired == observed else [f"{path}: desired {desired!r}, observed {observed!r}"]


def _condition(resource: dict[str, Any]) -> str:
    return next(c["status"] for c in resource["status"]["conditions"] if c["type"] == "Ready")


def test_nothing_that_exists_is_given_up(state: State) -> None:
    """Crossplane deletes what is observed and not desired."""
    assert state.observed.keys() <= state.desired.keys()


def test_what_exists_is_not_changed(state: State) -> None:
    """The request is the same in all states: a difference would be a step that changes its mind."""
    differences = [
        difference
        for name, resource in state.observed.items()
        for difference in _differences(state.desired[name]["spec"], resource["spec"], f"{name}.spec")
    ]
    assert not differences


def test_kinds_do_not_change(state: State) -> None:
    for name, resource in state.observed.items():
        desired = state.desired[name]
        assert (desired["apiVersion"], desired["kind"]) == (resource["apiVersion"], resource["kind"])


def test_readiness_follows_the_observed_condition(state: State) -> None:
    ready = {name: resource["metadata"]["annotations"][DESIRED_READY] for name, resource in state.desired.items()}
    observed = {name: _condition(state.observed[name]) if name in state.observed else "False" for name in state.desired}
    assert ready == observed


def test_names_are_left_to_crossplane(state: State) -> None:
    for resource in state.desired.values():
        assert resource["metadata"].keys() == {"annotations", "generateName"}


def test_the_order_is_image_droplet_then_the_rest(states: dict[str, State]) -> None:
    seen = {name: sorted(state.desired) for name, state in states.items()}
    everything = ["apex", "domain", "droplet", "firewall", "image", "record-dashboard", "wildcard"]
    assert seen == {
        "nothing-observed": ["image"],
        "image-pending": ["image"],
        "image-copying": ["image"],
        "image-ready": ["droplet", "image"],
        "droplet-without-address": ["droplet", "image"],
        "droplet-with-address": everything,
        "complete": everything,
        "provider-outage": everything,
        "least-request": ["domain", "droplet", "firewall", "image", "record-www"],
    }


def test_the_status_is_kept_through_an_outage(states: dict[str, State]) -> None:
    assert states["provider-outage"].status == states["complete"].status


def test_a_steady_gateway_reports_the_status_that_it_has(states: dict[str, State]) -> None:
    complete = states["complete"]
    observed = {field: value for field, value in complete.composite["status"].items() if field != "conditions"}
    assert complete.status == observed
