"""The base classes of the models."""

from typing import TYPE_CHECKING, Any, ClassVar

from cloudcoil.pydantic import BaseModel
from cloudcoil.resources import Resource
from pydantic import VERSION, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

from .builders import Builds
from .checks import Check, Nullable
from .metadata import Names
from .schema import around_own, of_model

if TYPE_CHECKING or VERSION.startswith(("2.11.", "2.12.", "2.13.", "2.14.")):
    from .late import Late
else:
    # How another pydantic makes classes is not known: it looks at each at once.
    Late = type(BaseModel)

_CLOSED = ConfigDict(extra="forbid", defer_build=True, protected_namespaces=(), populate_by_name=False)
_OPEN = ConfigDict(extra="allow", defer_build=True, protected_namespaces=(), populate_by_name=False)


class Checked(Builds, BaseModel):
    """A model for which the checks of its class hold, also after a field is set."""

    model_config = _CLOSED

    __checks__: ClassVar[tuple[Check, ...]] = ()

    def __init__(self, /, **fields: Any) -> None:
        """Takes the fields by their names in Python or in the API; what is read from elsewhere has the API's names only."""
        self.__pydantic_validator__.validate_python(fields, self_instance=self, by_alias=True, by_name=True)

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        field = type(self).model_fields.get(name) if value is None else None
        if field is not None and not any(isinstance(marker, Nullable) for marker in field.metadata):
            self.model_fields_set.discard(name)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return around_own(cls, cls.__checks__, source, handler) if _has_validators(cls) else cls.__checked_schema__()

    @classmethod
    def __checked_schema__(cls) -> CoreSchema:
        return of_model(cls, cls.__checks__)


def _has_validators(model: type[BaseModel]) -> bool:
    """Whether a subclass of a user has validators or serializers, which only pydantic itself knows how to apply."""
    decorators = model.__pydantic_decorators__
    return any(
        (
            decorators.validators,
            decorators.field_validators,
            decorators.root_validators,
            decorators.field_serializers,
            decorators.model_serializers,
            decorators.model_validators,
            decorators.computed_fields,
        )
    )


class Closed(Checked, metaclass=Late):
    """An object with no fields but its own."""

    __late__ = True

    model_config = _CLOSED


class Open(Checked, metaclass=Late):
    """An object that keeps unknown fields."""

    __late__ = True

    model_config = _OPEN


class ClosedResource(Checked, Resource):
    """A resource with no fields but its own."""

    model_config = _CLOSED

    __checks__ = (Names(),)


class OpenResource(Checked, Resource):
    """A resource that keeps unknown fields."""

    model_config = _OPEN

    __checks__ = (Names(),)


class BuiltInResource(Checked, Resource):
    """A resource of one of Kubernetes' own kinds, each of which has rules of its own for its name."""

    model_config = _CLOSED


def default(value: Any) -> Any:
    """What the server fills in, as JSON has it; a type checker takes it for the field's type."""
    return value
