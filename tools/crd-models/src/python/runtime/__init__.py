"""What the models share: base classes, and annotations that say what a schema says.

Import the models, not this.
"""

from .builders import Builder as Builder
from .builders import Context as Context
from .builders import ListBuilder as ListBuilder
from .builders import Nested as Nested
from .builders import NestedList as NestedList
from .checks import Choices as Choices
from .checks import Dropped as Dropped
from .checks import Entries as Entries
from .checks import Given as Given
from .checks import Items as Items
from .checks import Never as Never
from .checks import Nullable as Nullable
from .checks import Rule as Rule
from .checks import Scale as Scale
from .checks import Search as Search
from .checks import Text as Text
from .checks import Unknown as Unknown
from .conditions import AllOf as AllOf
from .conditions import AnyOf as AnyOf
from .conditions import FieldNames as FieldNames
from .conditions import Not as Not
from .conditions import OneOf as OneOf
from .conditions import Part as Part
from .fields import Name as Name
from .metadata import Embedded as Embedded
from .metadata import Names as Names
from .model import BuiltInResource as BuiltInResource
from .model import Closed as Closed
from .model import ClosedResource as ClosedResource
from .model import Open as Open
from .model import OpenResource as OpenResource
from .model import default as default
from .numeric import Number as Number
