"""The base of every class that owns an object of the library."""

from __future__ import annotations

from . import _ffi
from .errors import InvalidArgument

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Tuple, TypeVar

    T = TypeVar("T", bound="Handle")


class Handle(_ffi.Held):
    """Owns one C object: closes once, works in `with`, and says so when used after close.

    Made by the library alone: `_own` in class methods, `_take` in constructors. Closing is allowed on any thread and
    at any time: calls that are under way end on the object first. Subclasses set `_destroy`, the name of the C
    function that ends it, `_waits` when that function waits for threads, and `_made_by`, which says how to get one.
    Calls are thread-safe unless the subclass says otherwise.
    """

    _destroy = ""
    _waits = False
    _made_by = ""
    _object: Any = None
    _made = False
    _keep: Tuple[Any, ...] = ()

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError("a %s comes from %s" % (type(self).__name__, self._made_by))

    @classmethod
    def _own(cls, raw: Any, *keep: Any) -> Any:
        handle = cls.__new__(cls)
        handle._take(raw, *keep)
        return handle

    def _take(self, raw: Any, *keep: Any) -> None:
        """Owns `raw` from now on, and keeps what it needs; no handle takes twice."""
        owner = _ffi.Object(raw, getattr(_ffi.lib, self._destroy), self._waits, keep)
        if self._made:
            raise TypeError("this %s was made already" % type(self).__name__)
        self._made, self._keep, self._object = True, keep, owner

    def _hold(self, held: Any) -> int:
        owner = self._object
        if owner is None:
            raise InvalidArgument("this %s is closed" % type(self).__name__)
        held.append(owner)
        return owner.value

    @property
    def raw(self) -> int:
        """The C pointer, for calls of one's own into the library. View into self: valid until close."""
        return self._hold([])

    @property
    def closed(self) -> bool:
        """True once it was closed."""
        return self._object is None

    def close(self) -> None:
        """Ends the object, at the latest when the calls that are under way return; again is fine."""
        self._object = None

    def __enter__(self: T) -> T:
        self._hold([])
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __reduce_ex__(self, *_: Any) -> NoReturn:
        raise TypeError("a %s cannot be copied or pickled: it owns an object of the library" % type(self).__name__)
