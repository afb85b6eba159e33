"""What the models share; import the models instead."""

import typing

import pydantic
from cloudcoil.pydantic import BaseModel
from cloudcoil.resources import Resource

_CLOSED = pydantic.ConfigDict(extra="forbid", defer_build=True, protected_namespaces=())
_OPEN = pydantic.ConfigDict(extra="allow", defer_build=True, protected_namespaces=())


class Closed(BaseModel):
    model_config = _CLOSED


class Open(BaseModel):
    model_config = _OPEN


class ClosedResource(Resource):
    model_config = _CLOSED


class OpenResource(Resource):
    model_config = _OPEN


def one_of(*choices: typing.Any) -> pydantic.AfterValidator:
    """One of the choices, where they are no literals."""

    def check(value: typing.Any) -> typing.Any:
        if value not in choices:
            raise ValueError(f"must be one of {list(choices)}")
        return value

    return pydantic.AfterValidator(check)


def _unique(elements: list, key: typing.Callable) -> list:
    seen = set()
    for element in elements:
        if key(element) in seen:
            raise ValueError(f"the same element twice: {key(element)!r}")
        seen.add(key(element))
    return elements


def unique() -> pydantic.AfterValidator:
    """No element twice."""
    return pydantic.AfterValidator(lambda elements: _unique(elements, lambda element: element))


def unique_by(*fields: str) -> pydantic.AfterValidator:
    """No two elements with the same values of these fields."""
    return pydantic.AfterValidator(lambda elements: _unique(elements, lambda element: tuple(getattr(element, field) for field in fields)))


def match(pattern: str) -> pydantic.AfterValidator:
    """A second pattern of a text that already has one."""
    adapter = pydantic.TypeAdapter(typing.Annotated[str, pydantic.Field(pattern=pattern)])
    return pydantic.AfterValidator(adapter.validate_python)
