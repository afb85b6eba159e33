"""allOf, anyOf, oneOf and not, judged on values as the API sees them (kube-openapi, pkg/validation/validate)."""

# What a resource holds may be of any shape.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import PydanticCustomError, PydanticKnownError

from .checks import Check, has_format, is_choice
from .errors import broken
from .numeric import is_integer, is_number
from .plain import plain

_TYPES: dict[str, Callable[[Any], bool]] = {
    "array": lambda value: isinstance(value, list),
    "boolean": lambda value: isinstance(value, bool),
    "integer": is_integer,
    "number": is_number,
    "object": lambda value: isinstance(value, dict),
    "string": lambda value: isinstance(value, str),
}


class Part:
    """A schema that bounds a value; what it says of another type than the value's says nothing."""

    __slots__ = ("checks", "choices", "entries", "fields", "format", "items", "nullable", "required", "type")

    def __init__(
        self,
        *checks: Check,
        type: str = "",
        nullable: bool = False,
        choices: tuple[Any, ...] | None = None,
        format: str = "",
        required: tuple[str, ...] = (),
        fields: Mapping[str, "Part"] | None = None,
        entries: "Part | None" = None,
        items: "Part | None" = None,
    ) -> None:
        self.checks = checks
        self.type = type
        self.nullable = nullable
        self.choices = choices
        self.format = format
        self.required = required
        self.fields = fields or {}
        self.entries = entries
        self.items = items

    def holds(self, value: Any) -> bool:
        """Whether the value satisfies all of it."""
        if self.choices is not None and not is_choice(value, self.choices):
            return False
        if value is None:
            return not self.type or self.nullable
        return self._has_type(value) and self._has_format(value) and self._is_in_bounds(value) and self._holds_below(value)

    def _has_type(self, value: Any) -> bool:
        if self.type == "integer" and isinstance(value, float) and not value.is_integer():
            return False
        return not self.type or _TYPES[self.type](value) or self._is_formatted_list(value)

    def _is_formatted_list(self, value: Any) -> bool:
        """The server asks no list for its type where a text's format is given."""
        return isinstance(value, list) and bool(self.format) and self.type == "string"

    def _has_format(self, value: Any) -> bool:
        if not self.format:
            return True
        if isinstance(value, str):
            return has_format(self.format, value)
        return isinstance(value, list) or bool(self.type)

    def _is_in_bounds(self, value: Any) -> bool:
        try:
            for check in self.checks:
                check.check(value)
        except (PydanticCustomError, PydanticKnownError):
            return False
        return True

    def _holds_below(self, value: Any) -> bool:
        if isinstance(value, list):
            return self.items is None or all(self.items.holds(element) for element in value)
        if not isinstance(value, dict):
            return True
        if any(name not in value for name in self.required):
            return False
        for name, entry in value.items():
            part = self.fields.get(name, self.entries)
            if part is not None and not part.holds(entry):
                return False
        return True


class AllOf(Check):
    """Every part holds."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Part) -> None:
        self.parts = parts

    def check(self, value: Any) -> None:
        """Refuses a value that breaks a part."""
        seen = plain(value)
        if seen is not None and not all(part.holds(seen) for part in self.parts):
            raise broken("all_of", "must satisfy every schema of allOf")


class AnyOf(Check):
    """At least one part holds."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Part) -> None:
        self.parts = parts

    def check(self, value: Any) -> None:
        """Refuses a value that satisfies no part."""
        seen = plain(value)
        if seen is not None and not any(part.holds(seen) for part in self.parts):
            raise broken("any_of", "must satisfy at least one schema of anyOf")


class OneOf(Check):
    """Exactly one part holds."""

    __slots__ = ("parts",)

    def __init__(self, *parts: Part) -> None:
        self.parts = parts

    def check(self, value: Any) -> None:
        """Refuses a value that satisfies no part, or several."""
        seen = plain(value)
        if seen is None:
            return
        count = sum(part.holds(seen) for part in self.parts)
        if count != 1:
            raise broken("one_of", f"must satisfy exactly one schema of oneOf, satisfies {count}")


class Not(Check):
    """The part does not hold."""

    __slots__ = ("part",)

    def __init__(self, part: Part) -> None:
        self.part = part

    def check(self, value: Any) -> None:
        """Refuses a value that satisfies the part."""
        seen = plain(value)
        if seen is not None and self.part.holds(seen):
            raise broken("not", "must not satisfy the schema of not")
