"""Values of CEL, and what can be done with values of any type.

An int is an int, a double a float, a list a list, a map a dict; what has no
type in Python has one here. Where CEL has an error these functions give None,
which is no value that any of them has: rules ask for it before they go on.
"""

# What a resource holds may be of any shape.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import math
from typing import Any

from pydantic import BaseModel

from ..fields import api_names
from ..plain import Draft, model_of, plain
from ..times import SECOND, is_int64, parse_date, parse_loose_duration, parse_rfc3339

# The first and last second that a timestamp can have: the years 1 to 9999.
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799


class UInt(int):
    """An unsigned integer of 64 bits."""

    __slots__ = ()


class Duration(int):
    """Nanoseconds."""

    __slots__ = ()


class Timestamp(int):
    """Nanoseconds since 1970, and the seconds from UTC of the zone it was written in."""

    offset: int

    def __new__(cls, nanoseconds: int, offset: int = 0) -> "Timestamp":
        """A moment as it is shown in one zone."""
        made = super().__new__(cls, nanoseconds)
        made.offset = offset
        return made


class Type(str):
    """A type as a value, by its name."""

    __slots__ = ()


def type_of(value: Any) -> Type:
    """`type(value)`."""
    if value is None:
        return Type("null_type")
    if isinstance(value, (Draft, BaseModel, dict)):
        return Type("map")
    for python, name in _NAMES:
        if isinstance(value, python):
            return Type(name)
    return Type(getattr(value, "type_name", "dyn"))


_NAMES: list[tuple[type, str]] = [
    (bool, "bool"),
    (UInt, "uint"),
    (Duration, "google.protobuf.Duration"),
    (Timestamp, "google.protobuf.Timestamp"),
    (int, "int"),
    (float, "double"),
    (Type, "type"),
    (str, "string"),
    (bytes, "bytes"),
    (list, "list"),
]


def is_type(value: Any, name: str) -> bool:
    """Whether a value has the type of this name."""
    return type_of(value) == name


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, (bool, Duration, Timestamp))


def equal(a: Any, b: Any) -> bool:
    """Equality of any two values: numbers by value, others if they have one type."""
    if _is_number(a) and _is_number(b):
        return a == b
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(equal, a, b))
    if type_of(a) != type_of(b):
        return False
    if isinstance(a, (Draft, BaseModel)) or isinstance(b, (Draft, BaseModel)):
        return equal(plain(a), plain(b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(key in b and equal(value, b[key]) for key, value in a.items())
    return a == b


def equal_sets(a: list[Any], b: list[Any]) -> bool:
    """Equality of lists whose order does not count: `x-kubernetes-list-type: set`."""
    return len(a) == len(b) and all(contains(a, element) for element in b) and all(contains(b, element) for element in a)


def equal_maps(a: list[Any], b: list[Any], *keys: str) -> bool:
    """Equality of lists whose elements have keys: `x-kubernetes-list-type: map`."""
    if len(a) != len(b):
        return False
    pairs = [(_keys(element, keys), element) for element in a]
    return all(any(equal(key, _keys(other, keys)) and equal(element, other) for key, element in pairs) for other in b)


def _keys(element: Any, keys: tuple[str, ...]) -> list[Any]:
    return [plain(element).get(key) for key in keys]


def union(a: list[Any], b: list[Any]) -> list[Any]:
    """`a + b` of sets."""
    joined = list(a)
    for element in b:
        if not contains(joined, element):
            joined.append(element)
    return joined


def merged(a: list[Any], b: list[Any], *keys: str) -> list[Any]:
    """`a + b` of lists whose elements have keys: those of b take the places of those of a."""
    joined = list(a)
    for element in b:
        key = _keys(element, keys)
        place = next((at for at, other in enumerate(joined) if equal(_keys(other, keys), key)), None)
        if place is None:
            joined.append(element)
        else:
            joined[place] = element
    return joined


def contains(whole: Any, part: Any) -> bool:
    """`part in whole`, of a list or a map."""
    return any(equal(element, part) for element in whole)


def comparable(a: Any, b: Any) -> bool:
    """Whether one of them can be less than the other."""
    if _is_number(a) and _is_number(b):
        return True
    return isinstance(a, (bool, int, str, bytes)) and not isinstance(a, Type) and type_of(a) == type_of(b)


def int64(value: int) -> bool:
    """Whether an integer did not overflow."""
    return is_int64(value)


def uint64(value: int) -> bool:
    """Whether an unsigned integer did not overflow."""
    return 0 <= value < 2**64


def divided(a: int, b: int) -> int:
    """`a / b`, cut towards zero."""
    quotient = abs(a) // abs(b)
    return quotient if (a < 0) == (b < 0) else -quotient


def remainder(a: int, b: int) -> int:
    """`a % b`, with the sign of a."""
    rest = abs(a) % abs(b)
    return -rest if a < 0 else rest


def quotient(a: float, b: float) -> float:
    """`a / b` of floats, where one may divide by zero."""
    if b != 0:
        return a / b
    if a == 0 or math.isnan(a):
        return math.nan
    return math.copysign(math.inf, a) * math.copysign(1, b)


def timestamp(nanoseconds: int, offset: int = 0) -> Timestamp | None:
    """A timestamp, if the year has four digits."""
    return Timestamp(nanoseconds, offset) if FIRST_SECOND <= nanoseconds // SECOND <= LAST_SECOND else None


def moved(moment: Timestamp, by: int) -> Timestamp | None:
    """A timestamp and a duration, which may be negative; the zone stays."""
    return timestamp(moment + by, moment.offset)


def duration(nanoseconds: int) -> Duration | None:
    """A duration, if 64 bits can hold it."""
    return Duration(nanoseconds) if is_int64(nanoseconds) else None


def from_time(text: str) -> Timestamp | None:
    """What a rule sees of a text with the format date-time or date; None if it cannot be read."""
    days = parse_date(text)
    if days is not None:
        return Timestamp(days * 86_400 * SECOND)
    found = parse_rfc3339(text)
    return None if found is None else Timestamp(*found)


def from_duration(text: str) -> Duration | None:
    """What a rule sees of a text with the format duration."""
    nanoseconds = parse_loose_duration(text)
    return None if nanoseconds is None else Duration(nanoseconds)


def from_base64(text: str) -> bytes | None:
    """What a rule sees of a text with the format byte: its alphabet is the one of URLs, unlike the format's."""
    import base64

    return None if "+" in text or "/" in text else base64.urlsafe_b64decode(text)


def name(metadata: Any) -> str:
    """`metadata.name`, also where the server generates it."""
    from ..metadata_rules import generated_name

    return generated_name(plain(metadata) or {})


def generate_name(metadata: Any) -> str:
    """`metadata.generateName`."""
    return (plain(metadata) or {}).get("generateName") or ""


def field(value: Any, name: str) -> Any:
    """A field by the name in the API; None if it is not there."""
    if isinstance(value, (Draft, BaseModel)):
        python = {api: own for own, api in api_names(model_of(value)).items()}
        return value.__dict__.get(python.get(name, ""))
    return value.get(name)
