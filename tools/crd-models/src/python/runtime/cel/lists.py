"""Functions on lists: cel-go's, and Kubernetes' own."""

# What a resource holds may be of any shape.
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from typing import Any

from .values import Duration, UInt, equal, int64, type_of, uint64


def distinct(elements: list[Any]) -> list[Any]:
    """Every element once."""
    found: list[Any] = []
    for element in elements:
        if not any(equal(element, other) for other in found):
            found.append(element)
    return found


def flatten(elements: list[Any], depth: int = 1) -> list[Any] | None:
    """With the elements of lists in the place of the lists, so many levels deep."""
    if depth < 0:
        return None
    found: list[Any] = []
    for element in elements:
        if isinstance(element, list) and depth > 0:
            found.extend(flatten(element, depth - 1) or [])
        else:
            found.append(element)
    return found


def sliced(elements: list[Any], start: int, end: int) -> list[Any] | None:
    """The elements from one place up to another."""
    return elements[start:end] if 0 <= start <= end <= len(elements) else None


def numbers(count: int) -> list[int] | None:
    """`lists.range`."""
    return list(range(count)) if count >= 0 else None


def sorted_by(elements: list[Any], keys: list[Any]) -> list[Any] | None:
    """The elements in the order of their keys, which have one type."""
    if len({type_of(key) for key in keys}) > 1 or not all(isinstance(key, (int, float, str, bytes)) for key in keys):
        return None
    order = sorted(range(len(elements)), key=keys.__getitem__)
    return [elements[index] for index in order]


def in_order(elements: list[Any]) -> list[Any] | None:
    """The elements from the smallest on."""
    return sorted_by(elements, elements)


def is_sorted(elements: list[Any]) -> bool:
    """Whether no element is greater than the next."""
    return all(not (first > second) for first, second in zip(elements, elements[1:], strict=False))


def total(elements: list[Any], zero: Any) -> Any:
    """The sum; None if it overflows on the way."""
    found = zero
    for element in elements:
        found += element
        if isinstance(found, int) and not (uint64(found) if isinstance(zero, UInt) else int64(found)):
            return None
    return type(zero)(found) if isinstance(zero, (UInt, Duration)) else found


def least(elements: list[Any]) -> Any:
    """The smallest element; None if there is none."""
    return min(elements, default=None)


def greatest(elements: list[Any]) -> Any:
    """The greatest element; None if there is none."""
    return max(elements, default=None)


def index_of(elements: list[Any], element: Any) -> int:
    """Where an element stands first; -1 if nowhere."""
    return next((index for index, other in enumerate(elements) if equal(other, element)), -1)


def last_index_of(elements: list[Any], element: Any) -> int:
    """Where an element stands last; -1 if nowhere."""
    return next((index for index in reversed(range(len(elements))) if equal(elements[index], element)), -1)


def set_contains(whole: list[Any], part: list[Any]) -> bool:
    """`sets.contains`."""
    return all(any(equal(element, other) for other in whole) for element in part)


def set_equivalent(a: list[Any], b: list[Any]) -> bool:
    """`sets.equivalent`."""
    return set_contains(a, b) and set_contains(b, a)


def set_intersects(a: list[Any], b: list[Any]) -> bool:
    """`sets.intersects`."""
    return any(equal(element, other) for element in a for other in b)
