"""The fields of models: how they are written, and what the API calls them."""

# pyright: reportUnknownMemberType=false

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel

_ANNOTATED: Any = type(Annotated[int, ""])

# Where a class at which pydantic has not looked yet keeps what it was made of.
BODY = "__body__"


class Name:
    """How the API calls a field whose name does not follow from the one in Python."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


class _Required:
    """The default of a field that has none."""


REQUIRED = _Required()


class Part(NamedTuple):
    """A field."""

    annotation: Any
    markers: tuple[Any, ...]
    default: Any
    alias: str | None = None


def is_late(model: type[BaseModel]) -> bool:
    """Whether pydantic has not looked at a class yet."""
    return BODY in model.__dict__


def parts(model: type[BaseModel]) -> dict[str, Part]:
    """The fields of a class by their names in Python."""
    body: dict[str, Any] | None = model.__dict__.get(BODY)
    if body is not None:
        return {name: _written(annotation, body.get(name, REQUIRED)) for name, annotation in model.__annotations__.items()}
    return {
        name: Part(field.annotation, tuple(field.metadata), REQUIRED if field.is_required() else field.default, field.alias)
        for name, field in model.model_fields.items()
    }


def _written(annotation: Any, default: Any) -> Part:
    if type(annotation) is not _ANNOTATED:
        return Part(annotation, (), default)
    return Part(annotation.__origin__, annotation.__metadata__, default)


@cache
def api_names(model: type[BaseModel]) -> dict[str, str]:
    """How the API calls a model's fields, by their names in Python."""
    return named(parts(model))


def named(fields: Mapping[str, Part]) -> dict[str, str]:
    """How the API calls these fields."""
    return {name: _api_name(name, part) for name, part in fields.items()}


def name_fields(model: type[BaseModel]) -> dict[str, str]:
    """The same; pydantic is told, too."""
    names = api_names(model)
    for name, field in model.model_fields.items():
        field.alias = field.validation_alias = field.serialization_alias = names[name]
    return names


def _api_name(name: str, part: Part) -> str:
    """`source_ref` is `sourceRef`, unless an alias or a marker says otherwise."""
    for marker in part.markers:
        if isinstance(marker, Name):
            return marker.name
    if part.alias is not None:
        return part.alias
    first, *words = name.split("_")
    return first + "".join(word.capitalize() for word in words)
