"""The states themselves: they are one gateway's story, with resources as Crossplane and the provider leave them."""

from __future__ import annotations

import hashlib

from tests.states import OBSERVED_NAME, State


def test_names_are_those_that_crossplane_generates(state: State) -> None:
    """crossplane-runtime names a composed resource by a hash of the composite's uid and the resource's name."""
    metadata = state.composite["metadata"]
    for name, resource in state.observed.items():
        digest = hashlib.sha256((metadata["uid"] + name).encode()).hexdigest()[:12]
        assert resource["metadata"]["name"] == f"{metadata['name']}-{digest}"
        assert resource["metadata"]["generateName"] == f"{metadata['name']}-"


def test_composed_resources_belong_to_the_composite(state: State) -> None:
    composite = state.composite
    for resource in state.observed.values():
        metadata = resource["metadata"]
        assert metadata["namespace"] == composite["metadata"]["namespace"]
        assert metadata["labels"]["crossplane.io/composite"] == composite["metadata"]["name"]
        assert metadata["ownerReferences"] == [
            {
                "apiVersion": composite["apiVersion"],
                "blockOwnerDeletion": True,
                "controller": True,
                "kind": composite["kind"],
                "name": composite["metadata"]["name"],
                "uid": composite["metadata"]["uid"],
            }
        ]


def test_the_composite_refers_to_what_is_observed(state: State) -> None:
    references = {(r["apiVersion"], r["kind"], r["name"]) for r in state.composite["spec"]["crossplane"].get("resourceRefs", [])}
    observed = {(r["apiVersion"], r["kind"], r["metadata"]["name"]) for r in state.observed.values()}
    assert references == observed


def test_resources_are_the_same_in_every_state(states: dict[str, State]) -> None:
    """A resource keeps its identity and, since the request stays the same, its spec."""
    first: dict[str, tuple[str, dict]] = {}
    for state in states.values():
        if state.name == "least-request":
            continue
        for name, resource in {"": state.composite, **state.observed}.items():
            spec = {field: value for field, value in resource["spec"].items() if field != "crossplane"}
            identity = {
                "spec": spec,
                **{f: resource["metadata"].get(f) for f in ("name", "uid", "creationTimestamp", "labels")},
            }
            where, known = first.setdefault(name, (state.name, identity))
            assert identity == known, f"{name or 'the composite'} differs between {where} and {state.name}"


def test_names_and_uids_are_unique(state: State) -> None:
    resources = [state.composite, *state.observed.values()]
    assert len({r["metadata"]["uid"] for r in resources}) == len(resources)
    assert len({r["metadata"]["name"] for r in resources}) == len(resources)


def test_every_resource_is_annotated_with_its_name(state: State) -> None:
    for name, resource in state.observed.items():
        assert resource["metadata"]["annotations"][OBSERVED_NAME] == name
        assert "crossplane.io/external-create-pending" in resource["metadata"]["annotations"]
