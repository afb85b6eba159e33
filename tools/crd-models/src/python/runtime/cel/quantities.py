"""`quantity`: numbers with a suffix (apimachinery, pkg/api/resource).

The server keeps small ones as an int64 and a power of ten, others as decimals;
only the former can be integers to it.
"""

import re
from dataclasses import dataclass
from typing import Any

from ..times import is_int64

_PARTS = re.compile(r"([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[+-]?[0-9]*)")
_DECIMAL = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_EXPONENT = re.compile("[eE][+-]?[0-9]+")
_DIGITS = 18
_NANO = -9


@dataclass(frozen=True, eq=False)
class Quantity:
    """`value * 10 ** scale`; `small` is whether the server keeps an int64."""

    value: int
    scale: int
    small: bool = True
    type_name = "kubernetes.Quantity"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Quantity) and compare(self, other) == 0

    def __hash__(self) -> int:
        return hash(approximate_float(self))


def _suffix(text: str) -> tuple[int, int] | None:
    """Base and exponent."""
    if text in _DECIMAL:
        return 10, _DECIMAL[text]
    if text in _BINARY:
        return 2, _BINARY[text]
    if not _EXPONENT.fullmatch(text) or not is_int64(int(text[1:])):
        return None
    return 10, (int(text[1:]) + 2**31) % 2**32 - 2**31


def quantity(text: str) -> Quantity | None:
    """`resource.ParseQuantity`. A sign, a dot or a suffix without digits is zero to it."""
    match = _PARTS.fullmatch(text)
    suffix = _suffix(match[5]) if match else None
    if match is None or suffix is None or not text:
        return None
    return _made(match[1] == "-", match[3] or "0", match[4] or "", *suffix)


def _made(negative: bool, whole: str, fraction: str, base: int, exponent: int) -> Quantity | None:
    digits = int(whole + fraction)
    small = _small(digits, whole, fraction, base, exponent)
    if small is not None:
        value, scale = small
        return Quantity(-value if negative else value, scale)
    value, scale = digits, -len(fraction)
    if base == 10:
        scale += exponent
    else:
        value <<= exponent
    value, scale = _rounded_up(value, scale)
    if base == 2 and value * 10 ** max(scale, 0) > (2**63 - 1) * 10 ** max(-scale, 0):
        value, scale = 2**63 - 1, 0
    return Quantity(-value if negative else value, scale, small=False)


def _small(digits: int, whole: str, fraction: str, base: int, exponent: int) -> tuple[int, int] | None:
    """Value and scale, if the server takes its fast path."""
    if base == 10:
        precision, scale, factor = _DIGITS - len(whole) - len(fraction), exponent, 1
    elif fraction:
        return None
    else:
        precision, scale, factor = 15 - len(whole) - exponent * 3 // 10 - 1, 0, 1 << exponent
    scale -= len(fraction)
    if precision < 0 or scale < _NANO or not is_int64(digits * factor):
        return None
    return digits * factor, scale


def _rounded_up(value: int, scale: int) -> tuple[int, int]:
    """To nano, away from zero."""
    if scale >= _NANO:
        return value, scale
    unit = 10 ** (_NANO - scale)
    return -(-value // unit), _NANO


def is_quantity(text: str) -> bool:
    """Whether a text is a quantity."""
    return quantity(text) is not None


def _magnitude(a: Quantity) -> int:
    """How many digits stand before the point."""
    return len(str(abs(a.value))) + a.scale if a.value else 0


def compare(a: Quantity, b: Quantity) -> int:
    """-1, 0 or 1."""
    if sign(a) != sign(b) or not a.value:
        return (sign(a) > sign(b)) - (sign(a) < sign(b))
    # Numbers of another length need not be written out, which could take forever.
    if _magnitude(a) != _magnitude(b):
        return sign(a) if _magnitude(a) > _magnitude(b) else -sign(a)
    scale = min(a.scale, b.scale)
    first, second = a.value * 10 ** (a.scale - scale), b.value * 10 ** (b.scale - scale)
    return (first > second) - (first < second)


def sign(a: Quantity) -> int:
    """-1, 0 or 1."""
    return (a.value > 0) - (a.value < 0)


def approximate_float(a: Quantity) -> float:
    """The nearest float, nearly."""
    return float(a.value) * float(f"1e{a.scale}") if a.scale else float(a.value)


def as_integer(a: Quantity) -> int | None:
    """The whole number; None if it is none, or too big."""
    if not a.small or a.scale < 0:
        return None
    value = a.value * 10**a.scale
    return value if is_int64(value) else None


def is_integer(a: Quantity) -> bool:
    """Whether there is a whole number."""
    return as_integer(a) is not None


def added(a: Quantity, b: Quantity | int) -> Quantity:
    """The sum."""
    other = Quantity(b, 0) if isinstance(b, int) else b
    if a.small and other.small and not (a.value and other.value):
        return other if other.value else a
    scale = min(a.scale, other.scale)
    value = a.value * 10 ** (a.scale - scale) + other.value * 10 ** (other.scale - scale)
    return Quantity(value, scale, a.small and other.small and is_int64(value))


def subtracted(a: Quantity, b: Quantity | int) -> Quantity:
    """The difference."""
    other = Quantity(b, 0) if isinstance(b, int) else b
    return added(a, Quantity(-other.value, other.scale, other.small))
