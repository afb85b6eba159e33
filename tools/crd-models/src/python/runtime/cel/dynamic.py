"""Operators on values whose types are only known when a rule runs."""

# What a resource holds may be of any shape.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import Any

from .values import Duration, Timestamp, UInt, divided, duration, int64, moved, quotient, remainder, type_of, uint64


def size(value: Any) -> int | None:
    """`size(value)`."""
    return len(value) if isinstance(value, (str, bytes, list, dict)) else None


def calculated(sign: str, a: Any, b: Any) -> Any:
    """`a SIGN b`; None if they do not go together, or if it overflows."""
    names = (type_of(a), type_of(b))
    if names == ("int", "int"):
        found = _integers(sign, a, b)
        return found if found is not None and int64(found) else None
    if names == ("uint", "uint"):
        found = _integers(sign, int(a), int(b))
        return UInt(found) if found is not None and uint64(found) else None
    if names == ("double", "double"):
        return _floats(sign, a, b)
    if sign == "+" and names[0] == names[1] and names[0] in ("string", "bytes", "list"):
        return a + b
    return _times(sign, a, b) if sign in ("+", "-") else None


def _integers(sign: str, a: int, b: int) -> int | None:
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/":
            return divided(a, b) if b else None
        case _:
            return remainder(a, b) if b else None


def _floats(sign: str, a: float, b: float) -> float | None:
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "/":
            return quotient(a, b)
        case _:
            return None


def _times(sign: str, a: Any, b: Any) -> Duration | Timestamp | None:
    match sign, a, b:
        case "+", Timestamp(), Duration():
            return moved(a, b)
        case "+", Duration(), Timestamp():
            return moved(b, a)
        case "-", Timestamp(), Duration():
            return moved(a, -b)
        case ("+", Duration(), Duration()):
            return duration(a + b)
        case ("-", Duration(), Duration()) | ("-", Timestamp(), Timestamp()):
            return duration(a - b)
        case _:
            return None
