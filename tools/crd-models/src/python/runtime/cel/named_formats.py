"""`format.dns1123Label()` and the other named formats (apiserver, pkg/cel/library/format.go)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from .. import metadata_rules as rules
from ..checks import has_format

_DNS1035 = re.compile("[a-z](?:[-a-z0-9]*[a-z0-9])?")


@dataclass(frozen=True)
class NamedFormat:
    """A format by its name."""

    name: str
    type_name: ClassVar[str] = "kubernetes.NamedFormat"


def _dns1035(text: str) -> str:
    if len(text.encode()) > 63:
        return "must have no more than 63 bytes"
    return "" if _DNS1035.fullmatch(text) else "must be an RFC 1035 label: a small letter, then small letters, digits and '-'"


def _checked(name: str) -> Callable[[str], str]:
    return lambda text: "" if has_format(name, text) else f"must be of the format {name}"


_PROBLEM: dict[str, Callable[[str], str]] = {
    "byte": _checked("byte"),
    "date": _checked("date"),
    "datetime": _checked("datetime"),
    "dns1035Label": _dns1035,
    "dns1035LabelPrefix": lambda text: _dns1035(rules.masked(text)),
    "dns1123Label": rules.label_problem,
    "dns1123LabelPrefix": lambda text: rules.label_problem(rules.masked(text)),
    "dns1123Subdomain": rules.subdomain_problem,
    "dns1123SubdomainPrefix": lambda text: rules.subdomain_problem(rules.masked(text)),
    "labelValue": rules.label_value_problem,
    "qualifiedName": rules.qualified_name_problem,
    "uri": _checked("uri"),
    "uuid": _checked("uuid"),
}


def named(name: str) -> NamedFormat | None:
    """A format by its name; None if there is none of that name."""
    return NamedFormat(name) if name in _PROBLEM else None


def problems(found: NamedFormat, text: str) -> list[str] | None:
    """What is wrong with a text; None if nothing is."""
    problem = _PROBLEM[found.name](text)
    return [problem] if problem else None
