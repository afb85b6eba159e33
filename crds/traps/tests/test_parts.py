"""Classes that are parts of a resource: pydantic looks at them when it is asked, and then they are models as any."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
import threading
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model, field_validator
from traps_kcl.org.example.traps import v1

FIELDS = {"foo_bar": 3, "foo-bar": True, "foobar": {"a": 2}, "items": [{"z": "x"}]}


def parts() -> list[type[BaseModel]]:
    found = [getattr(v1, name) for name in dir(v1) if not name.startswith("_")]
    return [cls for cls in found if isinstance(cls, type) and issubclass(cls, BaseModel)]


def test_threads_that_ask_at_once_see_whole_classes() -> None:
    """The first test: the others have asked."""
    classes = [cls for cls in parts() if "Resource" not in cls.__mro__[1].__name__]
    said: list[tuple[type[BaseModel], str, int]] = []

    def ask() -> None:
        for cls in classes:
            try:
                cls.model_validate({"no such field": 1})
                said.append((cls, cls.__name__, len(cls.model_fields)))
            except ValidationError as error:
                said.append((cls, error.title, len(cls.model_fields)))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(said) == 4 * len(classes)
    assert set(said) == {(cls, cls.__name__, len(cls.__annotations__)) for cls in classes}


def test_a_part_is_validated_and_dumped_in_its_resource_as_alone() -> None:
    whole = v1.Similar.model_validate({"spec": FIELDS})
    alone = v1.SimilarSpec.model_validate(FIELDS)
    assert whole.spec == alone
    assert alone.model_dump(by_alias=True, exclude_unset=True) == FIELDS
    assert whole.spec is not None and whole.spec.model_dump(by_alias=True, exclude_unset=True) == FIELDS
    assert v1.SimilarSpec(foo_bar=3, foo_bar_2=True) == v1.SimilarSpec.model_validate({"foo_bar": 3, "foo-bar": True})


def test_every_part_says_what_its_fields_are() -> None:
    for cls in parts():
        assert set(cls.model_fields) >= set(cls.__annotations__)
        assert set(cls.model_json_schema().get("properties", {})) == {field.alias for field in cls.model_fields.values()}
        assert not any(hasattr(cls, name) for name in cls.model_fields), "a field's default is no attribute of its class"
    assert v1.SimilarSpec.model_fields["foo_bar_2"].alias == "foo-bar"
    assert v1.SimilarSpec.model_fields["foobar"].annotation == v1.SimilarSpecFoobar | None


def test_a_part_is_validated_when_a_field_is_set() -> None:
    resource = v1.Similar.model_validate({"spec": FIELDS})
    assert resource.spec is not None
    resource.spec.foo_bar = 4
    with pytest.raises(ValidationError):
        resource.spec.foo_bar = "four"  # type: ignore[assignment]
    assert resource.model_dump(by_alias=True, exclude_unset=True)["spec"]["foo_bar"] == 4


def test_parts_are_copied_and_pickled() -> None:
    part = v1.SimilarSpec.model_validate(FIELDS)
    assert pickle.loads(pickle.dumps(part)) == part
    assert copy.deepcopy(part) == part
    assert part.model_copy(update={"foo_bar": 5}).foo_bar == 5


def test_a_part_can_be_a_base() -> None:
    class Own(v1.SimilarSpecFoobar):
        b: str = "x"

        @field_validator("a")
        @classmethod
        def even(cls, value: int | None) -> int | None:
            if value and value % 2:
                raise ValueError("odd")
            return value

    class Open(v1.SimilarSpecItem, extra="allow"):
        pass

    class User(BaseModel):
        """Refers to a class that only this function knows."""

        own: Own

    assert Own.model_validate({"a": 2}).model_dump() == {"a": 2, "b": "x"}
    with pytest.raises(ValidationError, match="odd"):
        Own.model_validate({"a": 1})
    assert Open.model_validate({"more": 1}).model_dump(exclude_unset=True) == {"more": 1}
    assert User.model_validate({"own": {"a": 4}}).own.a == 4
    made: Any = create_model("Made", __base__=v1.SimilarSpecItem, more=(int, 3))
    assert made(w2="x").model_dump() == {"w2": "x", "more": 3}


def test_a_part_can_be_a_field_of_another_model() -> None:
    class Other(BaseModel):
        model_config = ConfigDict(extra="forbid")

        part: v1.SimilarSpecSpec

    assert Other.model_validate({"part": {"item": {"v": "x"}}}).part.item == v1.SimilarSpecSpecItem(v="x")
    assert TypeAdapter(list[v1.SimilarSpecItem]).validate_python([{"w2": "x"}]) == [v1.SimilarSpecItem(w2="x")]


def test_a_pydantic_that_is_not_known_looks_at_every_part_at_once() -> None:
    script = f"""
import pydantic
pydantic.VERSION = "2.99.0"
from traps_kcl.org.example.traps import v1
assert list(v1.SimilarSpec.__dict__["__pydantic_fields__"]) == list(v1.SimilarSpec.__annotations__)
whole = v1.Similar.model_validate({{"spec": {FIELDS}}})
assert whole.model_dump(by_alias=True, exclude_unset=True)["spec"] == {FIELDS}
"""
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})
