"""What the API server asks of metadata.

Decoding refuses unknown fields and other types (apiextensions-apiserver,
pkg/apiserver/schema/objectmeta/coerce.go); then names, labels and the rest
follow apimachinery, pkg/api/validation/objectmeta.go.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from pydantic_core import PydanticKnownError

from .errors import Fault, broken
from .times import is_int64, parse_rfc3339

Place = tuple[str | int, ...]
Decode = Callable[[Any, Place], Iterator[Fault]]
Fields = Mapping[str, Any]

_LABEL = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_IS_LABEL = re.compile(_LABEL)
_IS_SUBDOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_IS_NAME_PART = re.compile("[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?")
_IS_KIND = re.compile("[a-z](?:[-a-z0-9]*[a-z0-9])?")
_ANNOTATIONS_LIMIT = 256 * 1024
# A generated name begins with this much of its prefix and has five characters more (apiserver, pkg/storage/names).
_PREFIX_LENGTH = 58
_SUFFIX = "bbbbb"


def decoded(metadata: Any) -> Iterator[Fault]:
    """What decoding refuses."""
    return _struct(_OBJECT_META)(metadata, ())


def rooted(metadata: Fields, *, namespaced: bool) -> Iterator[Fault]:
    """What is asked of the metadata of a resource."""
    prefix, name = _text(metadata, "generateName"), generated_name(metadata)
    if prefix:
        yield from _must(("generateName",), prefix, subdomain_problem(masked(prefix)))
    if name:  # whatever has none yet may get one: from Crossplane, or from another part of a program
        yield from _must(("name",), name, subdomain_problem(name))
    if namespaced:
        yield from _namespace(metadata)
    yield from _common(metadata)


def embedded(resource: Fields) -> Iterator[Fault]:
    """What is asked of a resource inside a resource, whose name may be whatever a URL's path can hold."""
    yield from _type(resource)
    if "metadata" not in resource:
        return
    faults = list(decoded(resource["metadata"]))
    metadata: Fields = resource["metadata"] or {}
    if not faults:
        faults = [*_segment(metadata, "name"), *_segment(metadata, "generateName"), *_namespace(metadata), *_common(metadata)]
    for fault in faults:
        yield fault._replace(place=("metadata", *fault.place))


def generated_name(metadata: Fields) -> str:
    """The name, or one as the server would make it of generateName."""
    name, prefix = _text(metadata, "name"), _text(metadata, "generateName")
    return name or (prefix[:_PREFIX_LENGTH] + _SUFFIX if prefix else "")


def _must(place: Place, value: Any, problem: str) -> Iterator[Fault]:
    if problem:
        yield Fault(place, broken("metadata", problem), value)


def _text(fields: Fields, name: str) -> str:
    return fields.get(name) or ""


# Decoding


def _string(value: Any, place: Place) -> Iterator[Fault]:
    if value is not None and not isinstance(value, str):
        yield Fault(place, PydanticKnownError("string_type"), value)


def _boolean(value: Any, place: Place) -> Iterator[Fault]:
    if value is not None and not isinstance(value, bool):
        yield Fault(place, PydanticKnownError("bool_type"), value)


def _integer(value: Any, place: Place) -> Iterator[Fault]:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if value is not None and not (is_number and value == int(value) and is_int64(int(value))):
        yield Fault(place, PydanticKnownError("int_type"), value)


def _time(value: Any, place: Place) -> Iterator[Fault]:
    if value is not None and not (isinstance(value, str) and parse_rfc3339(value) is not None):
        yield Fault(place, broken("time", "must be a time as in RFC 3339"), value)


def _anything(_value: Any, _place: Place) -> Iterator[Fault]:
    return iter(())


def _texts(value: Any, place: Place) -> Iterator[Fault]:
    if value is not None and not isinstance(value, dict):
        yield Fault(place, PydanticKnownError("dict_type"), value)
        return
    for key, entry in cast("dict[str, Any]", value or {}).items():
        yield from _string(entry, (*place, key))


def _list(decode: Decode) -> Decode:
    def read(value: Any, place: Place) -> Iterator[Fault]:
        if value is not None and not isinstance(value, list):
            yield Fault(place, PydanticKnownError("list_type"), value)
            return
        for index, element in enumerate(cast("list[Any]", value or [])):
            yield from decode(element, (*place, index))

    return read


def _struct(fields: Mapping[str, Decode]) -> Decode:
    def read(value: Any, place: Place) -> Iterator[Fault]:
        if value is not None and not isinstance(value, dict):
            yield Fault(place, PydanticKnownError("dict_type"), value)
            return
        for name, entry in cast("dict[str, Any]", value or {}).items():
            decode = fields.get(name)
            if decode is None:
                yield Fault((*place, name), PydanticKnownError("extra_forbidden"), entry)
            else:
                yield from decode(entry, (*place, name))

    return read


_OWNER_REFERENCE: dict[str, Decode] = {
    "apiVersion": _string,
    "blockOwnerDeletion": _boolean,
    "controller": _boolean,
    "kind": _string,
    "name": _string,
    "uid": _string,
}
_MANAGED_FIELDS_ENTRY: dict[str, Decode] = {
    "apiVersion": _string,
    "fieldsType": _string,
    "fieldsV1": _anything,
    "manager": _string,
    "operation": _string,
    "subresource": _string,
    "time": _time,
}
_OBJECT_META: dict[str, Decode] = {
    "annotations": _texts,
    "creationTimestamp": _time,
    "deletionGracePeriodSeconds": _integer,
    "deletionTimestamp": _time,
    "finalizers": _list(_string),
    "generateName": _string,
    "generation": _integer,
    "labels": _texts,
    "managedFields": _list(_struct(_MANAGED_FIELDS_ENTRY)),
    "name": _string,
    "namespace": _string,
    "ownerReferences": _list(_struct(_OWNER_REFERENCE)),
    "resourceVersion": _string,
    "selfLink": _string,
    "uid": _string,
}

# Rules


def _common(metadata: Fields) -> Iterator[Fault]:
    generation = metadata.get("generation")
    yield from _must(("generation",), generation, "must not be negative" if (generation or 0) < 0 else "")
    yield from _labels(metadata.get("labels") or {})
    yield from _annotations(metadata.get("annotations") or {})
    yield from _owners(metadata.get("ownerReferences") or [])
    yield from _finalizers(metadata.get("finalizers") or [])
    for index, entry in enumerate(metadata.get("managedFields") or []):
        yield from _managed(("managedFields", index), entry or {})


def _namespace(metadata: Fields) -> Iterator[Fault]:
    namespace = _text(metadata, "namespace")
    if namespace:
        yield from _must(("namespace",), namespace, label_problem(namespace))


def _labels(labels: Fields) -> Iterator[Fault]:
    for key, value in labels.items():
        yield from _must(("labels", key), value, qualified_name_problem(key))
        yield from _must(("labels", key), value, label_value_problem(value or ""))


def _annotations(annotations: Fields) -> Iterator[Fault]:
    size = 0
    for key, value in annotations.items():
        yield from _must(("annotations", key), value, qualified_name_problem(key.lower()))
        size += len(key.encode()) + len((value or "").encode())
    if size > _ANNOTATIONS_LIMIT:
        yield Fault(("annotations",), broken("metadata", "must have no more than 262144 bytes"), size)


def _owners(owners: list[Fields | None]) -> Iterator[Fault]:
    for index, reference in enumerate(owners):
        for field in ("apiVersion", "kind", "name", "uid"):
            yield from _must(("ownerReferences", index, field), None, "" if _text(reference or {}, field) else "must not be empty")
        group, mark, version = _text(reference or {}, "apiVersion").rpartition("/")
        if "/" in group or (mark and not version):
            yield Fault(("ownerReferences", index, "apiVersion"), broken("metadata", "must be group/version or version"), reference)
        if (group, version, _text(reference or {}, "kind")) == ("", "v1", "Event"):
            yield Fault(("ownerReferences", index), broken("metadata", "an Event owns nothing"), reference)
    if sum(1 for reference in owners if reference and reference.get("controller")) > 1:
        yield Fault(("ownerReferences",), broken("metadata", "only one reference can be the controller"), owners)


def _finalizers(finalizers: list[str | None]) -> Iterator[Fault]:
    for index, finalizer in enumerate(finalizers):
        yield from _must(("finalizers", index), finalizer, qualified_name_problem(finalizer or ""))
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        yield Fault(("finalizers",), broken("metadata", "orphan and foregroundDeletion exclude each other"), finalizers)


def _managed(place: Place, entry: Fields) -> Iterator[Fault]:
    operation, fields_type = _text(entry, "operation"), _text(entry, "fieldsType")
    manager, subresource = _text(entry, "manager"), _text(entry, "subresource")
    yield from _must((*place, "operation"), operation, "" if operation in ("Apply", "Update") else "must be Apply or Update")
    yield from _must((*place, "fieldsType"), fields_type, "" if fields_type in ("", "FieldsV1") else "must be FieldsV1")
    is_good = len(manager.encode()) <= 128 and manager.isprintable()
    yield from _must((*place, "manager"), manager, "" if is_good else "must have no more than 128 bytes, all printable")
    yield from _must((*place, "subresource"), subresource, "" if len(subresource.encode()) <= 256 else "must have no more than 256 bytes")


def _type(resource: Fields) -> Iterator[Fault]:
    """apiVersion and kind of an embedded resource."""
    for field, problem in (("apiVersion", _version_problem), ("kind", _kind_problem)):
        value = resource.get(field)
        if field not in resource:
            yield Fault((field,), PydanticKnownError("missing"), resource)
        elif not isinstance(value, str):
            yield Fault((field,), PydanticKnownError("string_type"), value)
        else:
            yield from _must((field,), value, problem(value) if value else "must not be empty")


def _version_problem(version: str) -> str:
    return "must be group/version or version" if version.count("/") > 1 else ""


def _kind_problem(kind: str) -> str:
    is_kind = len(kind) <= 63 and _IS_KIND.fullmatch(kind.lower())
    return "" if is_kind else "must begin with a letter and have letters, digits and '-'"


def _segment(metadata: Fields, field: str) -> Iterator[Fault]:
    name = _text(metadata, field)
    if (field == "name" and name in (".", "..")) or "/" in name or "%" in name:
        yield Fault((field,), broken("metadata", "must be a part of a URL's path: not '.' or '..', without '/' and '%'"), name)


def label_problem(name: str) -> str:
    """What is wrong with an RFC 1123 label."""
    if len(name.encode()) > 63:
        return "must have no more than 63 bytes"
    return "" if _IS_LABEL.fullmatch(name) else "must be an RFC 1123 label: small letters, digits and '-'"


def subdomain_problem(name: str) -> str:
    """What is wrong with an RFC 1123 subdomain."""
    if len(name.encode()) > 253:
        return "must have no more than 253 bytes"
    return "" if _IS_SUBDOMAIN.fullmatch(name) else "must be an RFC 1123 subdomain: small letters, digits, '-' and '.'"


def label_value_problem(value: str) -> str:
    """What is wrong with the value of a label; nothing if it is empty."""
    is_value = not value or (len(value.encode()) <= 63 and _IS_NAME_PART.fullmatch(value))
    return "" if is_value else "must have up to 63 letters, digits, '-', '_' and '.'"


def masked(prefix: str) -> str:
    """The prefix of a name with a letter in the place of the dash at its end."""
    return prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def qualified_name_problem(key: str) -> str:
    """What is wrong with a qualified name: `example.com/MyName`."""
    prefix, mark, name = key.rpartition("/")
    if "/" in prefix:
        return "must have one '/' at most"
    if mark and subdomain_problem(prefix):
        return f"its prefix {subdomain_problem(prefix)}"
    is_name = len(name.encode()) <= 63 and _IS_NAME_PART.fullmatch(name)
    return "" if is_name else "its name must have up to 63 letters, digits, '-', '_' and '.'"
