"""`string.format`: cel-go's first version, which is the one that the API server has.

Source: `ext/formatting.go` of cel-go; numbers with a point are written as in English.
"""

# What a resource holds may be of any shape.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

import math
import re
from typing import Any

from pydantic import BaseModel

from ..plain import Draft, plain
from .conversions import to_double, to_string
from .texts import go_quote
from .times import rfc3339
from .values import Duration, Timestamp, Type, is_type

_CLAUSE = re.compile(r"%(?:%|(?:\.([0-9]+))?([sdfebxXo]))")
_DEFAULT_PRECISION = 6
_NUMBERS_AS_TEXT = ("NaN", "Infinity", "-Infinity")
_SUPERSCRIPT = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


class _Refused(ValueError):
    """A value that a clause does not take."""


def formatted(text: str, arguments: list[Any]) -> str | None:
    """The text with its clauses replaced; None if they and the arguments do not fit."""
    rest = list(arguments)
    out: list[str] = []
    at = 0
    try:
        while True:
            start = text.find("%", at)
            if start < 0:
                return "".join([*out, text[at:]])
            clause = _CLAUSE.match(text, start)
            if clause is None:
                return None
            out += [text[at:start], _clause(clause, rest)]
            at = clause.end()
    except (_Refused, IndexError):
        return None


def _clause(clause: re.Match[str], arguments: list[Any]) -> str:
    if clause[0] == "%%":
        return "%"
    value = arguments.pop(0)
    precision = int(clause[1]) if clause[1] else _DEFAULT_PRECISION
    match clause[2]:
        case "s":
            return _text(value)
        case "d":
            return str(_integer(value))
        case "f":
            return _fixed(_double(value), precision)
        case "e":
            return _scientific(_double(value), precision)
        case "b":
            return format(int(value) if isinstance(value, bool) else _integer(value), "b")
        case "o":
            return format(_integer(value), "o")
        case other:
            return _hex(value, other)


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, list):
        return f"[{', '.join(map(_element, value))}]"
    if isinstance(value, (dict, Draft, BaseModel)):
        entries = sorted((_key(key), _element(entry)) for key, entry in plain(value).items())
        return "{" + ", ".join(f"{key}:{entry}" for key, entry in entries) + "}"
    text = str(value) if isinstance(value, Type) else to_string(value) if _is_plain(value) else None
    if text is None:
        raise _Refused
    return text


def _is_plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str, bytes))


def _key(key: Any) -> str:
    return go_quote(key) if isinstance(key, str) else _text(key)


def _element(value: Any) -> str:
    """A value inside of a list or a map, as it is written in CEL."""
    if isinstance(value, Timestamp):
        return f"timestamp({go_quote(rfc3339(value))})"
    if isinstance(value, Duration):
        return f"duration({go_quote(_text(value))})"
    if isinstance(value, float):
        return f"{value:.{_DEFAULT_PRECISION}f}" if math.isfinite(value) else f'"{to_string(value)}"'
    if isinstance(value, str) and not isinstance(value, Type):
        return go_quote(value)
    return f"b{go_quote(_text(value))}" if isinstance(value, bytes) else _text(value)


def _integer(value: Any) -> int:
    if is_type(value, "int") or is_type(value, "uint"):
        return int(value)
    raise _Refused


def _double(value: Any) -> float:
    number = to_double(value) if isinstance(value, float) or value in _NUMBERS_AS_TEXT else None
    if number is None:
        raise _Refused
    # The printer writes no sign before zero.
    return number or 0.0


def _special(value: float) -> str:
    """What a number that is none is called."""
    if math.isfinite(value):
        return ""
    return "NaN" if math.isnan(value) else "∞" if value > 0 else "-∞"


def _fixed(value: float, precision: int) -> str:
    return _special(value) or f"{value:,.{precision}f}"


def _scientific(value: float, width: int) -> str:
    # cel-go asks its printer for a width, where it means a precision.
    mantissa, _, exponent = f"{value:.{_DEFAULT_PRECISION}e}".partition("e")
    power = exponent.lstrip("+").translate(_SUPERSCRIPT)
    return (_special(value) or f"{mantissa}×10{power}").rjust(width)


def _hex(value: Any, clause: str) -> str:
    if isinstance(value, (str, bytes)) and not isinstance(value, Type):
        digits = (value.encode() if isinstance(value, str) else value).hex()
        return digits.upper() if clause == "X" else digits
    return format(_integer(value), clause)
