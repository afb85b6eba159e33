"""Classes that pydantic looks at when it is asked for something of them.

It looks long at every class that is made: at annotations, at what is inherited, at what could be a validator. A kind has
dozens of classes that are only parts of its resources, and a resource is validated and dumped by its own schema, which
takes no more than the annotations. So pydantic's part waits until somebody wants it: its own code runs then, on the class
that is there.
"""

# How pydantic makes classes is known here, and nowhere else.
# pyright: reportPrivateUsage=false, reportUnknownMemberType=false

from abc import ABCMeta
from threading import RLock
from typing import Any, cast

from pydantic._internal._model_construction import ModelMetaclass, build_lenient_weakvaluedict
from pydantic._internal._typing_extra import parent_frame_namespace

from .fields import BODY, name_fields

_ANEW = "__pydantic_reset_parent_namespace__"
_AS_IT_IS: dict[str, Any] = {_ANEW: False}
_COMPLETE = "__pydantic_complete__"
_LOCK = RLock()
_MISSING = object()


class _Body(dict[str, Any]):
    """The body of a class that is there."""

    made: "type[Any] | None" = None


class _There(ABCMeta):
    """Where pydantic makes a class: gives it the one that is there."""

    def __new__(cls, name: str, bases: tuple[type[Any], ...], body: dict[str, Any], /, **options: Any) -> Any:
        made = body.made if isinstance(body, _Body) else None
        if made is None:
            return super().__new__(cls, name, bases, body, **options)
        for key, value in body.items():
            if made.__dict__.get(key, _MISSING) is not value:
                setattr(made, key, value)
        return made


class Late(ModelMetaclass, _There):
    """Makes classes that pydantic looks at later, if their only base says so with `__late__`."""

    def __new__(cls, name: str, bases: tuple[type[Any], ...], body: dict[str, Any], /, **options: Any) -> Any:
        if options or not _are_late(bases):
            for base in bases:
                _finish(base)
            if _ANEW not in options:
                # pydantic would look for names in this function, not in the one that has the class.
                body["__pydantic_parent_namespace__"] = build_lenient_weakvaluedict(parent_frame_namespace())
                options[_ANEW] = False
            return super().__new__(cls, name, bases, body, **options)
        kept = _Body(body)
        shown = {key: value for key, value in body.items() if key.startswith("__")}
        made = ABCMeta.__new__(cls, name, bases, {**shown, **_waiting(bases[0]), BODY: kept})
        kept.made = made
        return made

    @classmethod
    def __prepare__(cls, name: str, bases: tuple[type[Any], ...], /, **options: Any) -> Any:
        """pydantic's own looks for validators, which such classes have not."""
        return {} if _are_late(bases) else super().__prepare__(name, bases, **options)


def _are_late(bases: tuple[type[Any], ...]) -> bool:
    return len(bases) == 1 and "__late__" in bases[0].__dict__


class _Waiting(dict[str, Any]):
    """What pydantic will say of a class, once it is asked. Until then it finds no fields here, where it looks for those of the class."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def __get__(self, _instance: Any, owner: Any) -> Any:
        made: Any = next(found for found in owner.__mro__ if self._name in found.__dict__)
        with _LOCK:
            if made.__dict__.get(self._name) is self:
                if BODY not in made.__dict__:
                    # pydantic itself asks while it looks.
                    return getattr(cast("Any", super(made, made)), self._name)
                _finish(made)
        return getattr(owner, self._name)


_WAITING: dict[type[Any], dict[str, Any]] = {}


def _waiting(base: type[Any]) -> dict[str, Any]:
    """Whatever pydantic says of the base, it will have to say of the class."""
    found = _WAITING.get(base)
    if found is None:
        names = [name for name in vars(base) if name.startswith("__pydantic_")]
        found = _WAITING[base] = {name: _Waiting(name) for name in names} | {_COMPLETE: False}
    return found


def _finish(model: type[Any]) -> None:
    """Lets pydantic look at a class, if it has not."""
    with _LOCK:
        body = model.__dict__.get(BODY)
        if body is None:
            return
        delattr(model, BODY)
        try:
            ModelMetaclass.__new__(type(model), model.__name__, model.__bases__, body, **_AS_IT_IS)
        except Exception:
            setattr(model, BODY, body)
            raise
        for name, value in list(vars(model).items()):
            if isinstance(value, _Waiting):
                delattr(model, name)
        name_fields(model)
