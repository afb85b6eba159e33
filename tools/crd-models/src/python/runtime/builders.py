"""Builders as cloudcoil has them, made of a model's fields when they are asked for.

They come in three forms: `Model.builder().field(value).build()`, `with
Model.new() as builder:`, and `Model.list_builder().add(...).build()`.
"""

# What is private here is so because fields give a builder its other names; fields may be of any type.
# pyright: reportPrivateUsage=false, reportUnknownLambdaType=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Callable
from functools import cache
from types import NoneType, TracebackType
from typing import Annotated, Any, Generic, Protocol, Self, TypeVar, get_args, get_origin, overload

from pydantic import BaseModel


class Buildable(Protocol):
    """A builder, of ours or of cloudcoil."""

    def build(self) -> Any:
        """The model, validated."""
        ...


M = TypeVar("M")
B = TypeVar("B", bound=Buildable)
V = TypeVar("V", contravariant=True)
R = TypeVar("R", covariant=True)


class Builder(Generic[M]):
    """Collects the fields of a model; a subclass has one method a field."""

    _model: Callable[..., M]

    def __init__(self) -> None:
        self._attrs: dict[str, Any] = {}
        self._in_context = False

    def build(self) -> M:
        """The model, validated."""
        return self._model(**self._attrs)

    def _set(self, field: str, value: Any) -> Self:
        """Inside `with` the builder itself changes, elsewhere a copy does."""
        if self._in_context:
            self._attrs[field] = value
            return self
        changed = type(self)()
        changed._attrs = self._attrs | {field: value}
        return changed


class Context(Generic[B]):
    """A builder to fill inside `with`; what it builds goes to the builder that it belongs to."""

    def __init__(self, builder: type[B], parent: "Builder[Any] | None" = None, field: str = "") -> None:
        self._builder = builder()
        self._builder.__dict__["_in_context"] = True
        self._parent_builder = parent
        self._field_name = field

    def __enter__(self) -> B:
        return self._builder

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._parent_builder is not None and error is None:
            self._parent_builder._set(self._field_name, self._builder.build())


class ListBuilder(Generic[M, B]):
    """Collects models."""

    def __init__(self, model: type[M], builder: type[B], models: tuple[M, ...] = ()) -> None:
        self._element = model
        self._builder = builder
        self._models = models

    def add(self, value_or_callback: Callable[[B], B | M] | M, /) -> "ListBuilder[M, B]":
        """A list with one model more: the model, or what a function makes of a builder."""
        value = _called(value_or_callback, self._builder)
        return ListBuilder(self._element, self._builder, (*self._models, value))

    def build(self) -> list[M]:
        """The models."""
        return list(self._models)


class ListContext(Generic[B]):
    """A list of builders to fill inside `with`."""

    def __init__(self, builder: type[B], parent: "Builder[Any]", field: str) -> None:
        self._builder = builder
        self._parent_builder = parent
        self._field_name = field
        self._builders: list[B] = []

    def __enter__(self) -> "ListContext[B]":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            self._parent_builder._set(self._field_name, [builder.build() for builder in self._builders])

    def add(self) -> Context[B]:
        """One builder more."""
        context = Context(self._builder)
        self._builders.append(context._builder)
        return context


class Nested(Protocol[V, B, R]):
    """The method that sets a field which is a model."""

    @overload
    def __call__(self, value_or_callback: V | None, /) -> R: ...
    @overload
    def __call__(self, value_or_callback: Callable[[B], Any], /) -> R: ...
    @overload
    def __call__(self) -> Context[B]: ...


class NestedList(Protocol[M, B, R]):
    """The method that sets a field which is a list of models."""

    @overload
    def __call__(self, value_or_callback: list[M] | None, /) -> R: ...
    @overload
    def __call__(self, value_or_callback: Callable[[ListBuilder[M, B]], ListBuilder[M, B] | list[M]], /) -> R: ...
    @overload
    def __call__(self) -> ListContext[B]: ...


class _Made:
    """An attribute of a class that is made of it when it is asked for."""

    def __init__(self, make: Callable[[Any], Any]) -> None:
        self._make = make

    def __get__(self, _instance: Any, owner: Any) -> Any:
        return self._make(owner)


@cache
def _builder_class(model: type[BaseModel]) -> type[Builder[Any]]:
    members: dict[str, Any] = {"__module__": model.__module__, "__qualname__": f"{model.__qualname__}.Builder", "_model": model}
    for name, field in model.model_fields.items():
        members["build_" if name == "build" else name] = _method(name, field.annotation)
    members.setdefault("cls", property(lambda builder: builder._model))
    return type("Builder", (Builder,), members)


@cache
def _context_class(model: type[BaseModel]) -> type[Context[Any]]:
    def begin(context: Any) -> None:
        Context.__init__(context, _builder_class(model))

    members = {"__module__": model.__module__, "__qualname__": f"{model.__qualname__}.BuilderContext", "__init__": begin}
    return type("BuilderContext", (Context,), members)


@cache
def _list_builder_class(model: type[BaseModel]) -> type[ListBuilder[Any, Any]]:
    def begin(builder: Any) -> None:
        ListBuilder.__init__(builder, model, _builder_class(model))

    members = {"__module__": model.__module__, "__qualname__": f"{model.__qualname__}.ListBuilder", "__init__": begin}
    return type("ListBuilder", (ListBuilder,), members)


class Builds:
    """What a model offers of builders; the stubs of the models have the types."""

    Builder = _Made(_builder_class)
    BuilderContext = _Made(_context_class)
    ListBuilder = _Made(_list_builder_class)

    @classmethod
    def builder(cls) -> Any:
        """A builder, each of whose methods sets a field."""
        return cls.Builder()

    @classmethod
    def new(cls) -> Any:
        """A builder to fill inside `with`."""
        return cls.BuilderContext()

    @classmethod
    def list_builder(cls) -> Any:
        """A builder of a list."""
        return cls.ListBuilder()


def _method(name: str, annotation: Any) -> Callable[..., Any]:
    """The method that sets a field."""
    model, is_list = _model_of(annotation)
    if model is None:
        return lambda builder, value, /: builder._set(name, value)

    def method(builder: Any, value_or_callback: Any = None, /) -> Any:
        if builder._in_context and value_or_callback is None:
            return _nested(model, is_list, builder, name)
        value = value_or_callback
        if callable(value):
            value = value(model.list_builder() if is_list else model.builder())
            value = _built(value, (model, list))
        return builder._set(name, value)

    return method


def _nested(model: Any, is_list: bool, builder: Any, name: str) -> Any:
    if is_list:
        return ListContext(model.Builder, builder, name)
    if isinstance(model, type) and issubclass(model, Builds):
        return Context(model.Builder, builder, name)
    # A model of cloudcoil's own.
    context: Any = model.BuilderContext()
    context._parent_builder, context._field_name = builder, name
    return context


def _model_of(annotation: Any) -> tuple[Any, bool]:
    """The model whose builder a field takes, and whether it takes a list of them."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    members = [member for member in get_args(annotation) if member is not NoneType] or [annotation]
    is_list = get_origin(annotation) is list
    for member in members:
        if get_origin(member) is list:
            found, _ = _model_of(get_args(member)[0])
            return found, found is not None
        if isinstance(member, type) and hasattr(member, "builder"):
            return member, is_list
    return None, False


def _called(value_or_callback: Any, builder: type[Any]) -> Any:
    if not callable(value_or_callback):
        return value_or_callback
    return _built(value_or_callback(builder()), (BaseModel,))


def _built(value: Any, models: tuple[type[Any], ...]) -> Any:
    """What a callback gave, a builder or already what it builds."""
    return value if issubclass(type(value), models) else value.build()
