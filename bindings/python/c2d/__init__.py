"""c2d: let others compute on data that never leaves its owner.

The package stands on the library's C interface (ctypes) and needs nothing beside Python itself.
Functions raise subclasses of `c2d.Error`.
"""

from . import errors
from .errors import (
    Cancelled, Conflict, Corrupt, DomainViolation, Error, Internal, InvalidArgument, IoFailure,
    LayerUnavailable, LimitReached, NotFound, PeerFailure, Refused, Timeout, Unavailable,
    Unsupported,
)
from . import mpc
from ._ffi import lib as _lib

__version__ = _lib.c2d_version().decode()

__all__ = [
    "mpc", "errors", "Error", "Cancelled", "Conflict", "Corrupt", "DomainViolation", "Internal",
    "InvalidArgument", "IoFailure", "LayerUnavailable", "LimitReached", "NotFound", "PeerFailure",
    "Refused", "Timeout", "Unavailable", "Unsupported",
]
