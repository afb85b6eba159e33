"""CEL as the API server evaluates it, for the rules of the models.

Where CEL has an error, a function gives None; a rule asks for it first.
"""

from .conversions import to_bool as to_bool
from .conversions import to_bytes as to_bytes
from .conversions import to_double as to_double
from .conversions import to_duration as to_duration
from .conversions import to_int as to_int
from .conversions import to_string as to_string
from .conversions import to_timestamp as to_timestamp
from .conversions import to_uint as to_uint
from .values import Duration as Duration
from .values import Timestamp as Timestamp
from .values import Type as Type
from .values import UInt as UInt
