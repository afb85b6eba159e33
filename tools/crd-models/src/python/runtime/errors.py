"""How the models say what is wrong."""

from collections.abc import Iterable
from typing import Any, LiteralString, NamedTuple, cast

from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticKnownError, ValidationError


class Fault(NamedTuple):
    """What is wrong, and where below the value that is looked at."""

    place: tuple[str | int, ...]
    error: PydanticCustomError | PydanticKnownError
    value: Any


def broken(kind: str, message: str) -> PydanticCustomError:
    """An error of our own. Its message may hold braces."""
    template = cast("LiteralString", "{message}")
    return PydanticCustomError(cast("LiteralString", kind), template, {"message": message})


def refuse(title: str, faults: Iterable[Fault]) -> None:
    """Raises the faults at their places, if there are any; pydantic puts the value's own place in front."""
    details: list[InitErrorDetails] = []
    for fault in faults:
        error = fault.error
        kind = error if isinstance(error, PydanticCustomError) else error.type
        detail: InitErrorDetails = {"type": kind, "loc": fault.place, "input": fault.value}
        if isinstance(error, PydanticKnownError) and error.context:
            detail["ctx"] = error.context
        details.append(detail)
    if details:
        raise ValidationError.from_exception_data(title, details)
