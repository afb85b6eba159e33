"""Modules whose parts are loaded when they are asked for."""

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

Get = Callable[[str], Any]


def parts(package: str, *names: str) -> Get:
    """What finds the modules of a package, and the function get_model of the root."""

    def get(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if name == "get_model":
            return importlib.import_module("._lookup", package).get_model
        return importlib.import_module(f".{name}", package)

    return get


def classes(module: str, package: str, kinds: Mapping[str, str]) -> tuple[Get, Callable[[], list[str]]]:
    """What finds and lists the classes of a module, by the module of their kind in a package beside it."""
    homes = {name: home for home, names in kinds.items() for name in names.split()}

    def get(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        found = getattr(importlib.import_module(f".{package}.{home}", module.rpartition(".")[0]), name)
        # The next time nobody has to look for it.
        setattr(sys.modules[module], name, found)
        return found

    def names() -> list[str]:
        return sorted({*homes, *vars(sys.modules[module])})

    return get, names
