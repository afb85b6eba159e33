"""Values as the API sees them."""

# What a resource holds may be of any shape.
# pyright: reportPrivateUsage=false, reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import json
from collections.abc import Hashable, Mapping
from typing import Any

from pydantic import BaseModel, RootModel

from .fields import api_names


class Draft:
    """A model whose fields are validated and which does not exist yet.

    Its attributes are the fields, by their names in Python, with defaults in place.
    """

    __slots__ = ("__dict__", "_extra", "_given", "_model")

    def __init__(self, model: type[BaseModel], parts: tuple[dict[str, Any], dict[str, Any] | None, set[str]]) -> None:
        self.__dict__, self._extra, self._given = parts
        self._model = model

    def _plain(self) -> dict[str, Any]:
        """The object with the API's names, defaults included."""
        return _object(self._model, self.__dict__, self._extra, self._given)


def model_of(value: Draft | BaseModel) -> type[BaseModel]:
    """The class that a value is, or becomes, an object of."""
    return value._model if isinstance(value, Draft) else type(value)


def plain(value: Any) -> Any:
    """A value with models as objects; fields that are not there are left out."""
    if isinstance(value, Draft):
        return value._plain()
    if isinstance(value, RootModel):
        return value.model_dump(mode="json")
    if isinstance(value, BaseModel):
        return _object(type(value), value.__dict__, value.model_extra, value.model_fields_set)
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return value


def _object(model: type[BaseModel], values: Mapping[str, Any], extra: dict[str, Any] | None, given: set[str]) -> dict[str, Any]:
    names = api_names(model)
    # A null that was given is a value of its own.
    found = {names[name]: plain(value) for name, value in values.items() if value is not None or name in given}
    return {**found, **(extra or {})}


def canonical(value: Any) -> Hashable:
    """The same for values that JSON cannot tell apart: 1 and 1.0 differ, the order of fields does not count."""
    if isinstance(value, str):
        return value
    return (json.dumps(plain(value), sort_keys=True, ensure_ascii=False, default=str),)
