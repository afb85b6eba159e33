"""`semver`: versions as github.com/blang/semver/v4 reads them."""

import re
from dataclasses import dataclass
from typing import Any

_NUMBER = "(0|[1-9][0-9]*)"
_WORDS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-({_WORDS}))?(?:\+({_WORDS}))?")


@dataclass(frozen=True, eq=False)
class Semver:
    """A version; what is built from it does not count."""

    major: int
    minor: int
    patch: int
    pre: tuple[str, ...]
    type_name = "kubernetes.Semver"

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Semver) and compare(self, other) == 0

    def __hash__(self) -> int:
        return hash((self.major, self.minor, self.patch))


def semver(text: str, tolerant: bool = False) -> Semver | None:
    """A version; `tolerant` takes a `v` in front, leading zeros and missing parts."""
    if tolerant:
        completed = _completed(text)
        if completed is None:
            return None
        text = completed
    match = _VERSION.fullmatch(text)
    if match is None:
        return None
    numbers = [int(part) for part in match.group(1, 2, 3)]
    pre = tuple(match[4].split(".")) if match[4] else ()
    has_zeros = any(part.isdigit() and len(part) > 1 and part[0] == "0" for part in pre)
    sizes = numbers + [int(part) for part in pre if part.isdigit()]
    if has_zeros or any(size >= 2**64 for size in sizes):
        return None
    return Semver(numbers[0], numbers[1], numbers[2], pre)


def _completed(text: str) -> str | None:
    parts = text.removeprefix("v").split(".", 2)
    for index, part in enumerate(parts):
        if len(part) > 1:
            stripped = part.lstrip("0")
            parts[index] = stripped if stripped[:1].isdigit() and stripped[:1].isascii() else "0" + stripped
    if len(parts) < 3 and re.search("[+-]", parts[-1]):
        return None
    return ".".join([*parts, "0", "0"][:3])


def is_semver(text: str, tolerant: bool = False) -> bool:
    """Whether a text is a version."""
    return semver(text, tolerant) is not None


def compare(a: Semver, b: Semver) -> int:
    """-1, 0 or 1."""
    first, second = (a.major, a.minor, a.patch), (b.major, b.minor, b.patch)
    if first != second:
        return 1 if first > second else -1
    if not a.pre or not b.pre:
        return (not a.pre) - (not b.pre)
    for one, other in zip(a.pre, b.pre, strict=False):
        if one != other:
            return _compare_words(one, other)
    return (len(a.pre) > len(b.pre)) - (len(a.pre) < len(b.pre))


def _compare_words(a: str, b: str) -> int:
    """Numbers come before words."""
    if a.isdigit() and b.isdigit():
        return 1 if int(a) > int(b) else -1
    if a.isdigit() or b.isdigit():
        return -1 if a.isdigit() else 1
    return 1 if a > b else -1
