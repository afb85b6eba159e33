"""Differences between what we say about a type and what a judge says, and those that README.md accepts."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path


@dataclass(frozen=True)
class Difference:
    """Of one type: what differs, what the judge says, and what we say."""

    type: str
    what: str
    theirs: str
    ours: str

    def __str__(self) -> str:
        return f"{self.type} {self.what}: theirs {self.theirs}, ours {self.ours}"


@dataclass(frozen=True)
class Row:
    """A row of the table: patterns for each column, and why."""

    cells: tuple[str, str, str, str]
    why: str

    def accepts(self, difference: Difference) -> bool:
        values = (difference.type, difference.what, difference.theirs, difference.ours)
        return all(fnmatchcase(value, pattern) for value, pattern in zip(values, self.cells, strict=True))


def accepted(heading: str) -> list[Row]:
    """The rows of the table below a heading of README.md."""
    text = Path(__file__).with_name("README.md").read_text(encoding="utf-8")
    section = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    rows = []
    for line in lines:
        *cells, why = (cell.strip().strip("`") for cell in line.strip("|").split(" | "))
        assert len(cells) == 4, f"a row has five columns: {line}"
        rows.append(Row(tuple(cells), why.strip("` |")))
    return rows


def unexpected(differences: list[Difference], rows: list[Row]) -> list[str]:
    """The differences that no row accepts."""
    return [str(difference) for difference in differences if not any(row.accepts(difference) for row in rows)]


def idle(differences: list[Difference], rows: list[Row]) -> list[str]:
    """The rows that accept nothing."""
    return [" | ".join(row.cells) for row in rows if not any(row.accepts(difference) for difference in differences)]


def resolved(definitions: dict, schema: dict) -> dict:
    """What a schema refers to, if it is a reference."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def references(value: object) -> set[str]:
    """Every type that a schema refers to."""
    if isinstance(value, dict):
        found = {value["$ref"].rsplit("/", 1)[1]} if isinstance(value.get("$ref"), str) else set()
        return found.union(*(references(inner) for inner in value.values()))
    if isinstance(value, list):
        return set().union(*(references(inner) for inner in value))
    return set()
