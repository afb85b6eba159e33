"""What pydantic validates with, made of the fields of a class.

pydantic's own way from annotations to a schema asks more questions than these
annotations leave open; this one takes a fraction of the time. The schema is
pydantic's all the same, and so are its errors, dumps and JSON Schemas.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from cloudcoil.apimachinery import ObjectMeta
from pydantic import BaseModel, GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from .checks import Check, Choices, Dropped, Entries, Given, Items, Nullable, Text, formatted
from .errors import refuse
from .fields import REQUIRED, Name, Part, api_names, is_late, name_fields, named, parts
from .metadata import metadata_schema
from .numeric import integer, integer_or_text, number, number_or_text
from .plain import Draft

Handler = core_schema.ValidatorFunctionWrapHandler

_ANY = core_schema.any_schema()
_BOOL = core_schema.bool_schema(strict=True)
_TEXT = core_schema.str_schema(strict=True)


def of_model(model: type[BaseModel], checks: tuple[Check, ...]) -> CoreSchema:
    """The schema of a class: nulls that say nothing go, the fields are validated, then the checks run."""
    fields = parts(model)
    # Where pydantic looks later it is told then.
    names = named(fields) if is_late(model) else name_fields(model)
    name = model.__name__
    extra = model.model_config.get("extra") or "forbid"
    schema: CoreSchema = {
        "type": "model-fields",
        "fields": {name: _field(part, names[name]) for name, part in fields.items()},
        "extra_behavior": extra,
        "model_name": name,
    }
    if checks:
        schema = core_schema.no_info_after_validator_function(_finisher(model, checks), schema)
    config: core_schema.CoreConfig = {
        "title": name,
        "extra_fields_behavior": extra,
        "validate_by_alias": True,
        "validate_by_name": False,
    }
    whole: CoreSchema = {"type": "model", "cls": model, "schema": schema, "config": config}
    return core_schema.no_info_wrap_validator_function(_reader(fields, names), whole)


def around_own(model: type[BaseModel], checks: tuple[Check, ...], source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """The same around pydantic's schema of a class with validators of its own."""
    names = name_fields(model)
    schema = handler(source)

    def finish(made: BaseModel) -> BaseModel:
        refuse(model.__name__, [fault for check in checks for fault in check.faults(made)])
        return made

    checked = core_schema.no_info_after_validator_function(finish, schema)
    return core_schema.no_info_wrap_validator_function(_reader(parts(model), names), checked)


def _is_nullable(markers: Iterable[Any]) -> bool:
    return any(isinstance(marker, Nullable) for marker in markers)


def _finisher(model: type[BaseModel], checks: tuple[Check, ...]) -> Callable[[Any], Any]:
    """Runs the checks of a class on its validated fields, before there is an object that could break them."""

    def finish(parts: tuple[dict[str, Any], dict[str, Any] | None, set[str]]) -> Any:
        draft = Draft(model, parts)
        refuse(model.__name__, [fault for check in checks for fault in check.faults(draft)])
        return parts

    return finish


def _reader(parts: Mapping[str, Part], names: Mapping[str, str]) -> Callable[[Any, Handler], Any]:
    """Drops nulls that say nothing, and keeps the order in which the fields were written."""
    fields = {api: name for name, api in names.items()}
    without_null = {key for name, api in names.items() if not _is_nullable(parts[name].markers) for key in (name, api)}

    def read(data: Any, handler: Handler) -> Any:
        if type(data) is not dict:
            return handler(data)
        given = cast("dict[str, Any]", data)
        if any(value is None for value in given.values()):
            given = {key: value for key, value in given.items() if value is not None or key not in without_null}
        made = handler(given)
        values: dict[str, Any] = made.__dict__
        ordered = {name: values[name] for key in given if (name := fields.get(key)) is not None}
        object.__setattr__(made, "__dict__", ordered | values)
        return made

    return read


def _field(part: Part, api_name: str) -> core_schema.ModelField:
    schema = _value(part.annotation, part.markers)
    default = part.default
    if default is not REQUIRED:
        with_default: core_schema.WithDefaultSchema = {
            "type": "default",
            "schema": schema,
            "default": default,
            "validate_default": default is not None,
        }
        schema = with_default
    return {"type": "model-field", "schema": schema, "validation_alias": api_name, "serialization_alias": api_name}


def _value(annotation: Any, markers: Sequence[Any]) -> CoreSchema:
    """The schema of a value; what the markers say is said of all but null."""
    common = None if markers else _COMMON.get(annotation)
    return common or _of_markers(annotation, markers)


def _of_markers(annotation: Any, markers: Sequence[Any]) -> CoreSchema:
    if get_origin(annotation) is Annotated:
        annotation, *inner = get_args(annotation)
        markers = [*inner, *markers]
    members = get_args(annotation) if get_origin(annotation) in (UnionType, Union) else (annotation,)
    others = [member for member in members if member is not NoneType]
    given, checks = _sorted(markers)
    is_refused = any(isinstance(marker, Nullable) and marker.refused for marker in markers)
    schema = _typed(others, checks)
    if len(others) < len(members) and not is_refused:
        schema = core_schema.nullable_schema(schema)
    if given is not None:
        schema = core_schema.no_info_before_validator_function(_filler(given.value), schema)
    return schema


def _sorted(markers: Iterable[Any]) -> tuple[Given | None, list[Check]]:
    given: Given | None = None
    checks: list[Check] = []
    for marker in markers:
        if isinstance(marker, Given):
            given = marker
        elif not isinstance(marker, (Name, Nullable, Dropped)):
            checks.append(marker)
    return given, checks


def _filler(value: Any) -> Callable[[Any], Any]:
    return lambda given: deepcopy(value) if given is None else given


def _typed(members: list[Any], checks: list[Check]) -> CoreSchema:
    """The schema of one of these types, and what is checked of it."""
    schema = _union(members, checks) if len(members) > 1 else _single(*members, checks=checks)
    for check in checks:
        schema = core_schema.no_info_after_validator_function(checker(check), schema)
    return schema


def checker(check: Check) -> Callable[[Any], Any]:
    """A check as a function that gives back what it lets pass."""

    def run(value: Any) -> Any:
        check.check(value)
        return value

    return run


def _union(members: list[Any], checks: list[Check]) -> CoreSchema:
    if float in members and str in members:
        return _function(number_or_text, core_schema.union_schema([core_schema.float_schema(), _TEXT]))
    if float in members:
        return _function(number, core_schema.float_schema())
    if int in members:
        return _function(integer_or_text, core_schema.union_schema([core_schema.int_schema(), _TEXT]))
    models = [member for member in members if member is not Any]
    if len(models) > 1:
        return _one_of(models)
    [model] = models
    return core_schema.no_info_wrap_validator_function(_objects_only, _single(model, checks=checks))


def _one_of(models: list[type[Any]]) -> CoreSchema:
    """One of several models, told apart by a field in which each has texts of its own."""
    field, texts = next(found for field in parts(models[0]) if (found := (field, _texts(models, field)))[1])
    api_name = api_names(models[0])[field]

    def chosen(value: Any) -> Any:
        if isinstance(value, Mapping):
            return cast("Mapping[str, Any]", value).get(api_name)
        return getattr(value, field, None)

    choices = {text: model.__checked_schema__() for text, model in texts.items()}
    return core_schema.tagged_union_schema(choices, chosen)


def _texts(models: list[type[Any]], field: str) -> dict[str, type[Any]]:
    """The model of each text that the field may be; none if it does not tell the models apart."""
    found: dict[str, type[Any]] = {}
    for model in models:
        part = parts(model).get(field)
        texts = get_args(part.annotation) if part and get_origin(part.annotation) is Literal else ()
        if not texts or found.keys() & set(texts):
            return {}
        found |= dict.fromkeys(texts, model)
    return found


def _objects_only(value: Any, handler: Handler) -> Any:
    """Where a schema names fields but no type, values of other types pass."""
    return handler(value) if isinstance(value, (Mapping, BaseModel)) else value


def _single(annotation: Any, checks: list[Check]) -> CoreSchema:
    if annotation is str:
        return _text(checks)
    if annotation is int:
        return _function(integer, core_schema.int_schema())
    if annotation is bool:
        return _BOOL
    if annotation is Any:
        return _ANY
    origin = get_origin(annotation)
    if origin is list:
        return _list(annotation, checks)
    if origin is dict:
        return _map(annotation, checks)
    if origin is Literal:
        return _choice(get_args(annotation), checks)
    if annotation is ObjectMeta:
        return metadata_schema()
    if hasattr(annotation, "__checked_schema__"):
        return annotation.__checked_schema__()
    # A field of a subclass, not of ours.
    return TypeAdapter(annotation).core_schema


def _choice(choices: tuple[Any, ...], checks: list[Check]) -> CoreSchema:
    """One of these, of one type."""
    if isinstance(choices[0], str):
        return core_schema.literal_schema(list(choices))
    checks.insert(0, Choices(*choices))
    return _BOOL if isinstance(choices[0], bool) else _function(integer, core_schema.literal_schema(list(choices)))


def _function(function: Callable[[Any], Any], shown: CoreSchema) -> CoreSchema:
    """A function that validates, and what a JSON Schema shows for it."""
    # Values are dumped as they are: 2.0 may stand for an integer.
    return core_schema.no_info_before_validator_function(function, _ANY, json_schema_input_schema=shown)


def _text(checks: list[Check]) -> CoreSchema:
    if any(isinstance(check, Text) and check.format for check in checks):
        return _function(formatted, _TEXT)
    for check in checks:
        if isinstance(check, Text) and not check.patterns and (check.max_length or 0) >= 0:
            checks.remove(check)
            return core_schema.str_schema(strict=True, min_length=check.min_length, max_length=check.max_length)
    return _TEXT


def _list(annotation: Any, checks: list[Check]) -> CoreSchema:
    [element] = get_args(annotation)
    least = most = None
    for check in checks:
        if isinstance(check, Items) and (check.max_length or 0) >= 0:
            least, most = check.min_length, check.max_length
            if not (check.unique or check.keys):
                checks.remove(check)
            break
    return core_schema.list_schema(_value(element, ()), min_length=least, max_length=most)


def _map(annotation: Any, checks: list[Check]) -> CoreSchema:
    _, entry = get_args(annotation)
    least = most = None
    for check in checks:
        if isinstance(check, Entries) and (check.max_length or 0) >= 0:
            least, most = check.min_length, check.max_length
            checks.remove(check)
            break
    entries = core_schema.dict_schema(_TEXT, _value(entry, ()), min_length=least, max_length=most)
    return entries if _keeps_null(entry) else core_schema.no_info_before_validator_function(_without_null, entries)


def _keeps_null(entry: Any) -> bool:
    """Whether a null in a map is a value, or stands for one."""
    if get_origin(entry) is Annotated:
        entry, *markers = get_args(entry)
        if any(isinstance(marker, (Given, Nullable)) for marker in markers):
            return True
        if any(isinstance(marker, Dropped) for marker in markers):
            return False
    return entry is Any or NoneType in get_args(entry)


def _without_null(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    entries = cast("dict[str, Any]", value)
    return {name: entry for name, entry in entries.items() if entry is not None}


# Most fields are one of these.
_COMMON: dict[Any, CoreSchema] = {hint: _of_markers(hint, ()) for hint in (str, str | None, int, int | None, bool, bool | None)}
