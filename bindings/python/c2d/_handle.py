"""The base of every class that owns an object of the library."""

from __future__ import annotations

from . import _ffi
from .errors import InvalidArgument

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar
    T = TypeVar("T", bound="Handle")


class Handle:
    """Owns one C object: closes once, works in `with`, and says so when used after close.

    Subclasses set `_destroy`, the name of the C function that ends it. Not thread-safe unless the
    subclass says so.
    """

    _destroy = ""

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        # Kept here because module globals may be gone when the interpreter ends.
        self._free = getattr(_ffi.lib, self._destroy)

    @property
    def raw(self) -> int:
        """The C pointer. View into self."""
        if self._raw is None:
            raise InvalidArgument("this %s is closed" % type(self).__name__)
        return self._raw

    @property
    def closed(self) -> bool:
        """True once it was closed."""
        return self._raw is None

    def close(self) -> None:
        """Ends the object; again is fine."""
        raw, self._raw = getattr(self, "_raw", None), None
        if raw is not None:
            self._free(raw)

    def __enter__(self: T) -> T:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self):
        self.close()
