"""What a schema says of a value beyond its type, as annotations.

A check of null passes: whether null is a value is said elsewhere.
"""

# What a resource holds may be of any shape.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from .errors import Fault, broken
from .patterns import compiled, matcher
from .plain import canonical, plain


class Check:
    """Refuses some values."""

    __slots__ = ()

    def check(self, value: Any) -> None:
        """Raises PydanticCustomError or PydanticKnownError if the value is refused."""
        raise NotImplementedError

    def faults(self, value: Any) -> list[Fault]:
        """What is wrong with the value, and where below it."""
        try:
            self.check(value)
        except (PydanticCustomError, PydanticKnownError) as error:
            return [Fault((), error, plain(value))]
        return []

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In other models than ours it is a validator as any."""

        def run(value: Any) -> Any:
            self.check(value)
            return value

        return core_schema.no_info_after_validator_function(run, handler(source))


class Given:
    """What the server puts in the place of a null in a list or a map."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Nullable:
    """Null is a value of its own, not the lack of one; one that is `refused` where it is none of the choices."""

    __slots__ = ("refused",)

    def __init__(self, *, refused: bool = False) -> None:
        self.refused = refused


class Dropped:
    """A null in a map is dropped, though anything else may be there."""

    __slots__ = ()


class Unknown(Check):
    """What becomes of fields of an object that declares none."""

    __slots__ = ("scalars",)

    def __init__(self, *, scalars: bool) -> None:
        self.scalars = scalars

    def check(self, value: Any) -> None:
        """Refuses unknown fields; `scalars` keeps those that are no object with fields of their own."""
        if not isinstance(value, dict):
            return
        for name, entry in value.items():
            if not self.scalars or _has_fields(entry):
                raise broken("extra_forbidden", f"the schema knows no field {name!r}" + (" with fields of its own" if self.scalars else ""))


def _has_fields(value: Any) -> bool:
    if isinstance(value, list):
        return any(_has_fields(element) for element in value)
    return isinstance(value, dict) and bool(value)


class Never(Check):
    """A bound that the server can apply to no value."""

    __slots__ = ("why",)

    def __init__(self, why: str) -> None:
        self.why = why

    def check(self, value: Any) -> None:
        """Refuses everything but null."""
        if value is not None:
            raise broken("never", self.why)


class Text(Check):
    """The bounds of a text. Patterns are in the syntax of pydantic's engine."""

    __slots__ = ("format", "max_length", "min_length", "patterns")

    def __init__(self, *patterns: str, min_length: int | None = None, max_length: int | None = None, format: str = "") -> None:
        self.patterns = patterns
        self.min_length = min_length
        self.max_length = max_length
        self.format = format

    def check(self, value: Any) -> None:
        """Refuses a text that is out of bounds; says nothing of other values."""
        if not isinstance(value, str):
            return
        if self.min_length is not None and len(value) < self.min_length:
            raise PydanticKnownError("string_too_short", {"min_length": self.min_length})
        if self.max_length is not None and len(value) > self.max_length:
            # A negative limit lets no text pass.
            raise PydanticKnownError("string_too_long", {"max_length": max(self.max_length, 0)})
        for pattern in self.patterns:
            if not matcher(pattern)(value):
                raise PydanticKnownError("string_pattern_mismatch", {"pattern": pattern})
        if self.format and not has_format(self.format, value):
            raise broken("string_format", f"must be of the format {self.format}")


class Search(Check):
    """A pattern that only Python's own engine knows, in Go's syntax."""

    __slots__ = ("pattern",)

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern

    def check(self, value: Any) -> None:
        """Refuses a text in which the pattern does not match; says nothing of other values."""
        if isinstance(value, str) and compiled(self.pattern).search(value) is None:
            raise PydanticKnownError("string_pattern_mismatch", {"pattern": self.pattern})


def has_format(name: str, text: str) -> bool:
    """Whether a text has a format."""
    # They take a while to load, and most kinds have none.
    from .formats import CHECKS

    return CHECKS[name.replace("-", "")](text)


def text_of(value: Any) -> Any:
    """The text of a value of Python's own that stands for one."""
    from .times import time_text, timedelta_text

    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return timedelta_text(value)
    if isinstance(value, (bytes, bytearray)):
        import base64

        return base64.b64encode(value).decode()
    return value


def formatted(value: Any) -> Any:
    """A text with a format. Where one is asked for the server takes lists too (kube-openapi, pkg/validation/validate/type.go)."""
    value = text_of(value)
    if isinstance(value, str) or (isinstance(value, list) and not _has_fields(value)):
        return value
    raise PydanticKnownError("string_type")


class Items(Check):
    """The bounds of a list, and what no two elements share: everything, or some fields together."""

    __slots__ = ("keys", "max_length", "min_length", "unique")

    def __init__(
        self,
        *,
        min_length: int | None = None,
        max_length: int | None = None,
        unique: bool = False,
        keys: tuple[str, ...] = (),
    ) -> None:
        self.min_length = min_length
        self.max_length = max_length
        self.unique = unique
        self.keys = keys

    def check(self, value: Any) -> None:
        """Refuses a list that is out of bounds or repeats itself; says nothing of other values."""
        if not isinstance(value, list):
            return
        if self.min_length is not None and len(value) < self.min_length:
            raise PydanticKnownError("too_short", {"field_type": "List", "min_length": self.min_length, "actual_length": len(value)})
        if self.max_length is not None and len(value) > self.max_length:
            raise PydanticKnownError("too_long", {"field_type": "List", "max_length": max(self.max_length, 0), "actual_length": len(value)})
        if self.unique or self.keys:
            self._check_repetition(value)

    def _check_repetition(self, elements: Sequence[Any]) -> None:
        seen: set[Any] = set()
        for element in elements:
            shared = self._shared(element)
            key = canonical(shared)
            if key in seen:
                raise broken("repeated", f"the same element twice: {shared!r}")
            seen.add(key)

    def _shared(self, element: Any) -> Any:
        element = plain(element)
        if not self.keys:
            return element
        return {key: element[key] for key in self.keys if key in element} if isinstance(element, dict) else {}


class Entries(Check):
    """The number of an object's fields."""

    __slots__ = ("max_length", "min_length")

    def __init__(self, *, min_length: int | None = None, max_length: int | None = None) -> None:
        self.min_length = min_length
        self.max_length = max_length

    def check(self, value: Any) -> None:
        """Refuses an object with too few or too many fields, those with a default included."""
        entries = plain(value)
        if not isinstance(entries, dict):
            return
        count = len(entries)
        if self.min_length is not None and count < self.min_length:
            raise PydanticKnownError("too_short", {"field_type": "Object", "min_length": self.min_length, "actual_length": count})
        if self.max_length is not None and count > self.max_length:
            raise PydanticKnownError("too_long", {"field_type": "Object", "max_length": max(self.max_length, 0), "actual_length": count})


class Scale(Check):
    """The fields of the scale subresource (apiextensions-apiserver, pkg/registry/customresource/validator.go)."""

    __slots__ = ("numbers", "selector")

    def __init__(self, *numbers: str, selector: str = "") -> None:
        self.numbers = numbers
        self.selector = selector

    def faults(self, value: Any) -> list[Fault]:
        """What is no number of replicas, or no selector."""
        resource = plain(value)
        found: list[Fault] = []
        for path in self.numbers:
            place, replicas = _at(resource, path)
            is_number = type(replicas) is int and 0 <= replicas < 2**31
            if replicas is not _MISSING and not is_number:
                found.append(Fault(place, broken("scale", "must be an integer from 0 to 2147483647"), replicas))
        place, selector = _at(resource, self.selector)
        if self.selector and selector is not _MISSING and not isinstance(selector, str):
            found.append(Fault(place, broken("scale", "must be a text"), selector))
        return found


_MISSING = object()


def _at(value: Any, path: str) -> tuple[tuple[str, ...], Any]:
    """The place that a path leads to, and what is there."""
    steps = tuple(path.split("."))
    for step in steps:
        if not isinstance(value, dict) or step not in value:
            return steps, _MISSING
        value = value[step]
    return steps, value


class Choices(Check):
    """The permitted values, where they are not all texts."""

    __slots__ = ("choices",)

    def __init__(self, *choices: Any) -> None:
        self.choices = choices

    def check(self, value: Any) -> None:
        """Refuses what is none of the choices."""
        if value is not None and not is_choice(plain(value), self.choices):
            raise broken("enum", f"must be one of {list(self.choices)}")


def is_choice(value: Any, choices: Sequence[Any]) -> bool:
    """Whether a value equals a choice, or does so once it is converted to the choice's type as Go converts.

    kube-openapi, pkg/validation/validate/values.go: 1.5 is cut to the choice 1, and 97 is the choice "a".
    """
    if value is None:
        return False
    return any(_is_same(value, choice) for choice in choices)


def _is_same(value: Any, choice: Any) -> bool:
    is_value_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_value_number and isinstance(choice, str):
        return isinstance(value, int) and choice == (chr(value) if 0 <= value <= 0x10FFFF and not 0xD800 <= value <= 0xDFFF else "\ufffd")
    if not is_value_number or isinstance(choice, bool) or not isinstance(choice, (int, float)):
        return type(value) is type(choice) and canonical(value) == canonical(choice)
    return int(value) == choice if isinstance(choice, int) else float(value) == choice


# What a rule that meets a value which it cannot read ends in.
_NO_VALUE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class Rule(Check):
    """A CEL rule: a function that says whether it holds, and what to say if it does not."""

    __slots__ = ("_holds", "_message", "_place", "_text")

    def __init__(
        self,
        holds: Callable[[Any], bool],
        text: str,
        *,
        message: Callable[[Any], str | None] | None = None,
        place: tuple[str, ...] = (),
    ) -> None:
        self._holds = holds
        self._text = text
        self._message = message
        self._place = place

    def check(self, value: Any) -> None:
        """Refuses a value for which the rule does not hold, or ends in an error."""
        if value is None:
            return
        try:
            holds = self._holds(value)
        except _NO_VALUE as error:
            raise broken("rule", f"{error} evaluating rule: {self._text}") from None
        if not holds:
            raise broken("rule", self._said(value))

    def _said(self, value: Any) -> str:
        """What the expression of the message makes, unless that is nothing or several lines."""
        try:
            made = (self._message(value) or "").strip() if self._message else ""
        except _NO_VALUE:
            return self._text
        return made if made and "\n" not in made else self._text

    def faults(self, value: Any) -> list[Fault]:
        """What is wrong with the value, at the place that the rule names."""
        return [fault._replace(place=self._place) for fault in super().faults(value)]
