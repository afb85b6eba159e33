"""The metadata of a resource: how it is read, kept and checked."""

# What a resource holds may be of any shape.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

from cloudcoil.apimachinery import FieldsV1, ManagedFieldsEntry, ObjectMeta, OwnerReference, Time
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SerializeAsAny, model_serializer
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from .checks import Check
from .conditions import Part
from .errors import Fault, broken, refuse
from .fields import api_names
from .metadata_rules import decoded, embedded, generated_name, rooted
from .plain import plain

_Model = TypeVar("_Model", bound=BaseModel)


class Timestamp(Time):
    """A time that remembers how it was written."""

    _text: str = PrivateAttr(default="")

    @model_serializer
    def _as_written(self) -> str:
        return self._text

    @classmethod
    def read(cls, text: str) -> "Timestamp":
        """A time in RFC 3339; one before the year 1 becomes the first that Python knows."""
        moment = datetime.min.replace(tzinfo=UTC) if text.startswith("0000") else datetime.fromisoformat(text)
        made = cls(moment)
        made._text = text
        return made


class KeptFields(FieldsV1):
    """The fields that a manager set."""

    model_config = ConfigDict(extra="allow")


class KeptEntry(ManagedFieldsEntry):
    """What a manager set, and when; keeps every byte."""

    model_config = ConfigDict(defer_build=True)

    fields_v1: SerializeAsAny[FieldsV1 | None] = Field(default=None, alias="fieldsV1")
    time: SerializeAsAny[Time | None] = None


class Metadata(ObjectMeta):
    """The metadata of a resource; keeps every byte."""

    model_config = ConfigDict(defer_build=True)

    creation_timestamp: SerializeAsAny[Time | None] = Field(default=None, alias="creationTimestamp")
    deletion_timestamp: SerializeAsAny[Time | None] = Field(default=None, alias="deletionTimestamp")
    managed_fields: SerializeAsAny[list[ManagedFieldsEntry] | None] = Field(default=None, alias="managedFields")


def metadata_schema() -> CoreSchema:
    """What reads the metadata of a resource."""
    shown = core_schema.dict_schema(core_schema.str_schema())
    return core_schema.no_info_before_validator_function(_read, core_schema.any_schema(), json_schema_input_schema=shown)


def _read(value: Any) -> ObjectMeta:
    if isinstance(value, ObjectMeta):
        return value
    if not isinstance(value, dict):
        raise PydanticKnownError("dict_type")
    refuse("metadata", decoded(value))
    return _made(Metadata, cast("dict[str, Any]", value))


def _made(model: type[_Model], fields: dict[str, Any]) -> _Model:
    """An instance of what was decoded, with its fields in their order."""
    model.model_rebuild()
    python = {api: name for name, api in api_names(model).items()}
    values = {python[api]: _CONVERT.get(api, _same)(value) for api, value in fields.items() if value is not None}
    made = model.model_construct(set(values), **values)
    object.__setattr__(made, "__dict__", values | made.__dict__)
    return made


def _same(value: Any) -> Any:
    return value


def _texts(value: dict[str, str | None]) -> dict[str, str]:
    """To the server a null label is an empty one."""
    return {key: text or "" for key, text in value.items()}


_CONVERT: dict[str, Callable[[Any], Any]] = {
    "annotations": _texts,
    "creationTimestamp": Timestamp.read,
    "deletionTimestamp": Timestamp.read,
    "fieldsV1": lambda value: KeptFields.model_validate(value) if isinstance(value, dict) else value,
    "finalizers": lambda value: [text or "" for text in value],
    "labels": _texts,
    "managedFields": lambda value: [_made(KeptEntry, entry or {}) for entry in value],
    "ownerReferences": lambda value: [_made(OwnerReference, reference or {}) for reference in value],
    "time": Timestamp.read,
}


class Names(Check):
    """The names of a resource, and what its schema says of them."""

    __slots__ = ("namespaced", "part")

    def __init__(self, *, namespaced: bool = True, part: Part | None = None) -> None:
        self.namespaced = namespaced
        self.part = part

    def faults(self, value: Any) -> list[Fault]:
        """What is wrong with the metadata of the resource."""
        metadata: dict[str, Any] = plain(value.metadata) or {}
        found = list(rooted(metadata, namespaced=self.namespaced))
        if self.part and not self.part.holds(metadata | {"name": generated_name(metadata)}):
            found.append(Fault((), broken("metadata", "the schema of the metadata is not satisfied"), metadata))
        return [fault._replace(place=("metadata", *fault.place)) for fault in found]


class Embedded(Check):
    """A resource inside a resource."""

    __slots__ = ()

    def check(self, value: Any) -> None:
        """Refuses what is no resource."""
        if value is not None:
            refuse("resource", embedded(plain(value)))

    def faults(self, value: Any) -> list[Fault]:
        """What is wrong with the resource."""
        return list(embedded(plain(value)))
