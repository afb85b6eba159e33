"""Numbers as the API server compares them.

Every bound is a float there. An integer is compared with a bound that was cut
to an integer, a float with the bound itself (kube-openapi,
pkg/validation/validate/values.go, validator.go).
"""

import math
import struct
from typing import Any

from pydantic_core import PydanticKnownError

from .checks import Check
from .errors import broken

_INT64_MIN = -(2**63)
_INT64_MAX = 2**63 - 1
# Floats beyond it need not be the integer that was written (swag, convert.go).
_JSON_MAX = float(2**53 - 1)
_EPSILON = 1e-9
_SMALLEST = 5e-324
_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (_INT64_MIN, _INT64_MAX)}


def is_number(value: Any) -> bool:
    """A number that JSON can hold; True and False are none."""
    if type(value) is int:
        return True
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_integer(value: Any) -> bool:
    """Whether the server takes the value for an integer, give or take a billionth."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return _INT64_MIN <= value <= _INT64_MAX
    return isinstance(value, float) and _is_near_integer(value)


def _is_near_integer(value: float) -> bool:
    """`swag.IsFloat64AJSONInteger`."""
    if not -_JSON_MAX <= value <= _JSON_MAX:
        return False
    whole = float(int(value))
    if value == whole:
        return True
    difference = abs(value - whole)
    if value == 0 or whole == 0:
        return difference < _EPSILON * _SMALLEST
    return difference / (abs(value) + abs(whole)) < _EPSILON


def cut(bound: float) -> int:
    """A float as Go makes an int64 of it on x86-64: what does not fit becomes the least one."""
    whole = int(bound)
    return whole if _INT64_MIN <= whole <= _INT64_MAX else _INT64_MIN


def is_multiple(value: float, factor: float) -> bool:
    """Whether the value is a multiple of the factor, which is cut where the value is an integer."""
    if isinstance(value, int) and _INT64_MIN <= value <= _INT64_MAX:
        factor = cut(factor)
        return factor > 0 and value % factor == 0
    if factor <= 0:
        return False
    return _is_near_integer(1 / factor * value if factor < 1 else value / factor)


class Number(Check):
    """The bounds of a number: ge, gt, le, lt, a factor, and a format (int32, int64, float)."""

    __slots__ = ("format", "ge", "gt", "le", "lt", "multiple_of")

    def __init__(
        self,
        *,
        ge: float | None = None,
        gt: float | None = None,
        le: float | None = None,
        lt: float | None = None,
        multiple_of: float | None = None,
        format: str = "",
    ) -> None:
        self.ge = ge
        self.gt = gt
        self.le = le
        self.lt = lt
        self.multiple_of = multiple_of
        self.format = format

    def check(self, value: Any) -> None:
        """Refuses a number that is out of bounds; says nothing of other values."""
        if not is_number(value):
            return
        self._check_format(value)
        is_int64 = isinstance(value, int) and _INT64_MIN <= value <= _INT64_MAX
        seen = cut if is_int64 else float
        if self.ge is not None and value < seen(self.ge):
            raise PydanticKnownError("greater_than_equal", {"ge": self.ge})
        if self.gt is not None and value <= seen(self.gt):
            raise PydanticKnownError("greater_than", {"gt": self.gt})
        if self.le is not None and value > seen(self.le):
            raise PydanticKnownError("less_than_equal", {"le": self.le})
        if self.lt is not None and value >= seen(self.lt):
            raise PydanticKnownError("less_than", {"lt": self.lt})
        if self.multiple_of is not None and not is_multiple(value, self.multiple_of):
            raise PydanticKnownError("multiple_of", {"multiple_of": self.multiple_of})

    def _check_format(self, value: float) -> None:
        if self.format == "float":
            try:
                struct.pack("<f", value)
            except (OverflowError, struct.error):
                raise broken("float32", "must fit a float of 32 bits") from None
        elif self.format in _RANGES:
            least, most = _RANGES[self.format]
            if not least <= value <= most:
                raise broken(self.format, f"must fit an integer of {self.format[3:]} bits")


def integer(value: Any) -> Any:
    """An integer of 64 bits; 2.0 is one, and stays what it was."""
    if type(value) is int and _INT64_MIN <= value <= _INT64_MAX:
        return value
    if not is_integer(value):
        raise PydanticKnownError("int_type")
    if isinstance(value, float) and not value.is_integer():
        raise PydanticKnownError("int_from_float")
    return value


def number(value: Any) -> Any:
    """A number; 300 does not become 300.0."""
    if is_number(value):
        return value
    raise PydanticKnownError("float_type")


def number_or_text(value: Any) -> Any:
    """A number or a text; 300 does not become 300.0."""
    if isinstance(value, str) or is_number(value):
        return value
    raise broken("number_or_str", "must be a number or a text")


def integer_or_text(value: Any) -> Any:
    """An integer or a text."""
    if isinstance(value, str) or is_integer(value):
        return value
    raise broken("int_or_str", "must be an integer or a text")
