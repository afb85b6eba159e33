"""`int(…)`, `string(…)` and the other conversions."""

import math
import re
from typing import Any

from ..times import SECOND, parse_duration, parse_rfc3339
from .times import rfc3339
from .values import Duration, Timestamp, Type, UInt, duration, int64, timestamp, uint64

_INTEGER = re.compile("[+-]?[0-9]+")
_UNSIGNED = re.compile("[0-9]+")
_FLOAT = re.compile(r"[+-]?(?:[0-9][0-9_]*\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_SPECIAL = re.compile("[+-]?(?:inf|infinity|nan)", re.IGNORECASE)
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}


def to_bool(value: Any) -> bool | None:
    """`bool(value)`, as `strconv.ParseBool` reads a text."""
    if isinstance(value, bool):
        return value
    return True if value in _TRUE else False if value in _FALSE else None


def to_bytes(value: Any) -> bytes | None:
    """`bytes(value)`."""
    if isinstance(value, bytes):
        return value
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else None


def to_double(value: Any) -> float | None:
    """`double(value)`."""
    if isinstance(value, str):
        if not _FLOAT.fullmatch(value) and not _SPECIAL.fullmatch(value):
            return None
        number = float(value)
        is_spelt = "n" in value.lower()
        return None if math.isinf(number) and not is_spelt else number
    is_number = isinstance(value, (int, float)) and not isinstance(value, (bool, Duration, Timestamp))
    return float(value) if is_number else None


def to_int(value: Any) -> int | None:
    """`int(value)`: a double is cut, a timestamp gives seconds, a duration nanoseconds."""
    if isinstance(value, bool):
        return None
    if isinstance(value, Timestamp):
        return value // SECOND
    if isinstance(value, str):
        found = int(value) if _INTEGER.fullmatch(value) else None
        return found if found is not None and int64(found) else None
    if isinstance(value, float):
        return int(value) if -(2.0**63) < value < 2.0**63 else None
    return int(value) if isinstance(value, int) and int64(value) else None


def to_uint(value: Any) -> UInt | None:
    """`uint(value)`."""
    if isinstance(value, (bool, Duration, Timestamp)):
        return None
    if isinstance(value, str):
        found = int(value) if _UNSIGNED.fullmatch(value) else -1
        return UInt(found) if uint64(found) else None
    if isinstance(value, float):
        return UInt(value) if 0 <= value < 2.0**64 else None
    return UInt(value) if isinstance(value, int) and uint64(value) else None


def to_duration(value: Any) -> Duration | None:
    """`duration(value)`."""
    if isinstance(value, Duration):
        return value
    if isinstance(value, str):
        found = parse_duration(value)
        return None if found is None else Duration(found)
    return duration(value) if isinstance(value, int) and not isinstance(value, (bool, UInt, Timestamp)) else None


def to_timestamp(value: Any) -> Timestamp | None:
    """`timestamp(value)`: a text in RFC 3339, or seconds since 1970."""
    if isinstance(value, Timestamp):
        return value
    if isinstance(value, str):
        found = parse_rfc3339(value)
        return None if found is None else timestamp(*found)
    is_int = isinstance(value, int) and not isinstance(value, (bool, UInt, Duration))
    return timestamp(value * SECOND) if is_int else None


def to_string(value: Any) -> str | None:
    """`string(value)`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Duration):
        return f"{plain_double(seconds(value))}s"
    if isinstance(value, Timestamp):
        return rfc3339(value)
    if isinstance(value, (int, str)):
        return None if isinstance(value, Type) else str(value)
    if isinstance(value, float):
        return short_double(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return None
    return value.to_string() if hasattr(value, "to_string") else None


def seconds(value: Duration) -> float:
    """A duration as Go's `Seconds` rounds it."""
    whole, rest = divmod(abs(value), SECOND)
    found = whole + rest / 1e9
    return -found if value < 0 else found


def short_double(value: float) -> str:
    """Go's `%g`: the shortest digits, with an exponent if it is less than -4 or more than 5."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    digits, exponent = _shortest(value)
    if -4 <= exponent < 6:
        return plain_double(value)
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    sign = "-" if math.copysign(1, value) < 0 else ""
    return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"


def plain_double(value: float) -> str:
    """Go's `strconv.FormatFloat(value, 'f', -1, 64)`: the shortest digits without an exponent."""
    digits, exponent = _shortest(value)
    sign = "-" if math.copysign(1, value) < 0 else ""
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def _shortest(value: float) -> tuple[str, int]:
    """The shortest digits that mean this number, and the power of ten of the first."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    power = len(digits) - len(fraction) - 1 + int(exponent or 0)
    return (digits.rstrip("0"), power) if digits else ("0", 0)
